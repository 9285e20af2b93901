"""What a process keeps of a version, and judges in parts, is what it would load and judge anew."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from dispatch.commands.absences import add_absence
from dispatch.commands.by_hand import Assign, Swap, Unassign, change
from dispatch.commands.kept_versions import KeptVersions
from dispatch.commands.live_plan import LivePlan
from dispatch.commands.pinning import pin, unpin
from dispatch.commands.plan_errors import UnknownVersionError
from dispatch.commands.publishing import publish
from dispatch.commands.recording import record
from dispatch.commands.versions import (
    PUBLISHED,
    load_version,
    named_version,
    version_to_change,
)
from dispatch.domain.errors import DispatchError
from dispatch.domain.events import Event, EventKind
from dispatch.domain.work import Pin
from dispatch.store import queries_plans
from dispatch.store.database import Database
from tests.dispatch.commands.planned import BY, NOW, fill, later, published, saved
from tests.dispatch.commands.test_assigning import commit, ticket

_STEPS = 24
_AT = later(4)


def check(session: Session, kept: KeptVersions, number: int) -> None:
    """What is kept is what is read and judged anew, figure by figure."""
    found, whole = kept.numbered(session, number), KeptVersions().numbered(session, number)
    assert (found.states, found.by_hand) == (whole.states, whole.by_hand)
    to_change = load_version(session, number, to_change=True)
    pairs = (found.version, whole.version), (kept.to_change(session, number), to_change)
    for known, anew in pairs:
        for name in ("snapshot", "plan", "verdict", "margins", "tightest_clocks"):
            assert getattr(known.judged, name) == getattr(anew.judged, name), name
        assert known == replace(anew, judged=known.judged, travel=known.travel)


class Office:
    """People who change what they like, one after the other."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.random = Random(seed)
        self.kept = KeptVersions()
        self.live = LivePlan(database)
        self.done: Counter[str] = Counter()
        self.begun: set[str] = set()

    def step(self) -> None:
        """Something that is possible, of what was done least so far."""
        ways: tuple[Callable[[], object], ...] = (
            self.by_hand, self.pin, self.publish, self.assign_at_once, self.depart, self.be_away,
        )  # fmt: skip
        for way in sorted(ways, key=lambda way: (self.done[way.__name__], self.random.random())):
            with suppress(DispatchError):
                way()
                self.done[way.__name__] += 1
                return

    def by_hand(self) -> None:
        with self.database.writing() as session:
            number = version_to_change(session)
            judged = self.kept.to_change(session, number).judged
            first, second = self.random.sample(sorted(judged.snapshot.visit), 2)
            people = tuple(self.random.sample(sorted(judged.snapshot.technician), 1))
            wish = self.random.choice((Assign(first, people), Unassign(first), Swap(first, second)))
            find = self.kept.to_change
            change(session, number, wish, BY, _AT, "wanted", force=True, find=find)

    def pin(self) -> None:
        with self.database.writing() as session:
            facts = self.kept.find(session, PUBLISHED).now
            if facts.pins and self.random.random() < 0.5:
                unpin(session, self.random.choice(facts.pins).visit_id, BY, later(5))
            else:
                visit_id = self.random.choice(facts.visits).id
                people = self.random.choice(facts.technicians).id
                pin(session, Pin(visit_id, people), BY, later(5))

    def publish(self) -> None:
        with self.database.writing() as session:
            number = version_to_change(session)
            publish(session, number, BY, _AT, "wanted", force=True)

    def assign_at_once(self) -> None:
        number = f"N{self.done.total()}-{self.random.random()}"
        commit(self.database, self.live, ticket(self.database, number))

    def depart(self) -> None:
        with self.database.writing() as session:
            version = self.kept.published(session)
            assert version is not None
            ready = sorted(version.judged.served.keys() - self.begun)
            visit_id = self.random.choice(ready)
            order = version.judged.snapshot.visit[visit_id].work_order_id
            kind = EventKind.DEPARTED
            record(session, Event(f"{visit_id} left", kind, order, _AT, _AT, BY, visit_id), BY, _AT)
            self.begun.add(visit_id)

    def be_away(self) -> None:
        with self.database.writing() as session:
            version = self.kept.published(session)
            assert version is not None
            person = self.random.choice(version.judged.snapshot.technicians).id
            start_at = NOW + timedelta(hours=self.random.randrange(1, 30))
            until_at = start_at + timedelta(hours=1)
            add_absence(session, person, start_at, until_at, "away", BY, _AT)


@pytest.fixture(name="filled")
def _filled(database: Database) -> Database:
    fill(database)
    with database.writing() as session:
        queries_plans.set_rehearsal(session, NOW - datetime.now(UTC))
    published(database, saved(database).version)
    return database


def test_what_is_kept_is_what_would_be_loaded(filled: Database) -> None:
    office = Office(filled, seed=7)
    for _ in range(_STEPS):
        office.step()
        with filled.reading() as session:
            for version in {named_version(session, PUBLISHED), version_to_change(session)}:
                check(session, office.kept, version)
    assert {kind for kind, times in office.done.items() if times > 1} == {
        "by_hand", "pin", "publish", "assign_at_once", "depart", "be_away",
    }  # fmt: skip


def test_an_old_reader_spoils_nothing(filled: Database) -> None:
    """A version that is first looked at in a session that began before a change is read anew by
    those that began after it."""
    kept = KeptVersions()
    with filled.reading() as session:
        version = kept.find(session, PUBLISHED).version
    visit_id = min(version.judged.served)
    draft = saved(filled).version
    with filled.reading() as old:
        assert kept.find(old, PUBLISHED).version.number == version.number
        with filled.writing() as session:
            change(session, draft, Unassign(visit_id), BY, _AT, "wanted", force=True)
        with filled.reading() as session:
            kept.find(session, PUBLISHED)
        assert visit_id in kept.numbered(old, draft).version.judged.served
        with filled.reading() as session:
            check(session, kept, draft)


def test_nothing_published_is_nothing_kept(database: Database) -> None:
    fill(database)
    kept = KeptVersions()
    with database.reading() as session:
        assert kept.published(session) is None
        with pytest.raises(UnknownVersionError):
            kept.find(session, PUBLISHED)
