"""Whether noise is called noise, and what was planted is found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scenarios.frame import Found, Size, say
from dispatch.domain.snapshot import Snapshot
from dispatch.horizon import snapshot_of
from scenarios.bases import Base, snapshot_at
from scenarios.bottlenecks import bottlenecks
from scenarios.changes import Change
from scenarios.changes.people import Train
from scenarios.changes.stock import Stock
from scenarios.changes.work import Demand
from scenarios.compare import compare
from scenarios.executing import Done, Workers, processes
from scenarios.generate import generate
from scenarios.mix import PLAIN, SKILLS
from scenarios.results import Results
from scenarios.scenario import Effort, Scenario, changed
from scenarios.study import Laboratory

_CORES = 2
_NOISE_OF, _COMPARISONS = 28, 30
_VISITS = 40
_ITERATIONS = 150
_GONE = "harness"


def noise(size: Size) -> Found:
    """A day of Guizhou beside itself under another name, each time with other seeds."""
    facts = snapshot_at(Base("guizhou", Path(), None, None, 1, None))
    seeds = range(1, 2 * size.pairs * size.comparisons + 1)
    unchanged = _scenario(facts, (Demand(percent=100),), seeds, size.noise_iterations)
    with TemporaryDirectory() as folder, processes(_CORES) as workers:
        (carried,) = _laboratory(folder, workers).carry_out([unchanged])
    outcomes = [carried.outcomes[seed] for seed in seeds]
    sides = [
        dict(enumerate(outcomes[first : first + size.pairs]))
        for first in range(0, len(outcomes), size.pairs)
    ]
    said = [
        compare(("baseline", "unchanged"), (facts, facts), before, after).is_noise
        for before, after in zip(sides[::2], sides[1::2], strict=True)
    ]
    least = _NOISE_OF * len(said) / _COMPARISONS
    return Found(
        f"{sum(said)} of {len(said)} comparisons of {size.pairs} pairs are called noise",
        f"{_NOISE_OF} of {_COMPARISONS} or more",
        sum(said) >= least,
        figures={"noise": sum(said), "comparisons": len(said), "pairs": size.pairs},
    )


def planted(size: Size) -> Found:
    """Made-up days with twice the demand in a territory, and with a part that is gone."""
    wrong = []
    with TemporaryDirectory() as folder, processes(_CORES) as workers:
        laboratory = _laboratory(folder, workers)
        for seed in range(1, size.made_up_days + 1):
            facts = _everybody_can(seed)
            for kind, name, change in _plants(facts):
                scenario = _scenario(facts, (change,), (seed,), _ITERATIONS)
                first = bottlenecks(scenario, laboratory)[0].relief
                if (first.kind, first.name) != (kind, name):
                    wrong.append(f"day {seed}: {kind} {name} is not first, but {first.text.en}")
    count = 2 * size.made_up_days
    return Found(
        f"{count - len(wrong)} of {count} planted bottlenecks are the first to be named",
        "all",
        not wrong,
        tuple(wrong),
        {"planted": count, "found": count - len(wrong)},
    )


def _plants(facts: Snapshot) -> Iterator[tuple[str, str, Change]]:
    busiest = Counter(facts.site_of(v).territory for v in facts.visits).most_common(1)[0][0]
    yield "territory", busiest, Demand(percent=200, territories=(busiest,))
    yield "part", _GONE, Stock(part=_GONE, units=0, vans=True)


def _everybody_can(seed: int) -> Snapshot:
    """A made-up day with parts for all, on which everybody has every skill."""
    made = snapshot_of(generate(_VISITS, seed, PLAIN))
    return changed(made, [Train(skill=skill) for skill in SKILLS], seed)


def _scenario(
    facts: Snapshot, changes: tuple[Change, ...], seeds: Sequence[int], iterations: int
) -> Scenario:
    return Scenario("benchmark", facts, changes, tuple(seeds), Effort(iterations))


def _laboratory(folder: str, workers: Workers) -> Laboratory:
    return Laboratory(Results(Path(folder)), workers, _report, lambda: False)


def _report(at: Done) -> None:
    say(f"{at.done} of {at.total} runs")
