"""Plans changed by hand: shown first, done as said, and forced only with a reason."""

import pytest

from dispatch.commands.by_hand import Assign, Swap, Unassign
from dispatch.commands.pinning import effect_of_pin, pin, pin_of
from dispatch.commands.plan_errors import (
    BrokenRulesError,
    MissingReasonError,
    NotADraftError,
)
from dispatch.commands.versions import Version, load_version
from dispatch.domain.work import Pin
from dispatch.placing import BY_HAND, PlacingError, servers
from dispatch.store.copying import contents
from dispatch.store.database import Database
from dispatch.store.retrying import in_writing
from dispatch.store.rows_plans import PlanState
from tests.dispatch.commands.planned import (
    BY,
    begun,
    changed,
    fill,
    later,
    loaded,
    published,
    saved,
    searched,
)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    fill(database)
    return database


def _alone(version: Version) -> list[str]:
    """Planned visits of one technician each that no pin holds."""
    pinned = version.judged.snapshot.pin
    served = version.judged.served
    return sorted(v for v, crew in served.items() if len(crew) == 1 and v not in pinned)


def _wish(version: Version, *, legal: bool) -> Assign:
    """A visit for somebody else, which breaks rules or does not."""
    for visit_id in _alone(version):
        for technician in version.judged.snapshot.technicians:
            if technician.id not in servers(version.judged.plan, visit_id):
                wish = Assign(visit_id, (technician.id,))
                if bool(wish.proposal(version).effect.broken) is not legal:
                    return wish
    raise AssertionError("there is no such visit")


def _all(database: Database) -> object:
    with database.reading() as session:
        return contents(session)


def test_a_proposal_says_what_the_referee_says_and_changes_nothing(filled: Database) -> None:
    version = loaded(filled, saved(filled).version)
    before = _all(filled)
    wish = _wish(version, legal=True)
    proposal = wish.proposal(version)
    costs = [j.verdict.cost.total_fen for j in (version.judged, proposal.after)]
    assert [proposal.effect.cost_before_fen, proposal.effect.cost_after_fen] == costs
    assert proposal.effect.cost_fen == costs[1] - costs[0]
    assert servers(proposal.after.plan, wish.visit_id) == wish.technician_ids
    assert _all(filled) == before


def test_a_draft_is_changed_as_it_is_and_the_visit_pinned(filled: Database) -> None:
    number = saved(filled).version
    wish = _wish(loaded(filled, number), legal=True)
    done = changed(filled, number, wish)
    assert (done.version, done.base, done.effect.broken) == (number, number, ())
    version = loaded(filled, number)
    assert servers(version.judged.plan, wish.visit_id) == wish.technician_ids
    assert version.judged.verdict.violations == ()
    assert version.judged.plan.made_by == BY
    assert version.judged.plan.bound_fen is None
    assert version.judged.snapshot.pin[wish.visit_id].technician_id == wish.technician_ids[0]
    assert wish.visit_id in {d.visit_id for d in done.differences}


def test_a_search_after_a_change_by_hand_keeps_it(filled: Database) -> None:
    number = saved(filled).version
    wish = _wish(loaded(filled, number), legal=True)
    changed(filled, number, wish)
    baseline = begun(filled, later(5))
    draft = saved(filled, baseline, searched(baseline.snapshot), minutes=6)
    assert servers(loaded(filled, draft.version).judged.plan, wish.visit_id) == wish.technician_ids


def test_a_start_that_a_person_gives_is_the_start(filled: Database) -> None:
    number = saved(filled).version
    version = loaded(filled, number)
    visit_id = _alone(version)[0]
    start_at = version.judged.verdict.timetable.start_of(visit_id)
    technician = servers(version.judged.plan, visit_id)
    done = changed(filled, number, Assign(visit_id, technician, start_at))
    assert done.effect.broken == ()
    found = loaded(filled, number).judged
    assert found.verdict.timetable.start_of(visit_id) == start_at
    assert found.snapshot.pin[visit_id].start_at == start_at


def test_the_published_version_is_not_changed_but_followed(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    before = loaded(filled, first).judged
    wish = _wish(loaded(filled, first), legal=True)
    second = changed(filled, first, wish).version
    assert second != first
    version = loaded(filled, second)
    assert (version.base, version.state) == (first, PlanState.DRAFT)
    # Pins that came later do not make the published plan look broken.
    assert loaded(filled, first).judged.verdict == before.verdict
    published(filled, second, minutes=5)
    with pytest.raises(NotADraftError):
        changed(filled, first, Unassign(_alone(version)[0]))


def test_what_breaks_rules_needs_a_reason_and_shows_it(filled: Database) -> None:
    number = saved(filled).version
    wish = _wish(loaded(filled, number), legal=False)
    before = _all(filled)
    with pytest.raises(BrokenRulesError) as refused:
        changed(filled, number, wish)
    with pytest.raises(MissingReasonError):
        changed(filled, number, wish, force=True)
    assert _all(filled) == before
    changed(filled, number, wish, "the customer insists", force=True)
    version = loaded(filled, number)
    assert {f.code for f in version.forced} == {v.code for v in refused.value.broken}
    assert {f.reason for f in version.forced} == {"the customer insists"}
    done = published(filled, number, minutes=5)  # what was forced once is not asked again
    assert done.forced == version.forced
    wish_again = _wish(loaded(filled, number), legal=True)
    follower = changed(filled, number, wish_again, minutes=6).version
    assert loaded(filled, follower).forced == version.forced


def test_what_is_taken_out_stays_out_for_that_reason(filled: Database) -> None:
    number = saved(filled).version
    wish = _wish(loaded(filled, number), legal=True)
    changed(filled, number, wish)
    done = changed(filled, number, Unassign(wish.visit_id))
    version = loaded(filled, number)
    assert wish.visit_id not in version.judged.served
    assert wish.visit_id not in version.judged.snapshot.pin
    codes = {u.visit_id: u.code for u in version.judged.plan.unassigned}
    assert codes[wish.visit_id] == BY_HAND
    assert done.effect.cost_after_fen == version.judged.verdict.cost.total_fen
    with pytest.raises(PlacingError):
        changed(filled, number, Unassign(wish.visit_id))


def test_two_visits_change_hands(filled: Database) -> None:
    number = saved(filled).version
    version = loaded(filled, number)
    plan = version.judged.plan
    first, second = next(
        (a, b)
        for a in _alone(version)
        for b in _alone(version)
        if servers(plan, a) != servers(plan, b)
    )
    changed(filled, number, Swap(first, second), "test", force=True)
    after = loaded(filled, number).judged.plan
    assert servers(after, first) == servers(plan, second)
    assert servers(after, second) == servers(plan, first)
    assert {*_visits(version)} == {*_visits(loaded(filled, number))}


def _visits(version: Version) -> list[str]:
    return sorted(version.judged.served)


def test_a_command_sent_twice_is_done_once(filled: Database) -> None:
    first = saved(filled).version
    published(filled, first)
    wish = _wish(loaded(filled, first), legal=True)
    done = changed(filled, first, wish, key="k")
    before = _all(filled)
    assert changed(filled, first, wish, key="k") == done
    assert _all(filled) == before


@pytest.mark.parametrize("nonsense", ["visit", "technician", "nobody", "after"])
def test_nonsense_is_refused_in_words(filled: Database, nonsense: str) -> None:
    number = saved(filled).version
    version = loaded(filled, number)
    visit_id = _alone(version)[0]
    (technician_id,) = servers(version.judged.plan, visit_id)
    wish = {
        "visit": Assign("V-none", (technician_id,)),
        "technician": Assign(visit_id, ("T-none",)),
        "nobody": Assign(visit_id, ()),
        "after": Assign(visit_id, (technician_id,), after_visit_id=visit_id),
    }[nonsense]
    with pytest.raises(PlacingError):
        changed(filled, number, wish)


@pytest.mark.parametrize("nonsense", ["itself", "circle", "twice"])
def test_a_pin_that_can_never_hold_is_refused(filled: Database, nonsense: str) -> None:
    version = loaded(filled, saved(filled).version)
    first, second = _alone(version)[:2]
    technician_id = version.judged.snapshot.technicians[0].id
    in_writing(filled, lambda s: pin(s, Pin(second, after_visit_id=first), BY, later(2)))
    wanted = {
        "itself": Pin(first, after_visit_id=first),
        "circle": Pin(first, after_visit_id=second),
        "twice": Pin(first, technician_id, other_technician_ids=(technician_id,)),
    }[nonsense]
    with pytest.raises(PlacingError):
        in_writing(filled, lambda s: pin(s, wanted, BY, later(3)))


def test_a_change_of_the_published_version_is_shown_with_the_pins_of_today(
    filled: Database,
) -> None:
    number = saved(filled).version
    published(filled, number)
    wish = _wish(loaded(filled, number), legal=True)
    wanted = Pin(wish.visit_id, wish.technician_ids[0])
    in_writing(filled, lambda s: pin(s, wanted, BY, later(3)))
    assert loaded(filled, number).judged.verdict.violations == ()
    with filled.reading() as session:
        version = load_version(session, number, to_change=True)
    (broken,) = version.judged.verdict.violations
    assert (broken.code, broken.visit_id) == ("pinned", wish.visit_id)
    done = changed(filled, number, wish, minutes=4)
    assert done.effect.mended == (broken,)
    assert done.effect.cost_before_fen == version.judged.verdict.cost.total_fen


def test_a_pin_shows_its_effect_before_it_is_set(filled: Database) -> None:
    number = saved(filled).version
    wish = _wish(loaded(filled, number), legal=True)
    wanted = Pin(wish.visit_id, wish.technician_ids[0])
    with filled.reading() as session:
        effect = effect_of_pin(session, number, wish.visit_id, wanted)
        assert pin_of(session, wish.visit_id) is None
    assert [v.code for v in effect.broken] == ["pinned"]
    with filled.writing() as session:
        pin(session, wanted, BY, later(2), "because")
        assert pin_of(session, wish.visit_id) == wanted
