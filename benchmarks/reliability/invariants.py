"""What must hold whatever happened: each a small function of what the tables say.

They know nothing of the commands but what these promise. Each gives its breaches in words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from benchmarks.reliability.facts import Booking, Entry, Facts
from benchmarks.reliability.worker import Ack, digest_of

_OPEN = ("held", "committed")
_PROMISES = ("reserve", "release")  # these movements move nothing
_MAKE_VERSIONS = ("plan.save", "plan.assign", "plan.unassign", "plan.swap")


def nothing_is_lost(facts: Facts, acks: Iterable[Ack]) -> Iterator[str]:
    """What somebody was told to be done is on record, and came to just that."""
    outcomes = {entry.key: digest_of(entry.outcome) for entry in facts.entries}
    for ack in acks:
        if ack.refused:
            continue
        if ack.digest and outcomes.get(ack.key) != ack.digest:
            yield f"lost: {ack.key} was told to be done"
        if not ack.digest and ack.key not in facts.events:
            yield f"lost: event {ack.key} was told to be on record"


def nobody_asked_for_nothing(
    before: Facts, after: Facts, asked: Iterable[str], acks: Iterable[Ack]
) -> Iterator[str]:
    """Nothing is there that nobody asked for, or that was refused."""
    wanted = set(asked) - {ack.key for ack in acks if ack.refused}
    known = {entry.number for entry in before.entries}
    for entry in after.entries:
        if entry.number not in known and entry.key is not None and entry.key not in wanted:
            yield f"ghost: {entry.command} {entry.key}"
    told = tuple(f"plan {version.number}/" for version in after.versions)
    for event in after.events.keys() - before.events.keys() - wanted:
        # With the first event of a work order come those that tell what its table says.
        if not event.startswith((*told, f"{after.events[event]}/")):
            yield f"ghost: event {event}"
    made = {entry.outcome["version"] for entry in after.entries if entry.command in _MAKE_VERSIONS}
    yield from (f"ghost: version {v.number}" for v in after.versions if v.number not in made)


def nobody_is_booked_twice(facts: Facts) -> Iterator[str]:
    by_technician: dict[str, list[Booking]] = defaultdict(list)
    for booking in facts.bookings:
        by_technician[booking.technician_id].append(booking)
    for technician_id, bookings in by_technician.items():
        for one, other in pairwise(sorted(bookings, key=lambda booking: booking.start_at)):
            if other.start_at < one.finish_at:
                visits = f"{one.visit_id} and {other.visit_id}"
                yield f"double booking: {technician_id} at {visits}, {other.start_at.isoformat()}"


def bookings_are_those_of_the_plan(facts: Facts) -> Iterator[str]:
    """One version is published, and whoever it sends somewhere is booked there."""
    published = [version.number for version in facts.versions if version.state == "published"]
    if len(published) != 1:
        yield f"published versions: {published}"
        return
    planned = {
        (technician_id, visit_id)
        for (version, visit_id), crew in facts.crews.items()
        for technician_id in crew
        if version == published[0]
    }
    booked = {(booking.technician_id, booking.visit_id) for booking in facts.bookings}
    for technician_id, visit_id in planned ^ booked:
        yield f"bookings and plan differ: {technician_id} at {visit_id}"


def plans_are_as_people_decided(facts: Facts) -> Iterator[str]:
    """Each version has of each visit the last decision that was taken in it."""
    decided: dict[tuple[int, str], frozenset[str]] = {}
    for entry in facts.entries:
        for decision in entry.after.get("decided", ()):
            key = (entry.after["version"], decision["visit_id"])
            decided[key] = frozenset(decision["technician_ids"])
    for key, crew in decided.items():
        if facts.crews.get(key, frozenset()) != crew:
            yield f"decision lost: {key[1]} in version {key[0]}"


def stock_is_conserved(before: Facts, after: Facts) -> Iterator[str]:
    """All units that were there are there, each change has its movement and each movement its
    command, promises have their reservations, and nothing was ever below zero.
    """
    units = [sum(balance.on_hand for balance in facts.balances) for facts in (before, after)]
    if units[0] != units[1]:
        yield f"stock: {units[0]} units became {units[1]}"
    moved, lowest = _moved(after)
    promised: Counter[str] = Counter()
    for reservation in after.reservations:
        if reservation.state in _OPEN:
            promised[reservation.balance_id] += reservation.quantity
    for balance in after.balances:
        came, kept = moved[balance.id], promised[balance.id]
        if balance.on_hand != came:
            yield f"stock: {balance.id} has {balance.on_hand}, its movements say {came}"
        if balance.promised != kept:
            yield f"stock: {balance.id} promises {balance.promised}, its reservations say {kept}"
        if lowest[balance.id] < 0:
            yield f"stock: {balance.id} was at {lowest[balance.id]}"
    said, done = _issues_said(after.entries), _issues_done(after)
    if said != done:
        yield f"stock: {sum(said.values())} units issued by commands, {sum(done.values())} moved"


def minimum(facts: Facts) -> int:
    """The fewest units that were on hand in any balance at any time."""
    return min(_moved(facts)[1].values(), default=0)


def issued(facts: Facts) -> int:
    """Units that were handed to technicians."""
    return sum(_issues_done(facts).values())


def all_that_must_hold(
    before: Facts, after: Facts, asked: Sequence[str], acks: Sequence[Ack]
) -> tuple[str, ...]:
    """All breaches of all invariants."""
    return (
        *nothing_is_lost(after, acks),
        *nobody_asked_for_nothing(before, after, asked, acks),
        *nobody_is_booked_twice(after),
        *bookings_are_those_of_the_plan(after),
        *plans_are_as_people_decided(after),
        *stock_is_conserved(before, after),
    )


def _moved(facts: Facts) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """What the movements say is on hand in each balance, and what the fewest ever were."""
    on_hand: Counter[str] = Counter()
    lowest: Counter[str] = Counter()
    for movement in facts.movements:
        if movement.kind in _PROMISES:
            continue
        for balance_id, more in (
            (movement.source, -movement.quantity),
            (movement.target, movement.quantity),
        ):
            if balance_id is not None:
                on_hand[balance_id] += more
                lowest[balance_id] = min(lowest[balance_id], on_hand[balance_id])
    return on_hand, lowest


def _issues_said(entries: Iterable[Entry]) -> Counter[tuple[str, str]]:
    """Units handed out by what commands say, by balance that they left and came to."""
    said: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if entry.command == "stock.transfer":
            for line in entry.outcome["lines"]:
                said[line["source"], line["target"]] += line["quantity"]
    return said


def _issues_done(facts: Facts) -> Counter[tuple[str, str]]:
    done: Counter[tuple[str, str]] = Counter()
    for movement in facts.movements:
        if movement.kind == "issue":
            done[movement.source or "", movement.target or ""] += movement.quantity
    return done
