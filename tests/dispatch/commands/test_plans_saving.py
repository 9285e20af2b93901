"""Drafts: what a search found comes back as it was, with what changed while it went on."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from dispatch.commands.by_hand import Assign, Unassign
from dispatch.commands.pinning import pin, unpin
from dispatch.commands.plan_errors import UnknownVersionError
from dispatch.commands.plan_merging import MergeKind
from dispatch.commands.publishing import publish
from dispatch.commands.saving import save_draft
from dispatch.commands.versions import (
    DROPPED,
    NEW,
    Version,
    list_versions,
    load_version,
    named_version,
    not_forced,
    version_to_change,
)
from dispatch.domain.work import Pin
from dispatch.placing import PlacingError, servers
from dispatch.store.checking import check
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_people import ShiftPatternRow
from dispatch.store.rows_work import VisitRow, WorkOrderRow
from tests.dispatch.commands.planned import (
    BY,
    NOW,
    begun,
    changed,
    fill,
    later,
    loaded,
    organisation,
    plan_of_sample,
    published,
    saved,
)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    fill(database)
    return database


def _pin(database: Database, wanted: Pin, minutes: int = 1) -> None:
    in_writing(database, lambda s: pin(s, wanted, BY, later(minutes), "because"))


def _others(version: Version, visit_id: str) -> list[str]:
    """Technicians who could do a planned visit without breaking a rule by themselves."""
    mine = servers(version.judged.plan, visit_id)
    return [t.id for t in version.judged.snapshot.technicians if t.id not in mine]


def _single(version: Version) -> list[str]:
    """Planned visits of one technician each, that no pin holds."""
    pinned = version.judged.snapshot.pin
    served = version.judged.served
    return sorted(v for v, crew in served.items() if len(crew) == 1 and v not in pinned)


def _free_move(database: Database, number: int) -> tuple[str, str]:
    """A visit and another technician who can have it with no new violation."""
    from_version = loaded(database, number)
    for visit_id in _single(from_version):
        for technician_id in _others(from_version, visit_id):
            wish = Assign(visit_id, (technician_id,))
            if not wish.proposal(from_version).effect.broken:
                return visit_id, technician_id
    raise AssertionError("no visit can go to anybody else")


def test_a_draft_comes_back_as_it_was_found(filled: Database) -> None:
    draft = saved(filled)
    version = loaded(filled, draft.version)
    assert version.judged.plan == plan_of_sample()
    assert version.judged.verdict.violations == ()
    assert version.judged.verdict.cost.total_fen == draft.cost_fen
    assert (version.base, draft.merged, version.forced) == (None, (), ())


def test_a_draft_sent_twice_is_saved_once(filled: Database) -> None:
    baseline = begun(filled)

    def command(session: Session) -> object:
        return save_draft(session, baseline, plan_of_sample(), BY, NOW, key="run 1")

    assert in_writing(filled, command) == in_writing(filled, command)
    with filled.reading() as session:
        assert len(list_versions(session)) == 1


def test_versions_have_names(filled: Database) -> None:
    first, second = saved(filled).version, saved(filled).version
    published(filled, first)
    with filled.reading() as session:
        assert named_version(session, "published") == first
        assert named_version(session, "draft") == second
        assert named_version(session, str(first)) == first
        for unknown in ("17", "nonsense", "9" * 20):
            with pytest.raises(UnknownVersionError):
                named_version(session, unknown)
        with pytest.raises(UnknownVersionError):
            load_version(session, 17)


def test_a_list_of_versions_is_paged(filled: Database) -> None:
    numbers = [saved(filled).version for _ in range(3)]
    with filled.reading() as session:
        assert [v.number for v in list_versions(session)] == numbers[::-1]
        assert [v.number for v in list_versions(session, before=numbers[1])] == numbers[:1]


def test_what_is_over_and_what_is_new_is_reported(filled: Database) -> None:
    baseline = begun(filled)
    gone = _single(loaded(filled, saved(filled).version))[0]
    order = next(v.work_order_id for v in organisation().visits if v.id == gone)
    with filled.writing() as session:
        over = update(VisitRow).where(VisitRow.id == gone).values(ended_at=NOW)
        session.execute(over)
        session.execute(update(WorkOrderRow).where(WorkOrderRow.id == order).values(closed_at=NOW))
    new = "V-new"
    with filled.writing() as session:
        known = session.get(VisitRow, _single(loaded(filled, 1))[1])
        assert known is not None
        names = ("work_order_id", "duration_s", "release_at", "run_in_s", "crew_size", "stops")
        session.add(VisitRow(id=new, **{name: getattr(known, name) for name in names}))
    draft = saved(filled, baseline)
    version = loaded(filled, draft.version)
    assert gone not in version.judged.served
    assert [u.code for u in version.judged.plan.unassigned if u.visit_id == new] == [NEW]
    told = {(m.kind, m.visit_id) for m in draft.merged}
    assert {(MergeKind.OVER, gone), (MergeKind.NEW, new)} <= told
    assert draft.conflicts == ()


def test_a_pin_set_while_the_search_went_on_is_followed(filled: Database) -> None:
    visit_id, technician_id = _free_move(filled, saved(filled).version)
    baseline = begun(filled)
    _pin(filled, Pin(visit_id, technician_id))
    draft = saved(filled, baseline)
    version = loaded(filled, draft.version)
    assert servers(version.judged.plan, visit_id) == (technician_id,)
    assert version.judged.verdict.violations == ()
    assert [(m.kind, m.visit_id, m.fits) for m in draft.merged] == [(MergeKind.PIN, visit_id, True)]


def test_a_pin_that_cannot_be_followed_is_a_conflict_and_stays(filled: Database) -> None:
    baseline = begun(filled)
    version = loaded(filled, saved(filled).version)
    visit_id, technician_id = next(
        (visit_id, technician_id)
        for visit_id in _single(version)
        for technician_id in _others(version, visit_id)
        if Assign(visit_id, (technician_id,)).proposal(version).effect.broken
    )
    _pin(filled, Pin(visit_id, technician_id))
    draft = saved(filled, baseline)
    assert (MergeKind.PIN, visit_id) in {(m.kind, m.visit_id) for m in draft.conflicts}
    found = loaded(filled, draft.version).judged
    assert "pinned" in {v.code for v in found.verdict.violations if v.visit_id == visit_id}
    assert found.snapshot.pin[visit_id].technician_id == technician_id


def test_a_change_by_hand_made_meanwhile_is_done_to_the_new_plan(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    visit_id, technician_id = _free_move(filled, first)
    out = next(v for v in _single(loaded(filled, first)) if v != visit_id)
    baseline = begun(filled, later(3))
    moved = changed(filled, first, Assign(visit_id, (technician_id,)))
    changed(filled, moved.version, Unassign(out))
    draft = saved(filled, baseline, minutes=5)
    version = loaded(filled, draft.version)
    assert servers(version.judged.plan, visit_id) == (technician_id,)
    assert out not in version.judged.served
    assert version.judged.verdict.violations == ()
    assert {m.visit_id for m in draft.merged if m.kind is MergeKind.BY_HAND} == {visit_id, out}


def test_a_plan_follows_what_was_published_by_hand_meanwhile(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    baseline = begun(filled, later(3))
    visit_id, technician_id = _free_move(filled, first)
    second = changed(filled, first, Assign(visit_id, (technician_id,))).version
    published(filled, second, minutes=4)
    draft = saved(filled, baseline, minutes=5)
    assert draft.base == second
    published(filled, draft.version, minutes=6)
    assert servers(loaded(filled, draft.version).judged.plan, visit_id) == (technician_id,)


def test_a_plan_does_not_follow_another_search_that_was_published(filled: Database) -> None:
    baseline = begun(filled)
    other = saved(filled).version
    published(filled, other)
    draft = saved(filled, baseline, minutes=5)
    assert draft.base is None
    assert [m.kind for m in draft.conflicts] == [MergeKind.PUBLISHED]


def test_a_search_that_was_changed_by_hand_is_another_search_all_the_same(
    filled: Database,
) -> None:
    first = saved(filled).version
    published(filled, first)
    baseline = begun(filled, later(3))
    other = saved(filled, begun(filled, later(3)), minutes=4).version
    visit_id, technician_id = _free_move(filled, other)
    changed(filled, other, Assign(visit_id, (technician_id,)), minutes=5)
    published(filled, other, minutes=6)
    draft = saved(filled, baseline, minutes=8)
    assert draft.base == first
    assert MergeKind.PUBLISHED in {m.kind for m in draft.conflicts}


def test_a_visit_changed_twice_by_hand_is_followed_through_both_publications(
    filled: Database,
) -> None:
    first = saved(filled).version
    published(filled, first)
    baseline = begun(filled, later(3))
    visit_id, technician_id = _free_move(filled, first)
    second = changed(filled, first, Assign(visit_id, (technician_id,)), minutes=4).version
    published(filled, second, minutes=5)
    third = changed(filled, second, Unassign(visit_id), minutes=6).version
    published(filled, third, minutes=7)
    draft = saved(filled, baseline, minutes=8)
    assert (draft.base, draft.conflicts) == (third, ())
    assert visit_id not in loaded(filled, draft.version).judged.served


def test_visits_of_somebody_who_is_gone_are_said_to_have_fallen_out(filled: Database) -> None:
    baseline = begun(filled)
    route = plan_of_sample().routes[0]
    fallen = {s.visit_id for s in route.stops} - {None}
    with filled.writing() as session:
        of_technician = ShiftPatternRow.technician_id == route.technician_id
        session.execute(update(ShiftPatternRow).where(of_technician).values(days="2020-01-01"))
    draft = saved(filled, baseline)
    alone = {
        v
        for v in fallen
        if v is not None and servers(plan_of_sample(), v) == (route.technician_id,)
    }
    assert {m.visit_id for m in draft.conflicts if m.kind is MergeKind.DROPPED} >= alone
    codes = {u.visit_id: u.code for u in loaded(filled, draft.version).judged.plan.unassigned}
    assert {codes[v] for v in alone} == {DROPPED}


def test_the_draft_to_change_is_the_newest_that_can_be_published(filled: Database) -> None:
    baseline = begun(filled)
    first = saved(filled).version
    published(filled, first)
    fits = saved(filled, minutes=3).version
    stale = saved(filled, baseline, minutes=4)
    assert stale.base is None
    with filled.reading() as session:
        assert version_to_change(session) == fits


def test_what_was_forced_counts_on_its_own_line_only(filled: Database) -> None:
    baseline = begun(filled)
    first = saved(filled).version
    version = loaded(filled, first)
    visit_id, technician_id = next(
        (visit_id, technician_id)
        for visit_id in _single(version)
        for technician_id in _others(version, visit_id)
        if Assign(visit_id, (technician_id,)).proposal(version).effect.broken
    )
    _pin(filled, Pin(visit_id, technician_id))
    in_writing(filled, lambda s: publish(s, first, BY, later(2), "no other way", force=True))
    follower = changed(filled, first, Unassign(_single(version)[-1]), minutes=3).version
    beside = saved(filled, baseline, minutes=4).version
    reasons = [{f.reason for f in loaded(filled, n).forced} for n in (first, follower, beside)]
    assert reasons == [{"no other way"}, {"no other way"}, set()]
    with filled.reading() as session:
        assert not_forced(session, load_version(session, first)) == ()
        assert [v.code for v in not_forced(session, load_version(session, beside))] == ["pinned"]


def test_whoever_is_on_site_stays_with_the_visit(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    visit_id, technician_id = _free_move(filled, first)
    mine = servers(loaded(filled, first).judged.plan, visit_id)
    with filled.writing() as session:
        session.execute(update(VisitRow).where(VisitRow.id == visit_id).values(started_at=NOW))
    assert begun(filled).snapshot.pin[visit_id].technician_id == mine[0]
    version = loaded(filled, first)
    for wish in (Assign(visit_id, (technician_id,)), Unassign(visit_id)):
        with pytest.raises(PlacingError):
            wish.proposal(version)


def test_a_pin_is_taken_away_again(filled: Database) -> None:
    visit_id = organisation().visits[0].id
    _pin(filled, Pin(visit_id, organisation().technicians[0].id))
    in_writing(filled, lambda s: unpin(s, visit_id, BY, later(1)))
    assert visit_id not in begun(filled).snapshot.pin
    assert check(filled) == ()
