"""A small organisation in a database, and plans for it."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy.orm import Session

from dispatch.commands.by_hand import Changed, Wish, change
from dispatch.commands.publishing import Published, publish
from dispatch.commands.saving import Baseline, Saved, save_draft, take_baseline
from dispatch.commands.versions import Version, load_version
from dispatch.domain.organisation import Organisation
from dispatch.domain.plan import Plan
from dispatch.domain.snapshot import Snapshot
from dispatch.horizon import snapshot_of
from dispatch.planning import make_plan
from dispatch.store.database import Database
from dispatch.store.mapping import save_organisation
from dispatch.store.retrying import in_writing
from dispatch.travel import travel_of
from scenarios.generate import generate

BY = "test"


@cache
def organisation() -> Organisation:
    return generate(visits=16, seed=5)


NOW = organisation().planning_at


def later(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def searched(snapshot: Snapshot, seed: int = 1) -> Plan:
    """What a short search finds."""
    return make_plan(
        snapshot,
        travel_of(snapshot),
        iterations=60,
        seed=seed,
        report=lambda _: None,
        stop=lambda: False,
        cores=1,
    )


@cache
def plan_of_sample() -> Plan:
    return searched(snapshot_of(organisation()))


def fill(database: Database) -> None:
    with database.writing() as session:
        save_organisation(session, organisation(), BY, NOW)


def begun(database: Database, at: datetime = NOW) -> Baseline:
    with database.reading() as session:
        return take_baseline(session, NOW, at)


def saved(
    database: Database, baseline: Baseline | None = None, plan: Plan | None = None, minutes: int = 1
) -> Saved:
    """A draft of what a search found, by default of the sample's first plan."""
    known = baseline or begun(database)
    made = plan or plan_of_sample()
    return in_writing(database, lambda s: save_draft(s, known, made, BY, later(minutes)))


def published(
    database: Database, number: int, minutes: int = 2, key: str | None = None
) -> Published:
    return in_writing(database, lambda s: publish(s, number, BY, later(minutes), key=key))


def changed(
    database: Database,
    number: int,
    wish: Wish,
    reason: str = "",
    minutes: int = 3,
    *,
    force: bool = False,
    key: str | None = None,
) -> Changed:
    def command(session: Session) -> Changed:
        return change(session, number, wish, BY, later(minutes), reason, key, force)

    return in_writing(database, command)


def loaded(database: Database, number: int) -> Version:
    """A version; the referee has judged it."""
    with database.reading() as session:
        return load_version(session, number)
