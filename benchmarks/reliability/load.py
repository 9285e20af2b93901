"""The work that is done while things break: an organisation, and jobs for many at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Protocol

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from dispatch.commands.by_hand import Assign, Changed, change
from dispatch.commands.plan_errors import NotADraftError
from dispatch.commands.publishing import publish
from dispatch.commands.recording import record
from dispatch.commands.reservations import reserve
from dispatch.commands.saving import save_draft, take_baseline
from dispatch.commands.shelf import Want
from dispatch.commands.stock import receive, transfer
from dispatch.commands.stock_picks import Units
from dispatch.commands.versions import named_version, version_to_change
from dispatch.domain.errors import DispatchError
from dispatch.domain.events import Complaint, Event, EventKind
from dispatch.domain.organisation import Organisation
from dispatch.domain.parts import Part
from dispatch.domain.plan import Plan
from dispatch.store.database import Database
from dispatch.store.mapping import save_organisation
from dispatch.store.queries_stock import Place
from dispatch.store.retrying import in_writing
from dispatch.store.rows_plans import BookingRow
from scenarios.generate import Mix, generate

BY = "load"
REASON = "reliability"
PART = "load"
"""A part that nothing else in the organisation needs."""
DAY = timedelta(days=1)


class Job(Protocol):
    """One command with everything that it needs. ``do`` may be done again: ``key`` names it."""

    @property
    def key(self) -> str: ...

    def do(self, session: Session) -> object:
        """What the command returns, or None where that is not on record under the key."""
        ...


class TakenError(DispatchError):
    """An hour that somebody else was faster to book."""


@dataclass(frozen=True, slots=True)
class Give:
    """Gives a visit to technicians in the plan that people change now."""

    key: str
    visit_id: str
    technician_ids: tuple[str, ...]
    at: datetime

    def do(self, session: Session) -> object:
        number = version_to_change(session)
        wish = Assign(self.visit_id, self.technician_ids)
        return change(session, number, wish, BY, self.at, REASON, self.key, force=True)


@dataclass(frozen=True, slots=True)
class Tell:
    """Publishes that plan."""

    key: str
    at: datetime

    def do(self, session: Session) -> object:
        number = version_to_change(session)
        return publish(session, number, BY, self.at, REASON, self.key, force=True)


@dataclass(frozen=True, slots=True)
class Promise:
    """Gives a visit to a technician for an hour, and publishes that in the same transaction."""

    key: str
    visit_id: str
    technician_id: str
    start_at: datetime
    at: datetime

    def do(self, session: Session) -> object:
        try:
            made = self._given(session)
        except NotADraftError:
            made = self._given(session)  # others published while it waited for its turn
        return publish(session, made.version, BY, self.at, REASON, self.key, force=True)

    def _given(self, session: Session) -> Changed:
        published = named_version(session, "published")
        wish = Assign(self.visit_id, (self.technician_id,), self.start_at)
        key = give_key(self.key)
        return change(session, published, wish, BY, self.at, REASON, key, force=True)


@dataclass(frozen=True, slots=True)
class Keep:
    """Reserves a unit for a visit."""

    key: str
    visit_id: str
    station_id: str
    at: datetime

    def do(self, session: Session) -> object:
        want = Want(self.visit_id, PART, 1, Place(station_id=self.station_id))
        return reserve(session, (want,), self.at + DAY, BY, self.at, key=self.key)


@dataclass(frozen=True, slots=True)
class Hand:
    """Hands a unit to a technician."""

    key: str
    station_id: str
    technician_id: str
    at: datetime

    def do(self, session: Session) -> object:
        depot, van = Place(station_id=self.station_id), Place(technician_id=self.technician_id)
        return transfer(session, Units(PART, 1), depot, van, BY, self.at, key=self.key)


@dataclass(frozen=True, slots=True)
class Complain:
    """Records a fact of a work order; its key is the event's id."""

    key: str
    work_order_id: str
    at: datetime

    def do(self, session: Session) -> None:
        event = Event(
            self.key,
            EventKind.COMPLAINT_RECEIVED,
            self.work_order_id,
            self.at,
            self.at,
            BY,
            details=Complaint(self.key),
        )
        record(session, event, BY, self.at)


@dataclass(frozen=True, slots=True)
class Book:
    """Books an hour as a program does that looks first and trusts what it saw. Raises TakenError.

    Nothing of the product's commands is in its way: what is left are the guards.
    """

    key: str
    visit_id: str
    technician_id: str
    start_at: datetime

    def do(self, session: Session) -> None:
        finish_at = self.start_at + timedelta(hours=1)
        taken = exists().where(
            BookingRow.technician_id == self.technician_id,
            BookingRow.start_at < finish_at,
            BookingRow.finish_at > self.start_at,
        )
        if session.scalar(select(taken)):
            raise TakenError("The hour is taken.", "该时段已被占用。")
        session.execute(
            insert(BookingRow).values(
                technician_id=self.technician_id,
                visit_id=self.visit_id,
                start_at=self.start_at,
                finish_at=finish_at,
                plan_version=named_version(session, "published"),
            )
        )


def give_key(key: str) -> str:
    """The key of the first of the two commands in a Promise with this key."""
    return f"{key}/give"


def organisation_of(visits: int, technicians: int, seed: int) -> Organisation:
    """A generated organisation in which most technicians can do most visits."""
    mix = Mix(
        technicians=technicians,
        stations=2,
        stock=3,
        windows=0,
        levels=0,
        tools=0,
        run_in=0,
        releases=0,
        hopeless=0,
        crews=0,
        links=0,
        pins=0,
        published=0,
        absences=0,
        standby=0,
    )
    made = generate(visits, seed, mix)
    return replace(made, parts=(*made.parts, Part(PART, "Load")))


def fill(database: Database, organisation: Organisation, units: int) -> None:
    """Brings the organisation in, ``units`` of PART to its first station, and an empty plan."""
    now = organisation.planning_at
    depot = Place(station_id=organisation.stations[0].id)

    def found(session: Session) -> None:
        save_organisation(session, organisation, BY, now)
        if units:
            receive(session, "load", Units(PART, units), depot, BY, now)

    def plan(session: Session) -> None:
        saved = save_draft(session, take_baseline(session, now, now), Plan(()), BY, now)
        publish(session, saved.version, BY, now, REASON, force=True)

    in_writing(database, found)
    in_writing(database, plan)


def mixed_jobs(organisation: Organisation, gives: int, seed: int) -> list[Job]:
    """So many visits given to technicians, and between them all else that people do."""
    return [*_mixed(organisation, gives, Random(seed))]


def _mixed(organisation: Organisation, gives: int, rng: Random) -> Iterator[Job]:
    station = organisation.stations[0].id
    people = [technician.id for technician in organisation.technicians]
    for number in range(gives):
        at = organisation.planning_at + timedelta(seconds=number)
        visit = rng.choice(organisation.visits)
        team = rng.sample(people, visit.crew_size)
        yield Give(f"give-{number}", visit.id, tuple(team), at)
        if number % 10 == 3:
            yield Hand(f"hand-{number}", station, team[0], at)
        if number % 10 == 6:
            yield Keep(f"keep-{number}", visit.id, station, at)
        if number % 10 == 9:
            yield Complain(f"complain-{number}", visit.work_order_id, at)
        if number % 25 == 24:
            yield Tell(f"tell-{number}", at)


def dealt(jobs: Sequence[Job], hands: int) -> list[list[Job]]:
    """The jobs for each of so many workers, in turn."""
    return [list(jobs[hand::hands]) for hand in range(hands)]
