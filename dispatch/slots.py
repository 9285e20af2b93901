"""Slots: promised windows that could be offered for a visit, what each costs, how easily it breaks,
and how much of the work to come it pushes out."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from zoneinfo import ZoneInfo

from dispatch.answering import Option, number_of, option_within, promised
from dispatch.domain.plan import Route
from dispatch.domain.snapshot import Snapshot
from dispatch.domain.work import Priority, Window
from dispatch.forecast import PERMILLE, Forecast, free_s
from dispatch.kept_plan import KeptPlan
from dispatch.slot_company import company_of
from dispatch.slot_risk import SLIPS, Risk, Slip, breaks_on, risk_of
from dispatch.slot_windows import PossibleWindow, possible_windows
from solver.insertion import Insertion

RASTER_S = 2 * 3600
MOST = 10


@dataclass(frozen=True, slots=True)
class SlotTerms:
    """How slots are cut and graded: the length of a window, how days slip, the work to come (None:
    nobody knows), and whether windows are offered in which a clock runs out."""

    raster_s: int = RASTER_S
    slips: tuple[Slip, ...] = SLIPS
    forecast: Forecast | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A window that could be promised.

    ``option`` is who would come, when, at what cost, and what moves. ``late``: a clock may run out
    in it. The visit may start ``slack_s`` later than planned. The window breaks on ``breaks_on`` of
    1,000 days. ``pushed_out`` are thousandths of visits to come; None: nobody knows of any.
    ``graded_fen`` is what it adds, with the prices of both.
    """

    window: Window
    option: Option
    late: bool
    slack_s: int
    breaks_on: int
    pushed_out: int | None
    graded_fen: int

    @property
    def risk(self) -> Risk:
        return risk_of(self.breaks_on)


def slots(
    kept_plan: KeptPlan,
    visit_id: str,
    days: int,
    most: int = MOST,
    terms: SlotTerms | None = None,
) -> tuple[Slot, ...]:
    """The best slots of a visit in the next ``days`` local days of the plan's horizon, best first.

    Each is legal, for the visit and for those linked to it that are not planned either. They are
    spread over the days: of each day the cheapest, then of each the second, and so on. A visit that
    is planned is asked about as if it were not; it stays within the windows that it has, and has no
    slots if its start is pinned.

    Raises:
        KeptPlanError: there is no such visit, or it is on a route that has to stay as it is.
    """
    number_of(kept_plan, visit_id)
    asked = _Asked(kept_plan, visit_id, terms or SlotTerms())
    if asked.is_pinned:
        return ()
    found = sorted(asked.drafts(days), key=lambda draft: draft.fen)
    made: list[Slot] = []
    for draft in _spread(found):
        slot = asked.slot(draft) if len(made) < most else None
        if slot is not None:
            made.append(slot)
    return tuple(sorted(made, key=lambda slot: (slot.graded_fen, slot.window.open_at)))


def fit(kept_plan: KeptPlan, visit_id: str, window: Window) -> Option | None:
    """The cheapest way to plan a visit in a window; None if there is none, as for ``slots``.

    Raises KeptPlanError as ``slots``.
    """
    number_of(kept_plan, visit_id)
    asked = _Asked(kept_plan, visit_id, SlotTerms())
    if asked.is_pinned:
        return None
    with asked.within(window):
        way = asked.way()
        return option_within(kept_plan, visit_id, way, window) if way is not None else None


def plan_promised(kept_plan: KeptPlan, visit_id: str, technician_id: str | None = None) -> None:
    """Plan a visit that is out and has windows where it costs least, by a technician if he can, and
    with it what is linked to it. It stays out if that is cheaper, or there is no place."""
    kept, number = kept_plan.kept, kept_plan.numbering.visit_number
    company = company_of(kept_plan, visit_id)
    windows = kept_plan.snapshot.visit[visit_id].windows
    outer = Window(windows[0].open_at, windows[-1].close_at)
    firsts, thens = (tuple(map(number.__getitem__, ids)) for ids in company.others)
    leaving_out_fen = sum(
        int(kept.problem.visit_unassigned_fen[v]) for v in (number[visit_id], *firsts, *thens)
    )
    with kept_plan.within(_each(company.before(outer))):
        if firsts or thens:
            way = kept.cheapest(number[visit_id], firsts, thens)
        else:
            ways, _ = kept.insertions(number[visit_id], len(kept_plan.snapshot.technicians))
            way = next((w for w in ways if _leader(kept_plan, w) == technician_id), None)
            way = way or next(iter(ways), None)
        if way is not None and way.added_fen < leaving_out_fen:
            kept_plan.apply(way)


def _leader(kept_plan: KeptPlan, way: Insertion) -> str:
    """The technician who leads the visit that is placed first."""
    numbering, problem = kept_plan.numbering, kept_plan.kept.problem
    return numbering.shifts[int(problem.candidate_shift[way.places[0].candidate])][0].id


@dataclass(frozen=True, slots=True)
class _Draft:
    """A window with the cheapest way to keep it. ``fen`` is what that adds, with the price of what
    it pushes out."""

    day: date
    possible: PossibleWindow
    way: Insertion
    pushed_out: int | None
    fen: int


def _spread(drafts: Sequence[_Draft]) -> Iterator[_Draft]:
    """The first of each day, then the second of each, and so on."""
    by_day: dict[date, list[_Draft]] = {}
    for draft in drafts:
        by_day.setdefault(draft.day, []).append(draft)
    for of_each in zip_longest(*by_day.values()):
        yield from (draft for draft in of_each if draft is not None)


def _each(windows: Mapping[str, Window]) -> dict[str, tuple[Window]]:
    return {visit_id: (window,) for visit_id, window in windows.items()}


@dataclass
class _Asked:
    """A question about the slots of a visit."""

    kept_plan: KeptPlan
    visit_id: str
    terms: SlotTerms
    _free_s: dict[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        snapshot = self.kept_plan.snapshot
        self._visit = snapshot.visit[self.visit_id]
        self._territory = snapshot.site_of(self._visit).territory
        self._prices = snapshot.policy.unassigned_fen
        self._company = company_of(self.kept_plan, self.visit_id)

    def drafts(self, days: int) -> Iterator[_Draft]:
        kept_plan, terms = self.kept_plan, self.terms
        zone = ZoneInfo(kept_plan.snapshot.time_zone)
        spans = self._spans()
        for possible in possible_windows(
            kept_plan.snapshot, self._visit, days, terms.raster_s, late=terms.late
        ):
            window = possible.window
            if not any(start < window.close_at and window.open_at < end for start, end in spans):
                continue
            with self.within(window):
                way = self.way()
                taken_s = self._taken_s(way) if way is not None else 0
            if way is not None:
                day = window.open_at.astimezone(zone).date()
                pushed_out = self._pushed_out(day, taken_s)
                fen = way.added_fen + self._price_of(pushed_out)
                yield _Draft(day, possible, way, pushed_out, fen)

    def slot(self, draft: _Draft) -> Slot | None:
        """None if it needs a route that has to stay as it is."""
        kept_plan, window = self.kept_plan, draft.possible.window
        with self.within(window):
            option = option_within(kept_plan, self.visit_id, draft.way, window)
        if option is None:
            return None
        routes, snapshot = taken(kept_plan, self.visit_id, window, option.routes)
        breaks = breaks_on(snapshot, routes, kept_plan.travel, self.visit_id, self.terms.slips)
        order = snapshot.order_of(self._visit)
        return Slot(
            window=window,
            option=option,
            late=draft.possible.late,
            slack_s=round((window.close_at - option.start_at).total_seconds()),
            breaks_on=breaks,
            pushed_out=draft.pushed_out,
            graded_fen=draft.fen + breaks * self._prices.of(order.priority) // PERMILLE,
        )

    @property
    def is_pinned(self) -> bool:
        pin = self.kept_plan.snapshot.pin.get(self.visit_id)
        return pin is not None and pin.start_at is not None

    def within(self, window: Window) -> AbstractContextManager[None]:
        """In the body the visit has to start in a window."""
        windows = {self.visit_id: window, **self._company.before(window)}
        return self.kept_plan.within(_each(windows))

    def way(self) -> Insertion | None:
        """The cheapest one, with those that are planned along."""
        number = self.kept_plan.numbering.visit_number
        firsts, thens = (tuple(map(number.__getitem__, ids)) for ids in self._company.others)
        return self.kept_plan.kept.cheapest(number[self.visit_id], firsts, thens)

    def _taken_s(self, way: Insertion) -> int:
        """How much more paid time the routes have with the visit."""
        kept = self.kept_plan.kept
        with kept.trial(way.out, way.places):
            after = {shift: kept.paid_s(shift) for shift in kept.touched()}
        with kept.trial(way.out, ()):
            return sum(paid_s - kept.paid_s(shift) for shift, paid_s in after.items())

    def _pushed_out(self, day: date, taken_s: int) -> int | None:
        forecast = self.terms.forecast
        if forecast is None:
            return None
        if day not in self._free_s:
            self._free_s[day] = free_s(self.kept_plan, self._territory, day)
        return forecast.pushed_out(self._territory, day, self._free_s[day], taken_s)

    def _price_of(self, pushed_out: int | None) -> int:
        return (pushed_out or 0) * self._prices.of(Priority.NORMAL) // PERMILLE

    def _spans(self) -> set[tuple[datetime, datetime]]:
        """From when to when those could work who might take the visit."""
        numbering, problem = self.kept_plan.numbering, self.kept_plan.kept.problem
        first, end = problem.candidate_ptr[numbering.visit_number[self.visit_id] :][:2].tolist()
        times = (
            numbering.qualification.times[numbering.shifts[shift][1]]
            for shift in problem.candidate_shift[first:end].tolist()
        )
        return {(t.start_at, t.limit_at) for t in times}


def taken(
    kept_plan: KeptPlan, visit_id: str, window: Window, changed: Mapping[str, Route | None]
) -> tuple[tuple[Route, ...], Snapshot]:
    """The routes that a visit may wait for once a slot is taken, and their facts, in which it has
    the slot's window."""
    shift_number, shifts = kept_plan.numbering.shift_number, kept_plan.numbering.shifts
    people = {shifts[shift_number[shift_id]][0].id for shift_id in changed}
    near, snapshot = kept_plan.near(visit_id, people)
    after = {**{route.shift_id: route for route in near}, **changed}
    routes = tuple(route for route in after.values() if route is not None)
    return _that_day(snapshot, routes, visit_id, window), promised(snapshot, visit_id, window)


def _that_day(
    snapshot: Snapshot, routes: tuple[Route, ...], visit_id: str, window: Window
) -> tuple[Route, ...]:
    """Those of the routes that a visit may wait for: on other days only links and nights away can
    make it wait."""
    if snapshot.links or any(route.ends_away for route in routes):
        return routes
    own = (r for r in routes if any(s.visit_id == visit_id for s in r.stops))
    begin_at = min(snapshot.shift[route.shift_id].start_at for route in own)
    shifts = {
        s.id
        for s in snapshot.shift.values()
        if s.start_at <= window.close_at
        and begin_at <= s.end_at + timedelta(seconds=s.max_overtime_s)
    }
    return tuple(route for route in routes if route.shift_id in shifts)
