"""The visits that are planned together with one that gets a slot: those linked to it that the plan
has not got either."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Link, Window
from dispatch.kept_plan import KeptPlan


@dataclass(frozen=True)
class Company:
    """``firsts`` are the links by which visits have to come before, nearest first; ``then_ids`` are
    the visits that come after, or wherever the same technician has time for them."""

    snapshot: Snapshot
    visit_id: str
    firsts: tuple[Link, ...]
    then_ids: tuple[str, ...]

    @property
    def others(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those before, in the order in which they are planned, and those after."""
        first_ids = dict.fromkeys(link.first_visit_id for link in reversed(self.firsts))
        return tuple(first_ids), self.then_ids

    def before(self, window: Window) -> dict[str, Window]:
        """When those before have to start for the visit to start in a window; those with promised
        windows or pinned starts have theirs."""
        found = {self.visit_id: window}
        for link in self.firsts:
            then = found.get(link.then_visit_id)
            if then is not None and self._is_free(link.first_visit_id):
                found[link.first_visit_id] = self._before(link, then)
        del found[self.visit_id]
        return found

    def _is_free(self, visit_id: str) -> bool:
        pin = self.snapshot.pin.get(visit_id)
        has_start = pin is not None and pin.start_at is not None
        return not has_start and not self.snapshot.visit[visit_id].windows

    def _before(self, link: Link, then: Window) -> Window:
        took = timedelta(seconds=self.snapshot.visit[link.first_visit_id].duration_s)
        close_at = then.close_at - took - timedelta(seconds=link.min_lag_s or 0)
        open_at = self.snapshot.start_at
        if link.max_lag_s is not None:
            open_at = then.open_at - took - timedelta(seconds=link.max_lag_s)
        return Window(open_at, max(open_at, close_at))


def company_of(kept_plan: KeptPlan, visit_id: str) -> Company:
    snapshot, planned = kept_plan.snapshot, kept_plan.servers
    links = [
        link
        for link in snapshot.links
        if not {link.first_visit_id, link.then_visit_id} - {visit_id} & planned.keys()
    ]
    firsts = tuple(_firsts(links, visit_id, {visit_id}))
    seen = {visit_id, *(link.first_visit_id for link in firsts)}
    return Company(snapshot, visit_id, firsts, tuple(_thens(links, visit_id, seen)))


def _firsts(links: list[Link], visit_id: str, seen: set[str]) -> Iterator[Link]:
    for link in links:
        first_id = link.first_visit_id
        if link.then_visit_id == visit_id and link.min_lag_s is not None and first_id not in seen:
            seen.add(first_id)
            yield link
            yield from _firsts(links, first_id, seen)


def _thens(links: list[Link], visit_id: str, seen: set[str]) -> Iterator[str]:
    for link in links:
        ends = (link.first_visit_id, link.then_visit_id)
        other_id = ends[ends[0] == visit_id]
        if visit_id in ends and other_id not in seen:
            seen.add(other_id)
            yield other_id
            yield from _thens(links, other_id, seen)
