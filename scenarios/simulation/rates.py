"""How often tickets come and how things go: the rates of a simulation, as a file has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dispatch.domain.errors import DispatchError
from dispatch.domain.organisation import Organisation
from dispatch.exchange.documents import read_form, write_form
from dispatch.texts import Text

FILE = "rates.json"
HOURS, WEEKDAYS = 24, 7


class RatesError(DispatchError):
    """Rates that nothing can be simulated with."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The part of all tickets (in any unit) that come from a city about a product."""

    city: str
    product: str
    weight: float


@dataclass(frozen=True, slots=True)
class Bursts:
    """Now and then a city has ``factor`` times the tickets for ``hours`` hours: a platform is
    down, a network fails. So often a week, in each city."""

    per_week: float = 0.25
    factor: float = 3.0
    hours: int = 4


@dataclass(frozen=True, slots=True)
class Desk:
    """Minutes (median) until somebody answers a ticket, and from then until the remote diagnosis is
    over, and how much they spread."""

    respond_min: float = 8.0
    diagnose_min: float = 12.0
    sigma: float = 0.5


@dataclass(frozen=True, slots=True)
class Durations:
    """How long repairs of a product take against what was planned; ``sigma`` is that of the
    logarithm.

    An empty product stands for all that are not named.
    """

    product: str
    factor: float
    sigma: float


@dataclass(frozen=True, slots=True)
class Illness:
    """How many of 1,000 working days of a technician begin an illness, and its mean length in
    days."""

    per_1000_days: float = 6.0
    days: float = 2.5


@dataclass(frozen=True, slots=True)
class Rates:
    """``tickets_per_day`` is a day's mean over the week; ``weekdays`` (Monday first) and
    ``hours`` (from midnight, local time) say how it is spread, in any unit.

    Shares lie between 0 and 1: ``remote`` of tickets (not of planned work, priority low) that need
    nobody on site, ``customer_away`` and ``wrong_part`` (where parts are needed) of visits that
    fail. Whoever finds nobody leaves after ``wait_min``. ``travel_sigma`` is how much drives
    spread. Used parts are there again after ``restock_days``. ``assumed`` says which figures
    nobody measured.
    """

    tickets_per_day: float
    flows: tuple[Flow, ...]
    weekdays: tuple[float, ...] = (1.0,) * WEEKDAYS
    hours: tuple[float, ...] = (1.0,) * HOURS
    bursts: Bursts = field(default_factory=Bursts)
    desk: Desk = field(default_factory=Desk)
    remote: float = 0.3
    durations: tuple[Durations, ...] = (Durations("", 1.0, 0.3),)
    travel_sigma: float = 0.15
    customer_away: float = 0.03
    wrong_part: float = 0.04
    wait_min: int = 20
    illness: Illness = field(default_factory=Illness)
    restock_days: int = 2
    assumed: tuple[Text, ...] = ()

    def durations_of(self, product: str) -> Durations:
        known = {d.product: d for d in self.durations}
        return known.get(product) or known.get("") or Durations("", 1.0, 0.0)


def read_rates(path: Path) -> Rates:
    """Raises DataErrors for what is no rates file, RatesError for figures that make no sense."""
    rates = read_form(path, Rates)
    check(rates, path.name)
    return rates


def write_rates(rates: Rates, path: Path) -> None:
    write_form(Rates, rates, path)


def check(rates: Rates, where: str) -> None:
    """Raises RatesError with all that is wrong."""
    wrong = list(_nonsense(rates))
    if wrong:
        raise RatesError(
            f"{where}: " + "; ".join(text.en for text in wrong) + ".",
            f"{where}：" + "；".join(text.zh for text in wrong) + "。",
        )


def _nonsense(rates: Rates) -> Iterator[Text]:
    shares = {
        "remote": rates.remote,
        "customer_away": rates.customer_away,
        "wrong_part": rates.wrong_part,
    }
    for name, share in shares.items():
        if not 0 <= share <= 1:
            yield Text(
                f"{name} is {share}, not between 0 and 1", f"{name} 为 {share}，应在 0 与 1 之间"
            )
    amounts = {
        "tickets_per_day": (rates.tickets_per_day,),
        "flows/weight": tuple(f.weight for f in rates.flows),
        "weekdays": rates.weekdays,
        "hours": rates.hours,
        "bursts": (rates.bursts.per_week, rates.bursts.factor),
        "desk": (rates.desk.respond_min, rates.desk.diagnose_min, rates.desk.sigma),
        "durations": tuple(x for d in rates.durations for x in (d.factor, d.sigma)),
        "travel_sigma": (rates.travel_sigma,),
        "illness": (rates.illness.per_1000_days, rates.illness.days),
    }
    for name, values in amounts.items():
        if any(value < 0 for value in values):
            yield Text(
                f"{name} has {min(values)}; give 0 or more", f"{name} 含 {min(values)}，应不小于 0"
            )
    for name, given, count in (
        ("weekdays", rates.weekdays, WEEKDAYS),
        ("hours", rates.hours, HOURS),
    ):
        if len(given) != count or not any(given):
            yield Text(
                f"{name} has {len(given)} figures; give {count}, not all 0",
                f"{name} 有 {len(given)} 个数；应为 {count} 个，且不全为 0",
            )
    if not sum(flow.weight for flow in rates.flows) > 0:
        yield Text("flows has no weight above 0", "flows 没有大于 0 的权重")


_WORKING_WEEK = (1.2, 1.15, 1.1, 1.1, 1.15, 0.7, 0.6)
_WORKING_DAY = (1, 1, 1, 1, 1, 2, 4, 7, 10, 10, 9, 8, 6, 8, 9, 8, 7, 6, 4, 3, 3, 2, 2, 1)
_ALL_ASSUMED = Text(
    "Assumed, not measured: tickets come as the open work orders do, by city and product; by"
    " weekday and"
    " hour as at a desk; how often repairs, drives, parts and people go wrong is a guess.",
    "以下为假定而非实测：工单按城市和产品的分布同未结派工单；星期与时段分布同一般服务台；"
    "维修、行程、备件和人员出错的频率为估计值。",
)


def assumed_rates(organisation: Organisation) -> Rates:
    """Rates for an organisation without a history: a day brings, in the mean, as many tickets as it
    has open work orders for each planned day."""
    city = {site.id: site.city for site in organisation.sites}
    flows: dict[tuple[str, str], int] = {}
    for order in organisation.work_orders:
        key = city[order.site_id], order.product
        flows[key] = flows.get(key, 0) + 1
    return Rates(
        tickets_per_day=len(organisation.work_orders) / organisation.horizon_days,
        flows=tuple(Flow(*key, float(n)) for key, n in sorted(flows.items())),
        weekdays=_WORKING_WEEK,
        hours=tuple(map(float, _WORKING_DAY)),
        assumed=(_ALL_ASSUMED,),
    )


def spread(figures: Sequence[float]) -> tuple[float, ...]:
    """The same figures with a mean of 1."""
    mean = sum(figures) / len(figures)
    return tuple(figure / mean for figure in figures)
