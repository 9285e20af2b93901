"""Changes of what customers need: more or fewer visits, emergencies, remote fixes."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from dispatch.domain.places import Site
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Priority, Visit, WorkOrder
from dispatch.texts import Text
from scenarios.changes.base import ForVisits, Refusal, draw, drawn_of, without_visits
from scenarios.changes.people import Percent

_DAY_S = 24 * 3600


class Demand(ForVisits):
    """So many per cent of the visits (200: twice as many).

    Copies need what the original needs, at a site of the same territory that the seed draws; no
    time is promised for them. Growing demand keeps every visit that smaller demand has.
    """

    seeded = True
    change: Literal["demand"] = "demand"
    percent: Annotated[float, Field(ge=0, le=2000)]

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:
        copies: list[tuple[WorkOrder, Visit]] = []
        gone: list[str] = []
        near = _sites_by_territory(snapshot)
        for visit in self.chosen(snapshot):
            if draw(seed, "demand", visit.id) * 100 >= self.percent:
                gone.append(visit.id)
            whole, number = self.percent / 100 - 1, 1
            while draw(seed, "demand", visit.id, number) < whole - (number - 1):
                sites = near[snapshot.site_of(visit).territory]
                site = drawn_of(seed, sites, "site", visit.id, number)
                copies.append(_copied(snapshot, visit, site, number))
                number += 1
        fewer = without_visits(snapshot, gone) if gone else snapshot
        return _with_work(fewer, copies)

    def text(self) -> Text:
        return Text(
            f"demand × {self.percent / 100:g} ({self.where.en})",
            f"需求 × {self.percent / 100:g}（{self.where.zh}）",
        )


class RemoteFixes(ForVisits):
    """Of the visits that nobody has been told of yet, so many per cent turn out not to be needed:
    the fault is mended from afar. A larger share mends the same ones and others too."""

    seeded = True
    change: Literal["remote_fixes"] = "remote_fixes"
    percent: Percent

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:
        mended = [
            v.id
            for v in self.chosen(snapshot)
            if v.id not in snapshot.commitment
            and v.id not in snapshot.pin
            and draw(seed, "remote", v.work_order_id) * 100 < self.percent
        ]
        return without_visits(snapshot, mended)

    def text(self) -> Text:
        return Text(
            f"{self.percent:g} % fixed remotely ({self.where.en})",
            f"{self.percent:g} % 远程解决（{self.where.zh}）",
        )


class Emergencies(ForVisits):
    """So many emergencies, each like a visit that the seed draws, reported at a time of the
    horizon that it draws, between ``from_hour`` and ``to_hour`` of the day.

    The plan knows them from the start, as nobody would: they may not begin before they are
    reported, but room can be left for them.
    """

    seeded = True
    change: Literal["emergencies"] = "emergencies"
    count: Annotated[int, Field(ge=0, le=10_000)]

    @property
    def _at_any_hour(self) -> "Emergencies":
        """The hours are those of the emergencies, not of the visits that they are like."""
        return self.model_copy(update={"from_hour": 0, "to_hour": 24})

    def refusals(self, snapshot: Snapshot) -> Iterator[Refusal]:
        yield from self._at_any_hour.wrong_choice(snapshot)
        if self.from_hour >= self.to_hour:
            yield Refusal(
                "to_hour",
                str(self.to_hour),
                Text("it must be after from_hour", "必须晚于 from_hour"),
            )

    def apply(self, snapshot: Snapshot, seed: int) -> Snapshot:
        models = self._at_any_hour.chosen(snapshot)
        near = _sites_by_territory(snapshot)
        days = max(1, round((snapshot.end_at - snapshot.start_at).total_seconds() / _DAY_S))
        made = []
        for number in range(1, self.count + 1):
            model = drawn_of(seed, models, "emergency", number)
            site = drawn_of(seed, near[snapshot.site_of(model).territory], "emergency site", number)
            day = int(draw(seed, "emergency day", number) * days)
            hour = self.from_hour + draw(seed, "emergency hour", number) * (
                self.to_hour - self.from_hour
            )
            reported_at = max(
                snapshot.now_at,
                snapshot.start_at + timedelta(days=day, minutes=int(60 * hour)),
            )
            order, visit = _copied(snapshot, model, site, number, mark="!")
            made.append(
                (
                    replace(order, priority=Priority.EMERGENCY, reported_at=reported_at, gates=()),
                    replace(visit, windows=(), release_at=reported_at, wished_technician_id=None),
                )
            )
        return _with_work(snapshot, made)

    def text(self) -> Text:
        what = "1 emergency" if self.count == 1 else f"{self.count} emergencies"
        return Text(f"{what} ({self.where.en})", f"{self.count} 个紧急任务（{self.where.zh}）")


def _sites_by_territory(snapshot: Snapshot) -> dict[str, Sequence[Site]]:
    found: dict[str, list[Site]] = {}
    for site in snapshot.sites:
        found.setdefault(site.territory, []).append(site)
    return {territory: tuple(sites) for territory, sites in found.items()}


def _copied(
    snapshot: Snapshot, visit: Visit, site: Site, number: int, mark: str = "~"
) -> tuple[WorkOrder, Visit]:
    """The same work at another site, under new ids; nobody has answered or begun it."""
    order_id, visit_id = f"{visit.id}{mark}{number}w", f"{visit.id}{mark}{number}"
    order = replace(
        snapshot.order_of(visit),
        id=order_id,
        site_id=site.id,
        arrived_at=None,
        restored_at=None,
    )
    return order, replace(visit, id=visit_id, work_order_id=order_id)


def _with_work(snapshot: Snapshot, work: Sequence[tuple[WorkOrder, Visit]]) -> Snapshot:
    return replace(
        snapshot,
        work_orders=(*snapshot.work_orders, *(order for order, _ in work)),
        visits=(*snapshot.visits, *(visit for _, visit in work)),
    )
