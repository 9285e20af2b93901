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
_ELSEWHERE = ("parts", "tool")
"""What keeps a visit out and may lie at a station of another group."""
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


@dataclass(frozen=True, slots=True)
class Seam:
    """Who could do more than the group let them, and the left-out visits that this may help."""

    technicians: frozenset[str]
    visits: frozenset[str]


def seam_of(snapshot: Snapshot, plan: Plan, groups: Sequence[Group]) -> Seam:
    """Where the groups of a joined ``plan`` meet.

    That is whoever covers territories of several groups, and whoever borrows a tool. Where parts
    or tools lie at stations of other groups, or a visit is in no group: also all who cover its
    territory, are pinned to it, or pick up parts that it needs.
    """
    place = {v: i for i, group in enumerate(groups) for v in group.visits}
    homes: defaultdict[str, set[int]] = defaultdict(set)
    for visit_id, group in place.items():
        homes[snapshot.site_of(snapshot.visit[visit_id]).territory].add(group)
    across = {
        t.id
        for t in snapshot.technicians
        if len({i for c in t.territories for i in homes[c.territory]}) > 1
    }
    shared = {c.territory for t in across for c in snapshot.technician[t].territories}
    why = {left.visit_id: left.code for left in plan.unassigned}
    planned = {s.visit_id for r in plan.routes for s in r.stops}
    out = [v for v in snapshot.visits if v.id not in planned]
    short = [v for v in out if v.id not in place or why.get(v.id) in _ELSEWHERE]
    near = {snapshot.site_of(v).territory for v in short}
    pinned = {p for v in short if v.id in snapshot.pin for p in _people_of(snapshot.pin[v.id])}
    parts = {part.part_id for v in short for part in v.parts}
    cover = {t.id for t in snapshot.technicians if near & {c.territory for c in t.territories}}
    helped = {v.id for v in out if snapshot.site_of(v).territory in shared}
    return Seam(
        frozenset(
            across | cover | (pinned & snapshot.technician.keys()) | _who_pick_up(plan, parts)
        ),
        frozenset(helped.union(v.id for v in short)),
    )


def _who_pick_up(plan: Plan, parts: Set[str]) -> set[str]:
    """Who picks up one of the parts, or borrows any tool: who borrows at another time may be in the
    way of others who do."""
    return {
        route.technician_id
        for route in plan.routes
        for stop in route.stops
        if stop.kind is StopKind.PICKUP
        and (stop.tools or any(part.part_id in parts for part in stop.parts))
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
