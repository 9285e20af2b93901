"""Many want the same at the same time: parts (``scarce``), hours of technicians (``hours``)."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from random import Random

from benchmarks.reliability.facts import Facts, facts_of
from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.invariants import (
    all_that_must_hold,
    issued,
    minimum,
    nobody_is_booked_twice,
)
from benchmarks.reliability.load import (
    Book,
    Hand,
    Job,
    Promise,
    fill,
    give_key,
    organisation_of,
)
from benchmarks.reliability.unguarded import take_out_guards
from benchmarks.reliability.worker import Ack, reasons
from benchmarks.reliability.workers import Workers
from dispatch.domain.organisation import Organisation
from dispatch.store.database import Database

_HOURS = 4
_HOUR = timedelta(hours=1)


def scarce(room: Room, *, unguarded: bool = False) -> Result:
    """Far more units are asked for than there are."""
    units, requests = room.size(1000, 20), room.size(5000, 100)
    processes, clients = room.size(4, 2), room.size(50, 5)
    organisation = organisation_of(10, 10, room.seed)
    station, now = organisation.stations[0].id, organisation.planning_at
    jobs = [
        Hand(f"hand-{n}", station, organisation.technicians[n % 10].id, now)
        for n in range(requests)
    ]
    crowd = _Crowd(room, organisation, units, unguarded)
    crowd.do(jobs, processes, clients)
    breaches = crowd.breaches([job.key for job in jobs])
    out, fewest = issued(crowd.after), minimum(crowd.after)
    if (out, fewest) != (units, 0):
        breaches = (*breaches, f"{out} of {units} units were issued, the minimum was {fewest}")
    figure = (
        f"{requests} requests of {processes * clients} clients for {units} units: {out} issued,"
        f" {sum(crowd.refused.values())} refused, minimum {fewest}"
    )
    return Result(figure, breaches, {"requests": requests, "issued": out, "minimum": fewest})


def hours(room: Room, *, unguarded: bool = False) -> Result:
    """Many writers want the same hours: by plans, and past all commands by the guards alone."""
    planned, booked = _by_plans(room, unguarded), _past_commands(room, unguarded)
    return Result(
        f"{planned.figure}; {booked.figure}",
        (*planned.breaches, *booked.breaches),
        {**planned.figures, **booked.figures},
    )


def _by_plans(room: Room, unguarded: bool) -> Result:
    """Each writer gives visits to people for one of a few hours, and publishes that."""
    rng, people, writers = Random(room.seed), room.size(100, 8), room.size(16, 4)
    organisation = organisation_of(people, people, room.seed)
    start_at = organisation.planning_at + _HOUR
    jobs = [
        Promise(
            f"promise-{number}",
            visit.id,
            rng.choice(organisation.technicians).id,
            start_at + rng.randrange(_HOURS) * _HOUR,
            organisation.planning_at + timedelta(seconds=number),
        )
        for number, visit in enumerate(organisation.visits)
    ]
    crowd = _Crowd(room, organisation, 0, unguarded)
    crowd.do(jobs, writers)
    breaches = crowd.breaches([key for job in jobs for key in (job.key, give_key(job.key))])
    told = len(crowd.acks) - sum(crowd.refused.values())
    figure = (
        f"{people} technicians, {writers} writers: {told} of {len(jobs)} plans published,"
        f" {len(crowd.after.bookings)} bookings, {_doubles(crowd.after)} double; refused:"
        f" {reasons(crowd.acks)}"
    )
    return Result(figure, breaches, {"published": told, "double": _doubles(crowd.after)})


def _past_commands(room: Room, unguarded: bool) -> Result:
    """Each writer wants each hour of everybody; it looks whether it is free, then books it."""
    people, writers = room.size(100, 8), room.size(16, 4)
    organisation = organisation_of(writers * _HOURS, people, room.seed)
    jobs = [
        Book(
            f"book-{technician.id}-{hour}-{writer}",
            organisation.visits[writer * _HOURS + hour].id,
            technician.id,
            organisation.planning_at + hour * _HOUR,
        )
        for technician, hour, writer in product(
            organisation.technicians, range(_HOURS), range(writers)
        )
    ]
    crowd = _Crowd(room, organisation, 0, unguarded)
    crowd.do(jobs, writers)
    booked, double = len(crowd.after.bookings), _doubles(crowd.after)
    breaches = (*crowd.failed, *nobody_is_booked_twice(crowd.after))
    if booked != people * _HOURS:
        breaches = (*breaches, f"{booked} bookings for {people * _HOURS} hours")
    figure = (
        f"past the commands {len(jobs)} attempts: {booked} bookings, {double} double,"
        f" {crowd.refused['double_booking']} refused by the guard"
    )
    return Result(
        figure, breaches, {"attempts": len(jobs), "booked": booked, "double booked": double}
    )


class _Crowd:
    """A new database with an organisation, and what became of it when many came at once."""

    def __init__(self, room: Room, organisation: Organisation, units: int, unguarded: bool) -> None:
        self._room, self._unguarded = room, unguarded
        self._database = Database(room.store.new())
        fill(self._database, organisation, units)
        if unguarded:
            take_out_guards(self._database)
        self._before: Facts = facts_of(self._database)
        self.after = self._before
        self.acks: Sequence[Ack] = ()
        self.failed: Sequence[str] = ()

    def do(self, jobs: Sequence[Job], processes: int, clients: int = 1) -> None:
        url = self._database.url.render_as_string(hide_password=False)
        folder = self._room.folder
        with Workers(url, jobs, folder, processes, clients, self._unguarded) as workers:
            workers.finish()
            self.acks = workers.acks()
            self.failed = () if self._unguarded else workers.failed
        self.after = facts_of(self._database)
        self._database.close()

    @property
    def refused(self) -> Counter[str]:
        return Counter(ack.refused for ack in self.acks if ack.refused)

    def breaches(self, asked: Sequence[str]) -> tuple[str, ...]:
        found = all_that_must_hold(self._before, self.after, asked, self.acks)
        return (*self.failed, *found)


def _doubles(facts: Facts) -> int:
    return len(list(nobody_is_booked_twice(facts)))
