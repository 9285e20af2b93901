"""Processes or the database are killed in the middle of commands: ``kill``, ``kill-database``."""

from collections.abc import Callable, Sequence
from random import Random

from benchmarks.reliability.facts import facts_of
from benchmarks.reliability.frame import Result, Room
from benchmarks.reliability.invariants import all_that_must_hold
from benchmarks.reliability.load import fill, mixed_jobs, organisation_of
from benchmarks.reliability.stores import Server
from benchmarks.reliability.unguarded import take_out_guards
from benchmarks.reliability.worker import Ack, reasons
from benchmarks.reliability.workers import Workers
from dispatch.store.checking import check
from dispatch.store.database import Database

_VISITS, _TECHNICIANS = 6, 4
_STRIKES, _STRIKES_OF_DATABASE = 20, 10
_UNGUARDED_GIVES = 120


def kill(room: Room) -> Result:
    """Workers are killed at random moments, one at a time, and started again."""
    rng = Random(room.seed)

    def strike(workers: Workers) -> bool:
        return workers.kill([rng.choice(workers.alive() or [0])]) > 0

    return _struck(room, room.size(_STRIKES, 5), strike, "workers killed")


def kill_database(room: Room) -> Result:
    """PostgreSQL is killed with all its processes and started again. SQLite lives in the
    processes that use it: all of them are killed at once."""

    def strike(workers: Workers) -> bool:
        if isinstance(room.store, Server):
            room.store.kill()
            room.store.start()
            return True
        return workers.kill(workers.alive()) > 0

    return _struck(room, room.size(_STRIKES_OF_DATABASE, 3), strike, "times killed")


def unguarded_commands(room: Room) -> Result:
    """The same commands from many processes with the guards out, and nobody is killed."""
    return Result("", _mixed(room, _UNGUARDED_GIVES, room.size(8, 6), unguarded=True)[0])


def _struck(room: Room, strikes: int, strike: Callable[[Workers], bool], what: str) -> Result:
    gives = room.size(4000, 60)
    breaches, jobs, acks = _mixed(room, gives, room.size(8, 4), strikes, strike)
    figure = f"{gives} assign commands among {jobs}, {strikes} {what}; refused: {reasons(acks)}"
    return Result(figure, breaches, {"jobs": jobs, "assigned": gives, "strikes": strikes})


def _mixed(
    room: Room,
    gives: int,
    processes: int,
    strikes: int = 0,
    strike: Callable[[Workers], bool] = lambda _: False,
    *,
    unguarded: bool = False,
) -> tuple[tuple[str, ...], int, Sequence[Ack]]:
    """Does all that people do from many processes at once; the breaches, how many jobs there
    were, and what was told of them."""
    database = Database(room.store.new())
    organisation = organisation_of(_VISITS, _TECHNICIANS, room.seed)
    fill(database, organisation, units=gives * 3 // 20)  # fewer than are asked for
    if unguarded:
        take_out_guards(database)
    before = facts_of(database)
    jobs = mixed_jobs(organisation, gives, room.seed)
    url = database.url.render_as_string(hide_password=False)
    with Workers(url, jobs, room.folder, processes, unguarded=unguarded) as workers:
        workers.finish(strikes, lambda: strike(workers), Random(room.seed))
        acks = workers.acks()
    breaches = all_that_must_hold(before, facts_of(database), [job.key for job in jobs], acks)
    if not unguarded:
        found = check(database)
        breaches += (*workers.failed, *(f"{one.subject}: {one.text.en}" for one in found))
    database.close()
    return breaches, len(jobs), acks
