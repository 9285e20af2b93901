"""``python -m scenarios.studies.typhoon``: a week in Dalian with a typhoon, and the same without.

Both weeks have the same seeds, so all tickets that come anyway are the same.
docs/studies/typhoon.md has the results.
"""

import argparse
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from dispatch.domain.organisation import Organisation
from dispatch.exchange import load_organisation
from scenarios.organisations import path_of
from scenarios.simulation.measures import Result
from scenarios.simulation.planner import Effort
from scenarios.simulation.rates import FILE, Rates, read_rates
from scenarios.simulation.routine import routine_of
from scenarios.simulation.simulate import Setting, simulate
from scenarios.simulation.spells import Spell
from scenarios.simulation.summary import estimates, interval

CITY = "大连"
LANDFALL = date(2026, 10, 13)
DAY = timedelta(days=1)
TYPHOON = (
    Spell("storm", LANDFALL, LANDFALL, (CITY,), demand=1.5, stopped=True),
    Spell("wet roads", LANDFALL + DAY, LANDFALL + 2 * DAY, (CITY,), travel=1.6),
    Spell("damage", LANDFALL + DAY, LANDFALL + 3 * DAY, (CITY,), demand=2.5),
)
SHOWN = (
    "tickets",
    "visits",
    "open_visits",
    "on_time_arrive",
    "on_time_restore",
    "wait_h_emergency",
    "wait_h_high",
    "utilisation",
    "overtime_h",
    "cost_yuan",
)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m scenarios.studies.typhoon", description=__doc__
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--days", type=int, default=11, help="from the Monday before on")
    parser.add_argument("--iterations", type=int, default=1000)
    wanted = parser.parse_args(arguments)
    calm: list[Result] = []
    rough: list[Result] = []
    for seed in range(1, wanted.seeds + 1):
        for spells, results in (((), calm), (TYPHOON, rough)):
            results.append(lived(seed, spells, wanted.days, wanted.iterations))
            print(f"seed {seed}, {'typhoon' if spells else 'calm'}", flush=True)
    print()
    for line in rows(calm, rough):
        print(line)
    return 0


def dalian() -> tuple[Organisation, Rates]:
    """The technicians, stock and tickets of the one city."""
    whole = load_organisation(path_of("liaoning"))
    rates = read_rates(path_of("liaoning") / FILE)
    stations = {station.id for station in whole.stations if station.city == CITY}
    people = {t.id for t in whole.technicians if t.station_id in stations}
    flows = tuple(flow for flow in rates.flows if flow.city == CITY)
    share = sum(f.weight for f in flows) / sum(f.weight for f in rates.flows)
    organisation = replace(
        whole,
        technicians=tuple(t for t in whole.technicians if t.id in people),
        shift_patterns=tuple(p for p in whole.shift_patterns if p.technician_id in people),
    )
    return organisation, replace(rates, flows=flows, tickets_per_day=rates.tickets_per_day * share)


def lived(seed: int, spells: tuple[Spell, ...], days: int, iterations: int) -> Result:
    organisation, rates = dalian()
    setting = Setting(
        organisation=organisation,
        rates=rates,
        routine=routine_of("every-60+events"),
        first=LANDFALL - DAY,
        days=days,
        seed=seed,
        spells=spells,
        effort=Effort(iterations, seed),
    )
    return simulate(setting, lambda _: None, lambda _: None, lambda: False)


def rows(calm: Sequence[Result], rough: Sequence[Result]) -> Iterator[str]:
    """Each figure in both weeks, and the paired difference with its 95 % interval."""
    yield f"{'figure':20}{'calm':>12}{'typhoon':>12}{'difference':>12}{'95 % interval':>28}"
    before, after = ([values(result) for result in results] for results in (calm, rough))
    for name in SHOWN:
        pairs = [
            (a[name], b[name])
            for a, b in zip(before, after, strict=True)
            if name in a and name in b
        ]
        if not pairs:
            continue
        first, second = (statistics.fmean(p[i] for p in pairs) for i in (0, 1))
        ends = interval([b - a for a, b in pairs])
        shown = f"{ends[0]:.3f} … {ends[1]:.3f}" if ends is not None else "-"
        yield f"{name:20}{first:12.3f}{second:12.3f}{second - first:12.3f}{shown:>28}"


def values(result: Result) -> Mapping[str, float]:
    found = estimates([result])
    return {name: e.value for name, e in found.items() if e.value is not None}


if __name__ == "__main__":
    raise SystemExit(main())
