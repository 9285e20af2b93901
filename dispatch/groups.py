"""A large organisation cut into groups of territories, which can be planned side by side.

Territories belong together where the same people cover them or start from the same station. Every
technician, station and visit is in one group; a group has the stock of its own stations, so
whatever the groups plan is legal together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from dispatch.domain.people import Coverage, Technician
from dispatch.domain.plan import Plan, StopKind
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Pin, Visit
from dispatch.excerpts import ties_of
from dispatch.travel import Travel

_WEIGHT = {Coverage.PRIMARY: 4, Coverage.BACKUP: 1}
_STATION_WEIGHT = 2
_SLACK = 1.1
"""A group may have so many times its share of the visits."""


@dataclass(frozen=True, slots=True)
class Group:
    """The ids of what is planned together."""

    technicians: frozenset[str]
    stations: frozenset[str]
    visits: frozenset[str]


def groups_of(snapshot: Snapshot, travel: Travel, count: int) -> tuple[Group, ...]:
    """At most ``count`` groups of about as many visits, none of them without visits.

    A visit that ties or pins bind to people of several groups is in none.
    """
    number = _numbered_territories(snapshot, count)
    people = {t.id: _group_of(t, number) for t in snapshot.technicians}
    stations = _stations(snapshot, travel, people)
    visits: defaultdict[int, set[str]] = defaultdict(set)
    for tied in _tied(snapshot):
        wanted = {group for v in tied for group in _wanted(snapshot, v, number, people)}
        if len(wanted) == 1:
            visits[wanted.pop()].update(v.id for v in tied)
    return tuple(
        Group(
            frozenset(t for t, group in people.items() if group == i),
            frozenset(s for s, group in stations.items() if group == i),
            frozenset(visits[i]),
        )
        for i in sorted(visits)
    )


def seam(snapshot: Snapshot, plan: Plan, groups: Sequence[Group]) -> frozenset[str]:
    """The technicians who could do more than their group let them: those who cover territories of
    several groups, and of what ``plan`` leaves out all who cover it, are pinned to it, or pick up
    parts that it needs."""
    place = {v: i for i, group in enumerate(groups) for v in group.visits}
    homes: defaultdict[str, set[int]] = defaultdict(set)
    for visit in snapshot.visits:
        if visit.id in place:
            homes[snapshot.site_of(visit).territory].add(place[visit.id])
    planned = {s.visit_id for r in plan.routes for s in r.stops}
    out = [v for v in snapshot.visits if v.id not in planned]
    short = {snapshot.site_of(v).territory for v in out}
    pinned = {p for v in out if v.id in snapshot.pin for p in _people_of(snapshot.pin[v.id])}
    parts = {part.part_id for v in out for part in v.parts}
    found = pinned & snapshot.technician.keys() | _who_pick_up(plan, parts)
    for technician in snapshot.technicians:
        covered = {c.territory for c in technician.territories}
        at = {i for territory in covered for i in homes[territory]}
        if len(at) > 1 or covered & short:
            found.add(technician.id)
    return frozenset(found)


def _who_pick_up(plan: Plan, parts: Set[str]) -> set[str]:
    return {
        route.technician_id
        for route in plan.routes
        for stop in route.stops
        if stop.kind is StopKind.PICKUP and any(part.part_id in parts for part in stop.parts)
    }


def with_own_stock(snapshot: Snapshot, group: Group) -> Snapshot:
    """The snapshot in which only the group's stations have anything."""
    return replace(
        snapshot,
        stations=tuple(
            s if s.id in group.stations else replace(s, tools=()) for s in snapshot.stations
        ),
        lots=tuple(lot for lot in snapshot.lots if lot.station_id in group.stations),
    )


def _numbered_territories(snapshot: Snapshot, count: int) -> dict[str, int]:
    """The group of each territory: what belongs together most is put together first, as long as
    that is not too much for one group; then the largest pieces are dealt out."""
    sizes = Counter(snapshot.site_of(v).territory for v in snapshot.visits)
    most = _SLACK * len(snapshot.visits) / count
    piece = {territory: territory for territory in _territories(snapshot)}
    members = {territory: [territory] for territory in piece}
    size = Counter({territory: sizes[territory] for territory in piece})
    for (a, b), _ in sorted(_edges(snapshot).items(), key=lambda edge: (-edge[1], edge[0])):
        one, other = piece[a], piece[b]
        if one != other and size[one] + size[other] <= most:
            size[one] += size.pop(other)
            for territory in members[other]:
                piece[territory] = one
            members[one] += members.pop(other)
    load = [0] * count
    number: dict[str, int] = {}
    for first, territories in sorted(members.items(), key=lambda p: (-size[p[0]], p[0])):
        least = load.index(min(load))
        load[least] += size[first]
        number |= dict.fromkeys(territories, least)
    return number


def _territories(snapshot: Snapshot) -> list[str]:
    covered = {c.territory for t in snapshot.technicians for c in t.territories}
    return sorted(covered | {site.territory for site in snapshot.sites})


def _edges(snapshot: Snapshot) -> Counter[tuple[str, str]]:
    """How much two territories belong together, by those who cover both or share a station."""
    edges: Counter[tuple[str, str]] = Counter()
    at: defaultdict[str, set[str]] = defaultdict(set)
    for technician in snapshot.technicians:
        cover = {c.territory: _WEIGHT[c.coverage] for c in technician.territories}
        for a, b in combinations(sorted(cover), 2):
            edges[a, b] += min(cover[a], cover[b])
        at[technician.station_id] |= cover.keys()
    for territories in at.values():
        edges.update(dict.fromkeys(combinations(sorted(territories), 2), _STATION_WEIGHT))
    return edges


def _group_of(technician: Technician, number: Mapping[str, int]) -> int:
    """That of most territories that he covers, those as primary first; the first group for whoever
    covers none."""
    votes: Counter[int] = Counter()
    for cover in technician.territories:
        votes[number[cover.territory]] += _WEIGHT[cover.coverage]
    return min(votes, key=lambda group: (-votes[group], group), default=0)


def _stations(snapshot: Snapshot, travel: Travel, people: Mapping[str, int]) -> dict[str, int]:
    """The group of each station: that of most who are based there, or at the nearest one where
    somebody is."""
    based: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for technician in snapshot.technicians:
        based[technician.station_id][people[technician.id]] += 1
    place = {place_id: i for i, place_id in enumerate(travel.place_ids)}
    staffed = [s.id for s in snapshot.stations if s.id in based]
    rows = np.array([place[s] for s in staffed], np.intp)
    groups = {}
    for station in snapshot.stations:
        if staffed:
            nearest = staffed[int(travel.metres[rows, place[station.id]].argmin())]
            votes = based[station.id] or based[nearest]
            groups[station.id] = min(votes, key=lambda group: (-votes[group], group))
    return groups


def _tied(snapshot: Snapshot) -> Iterator[list[Visit]]:
    """The visits, those together that links and pins tie to each other."""
    ties = ties_of(snapshot)
    seen: set[str] = set()
    for visit in snapshot.visits:
        if visit.id in seen:
            continue
        chain, waiting = [], [visit.id]
        seen.add(visit.id)
        while waiting:
            chain.append(snapshot.visit[waiting.pop()])
            further = ties.get(chain[-1].id, set()) - seen
            seen |= further
            waiting += sorted(further)
        yield chain


def _wanted(
    snapshot: Snapshot, visit: Visit, number: Mapping[str, int], people: Mapping[str, int]
) -> Iterable[int]:
    """The groups that a visit wants to be in: of those pinned to it, else of its territory."""
    pin = snapshot.pin.get(visit.id)
    pinned = {people[p] for p in _people_of(pin) if p in people} if pin is not None else set()
    return pinned or {number[snapshot.site_of(visit).territory]}


def _people_of(pin: Pin) -> set[str]:
    return {p for p in (pin.technician_id, *pin.other_technician_ids) if p is not None}
