"""``dispatch scenario``: run, compare, sweep and suggest."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from rich.console import Console

from api.exits import EXIT_INTERRUPTED, EXIT_NO, EXIT_OK
from api.progress import COMPILING, Interruption, interruptible
from api.screen import print_json, screen
from api.views.scenario import comparison_form, show_compared
from api.views.scenario_search import (
    bottleneck_form,
    show_report,
    suggestion_form,
    sweep_form,
)
from dispatch.domain.errors import DispatchError
from dispatch.texts import Language
from scenarios.bottlenecks import bottlenecks
from scenarios.cluster import Cluster, certificates_of
from scenarios.executing import Done, Workers, processes
from scenarios.report import (
    Report,
    bottleneck_report,
    comparison_report,
    suggestion_report,
    sweep_report,
)
from scenarios.report_files import check_report, write_report
from scenarios.results import Results
from scenarios.scenario import Effort, Loaded, load_scenario
from scenarios.study import Compared, Laboratory
from scenarios.suggest import suggest
from scenarios.sweep import grid, sweep


@dataclass(frozen=True, slots=True)
class Ask:
    """What all these commands are told. ``seeds`` and ``iterations`` None: as the file says;
    ``cluster`` None: runs are done by processes here."""

    processes: int
    cluster: str | None
    seeds: int | None
    iterations: int | None
    results: Path
    out: tuple[Path, ...]
    as_json: bool
    lang: Language

    def load(self, path: Path) -> Loaded:
        for out in self.out:
            check_report(out)
        effort = Effort(self.iterations) if self.iterations is not None else None
        seeds = tuple(range(1, self.seeds + 1)) if self.seeds is not None else None
        return load_scenario(path, effort, seeds)

    def workers(self) -> Workers:
        """Raises ClusterError."""
        if self.cluster is None:
            return processes(self.processes)
        return Cluster(self.cluster, certificates_of(os.environ))


def run_and_compare(files: Sequence[Path], ask: Ask) -> int:
    """Each scenario beside its own baseline."""
    loaded = [ask.load(path).scenario for path in files]
    with AtWork(ask) as (laboratory, interruption):
        every = [side for scenario in loaded for side in (scenario.baseline, scenario)]
        carried = laboratory.carry_out(every)
    pairs = [Compared(*carried[i : i + 2]) for i in range(0, len(carried), 2)]
    return _show(pairs, ask, interruption)


def compare_with_first(files: Sequence[Path], ask: Ask) -> int:
    """All scenarios beside the first one."""
    loaded = [ask.load(path).scenario for path in files]
    with AtWork(ask) as (laboratory, interruption):
        first, *others = laboratory.carry_out(loaded)
    return _show([Compared(first, other) for other in others], ask, interruption)


def sweep_values(path: Path, ask: Ask) -> int:
    """One or two quantities at several values."""
    loaded = ask.load(path)
    _need(loaded, "sweep")
    # Says what is wrong before any time passes.
    grid(loaded.file.form.sweep, loaded.scenario, loaded.change_of)
    with AtWork(ask) as (laboratory, interruption):
        found = sweep(loaded, laboratory)
    if found.points:
        report = sweep_report(loaded.scenario.name, found, ask.lang)
        _tell(report, sweep_form(found), ask)
    return _code(interruption)


def rank_bottlenecks(path: Path, ask: Ask) -> int:
    """What holds the plan back most."""
    loaded = ask.load(path)
    with AtWork(ask) as (laboratory, interruption):
        found = bottlenecks(loaded.scenario, laboratory)
    if found or not interruption.happened:
        report = bottleneck_report(loaded.scenario.name, found, ask.lang)
        _tell(report, bottleneck_form(found, ask.lang), ask)
    return _code(interruption)


def suggest_measures(path: Path, ask: Ask) -> int:
    """The cheapest set of measures that reaches a target. Exit code 1 if none does."""
    loaded = ask.load(path)
    _need(loaded, "suggest")
    with AtWork(ask) as (laboratory, interruption):
        found = suggest(loaded, laboratory)
    if found is None:
        return EXIT_INTERRUPTED
    report = suggestion_report(loaded.scenario.name, found, ask.lang)
    _tell(report, suggestion_form(found, ask.lang), ask)
    if interruption.happened:
        return EXIT_INTERRUPTED
    return EXIT_OK if found.is_reached else EXIT_NO


class NothingAskedError(DispatchError):
    """The file does not say what the command needs."""


def _need(loaded: Loaded, field: str) -> None:
    if not getattr(loaded.file.form, field):
        file = loaded.file.path.name
        raise NothingAskedError(
            f"{file}: {field} is missing; docs/scenarios.md shows how it is written.",
            f"{file}：缺少 {field}；写法见 docs/scenarios.md。",
        )


def _code(interruption: Interruption) -> int:
    return EXIT_INTERRUPTED if interruption.happened else EXIT_OK


def _tell(report: Report, form: Mapping[str, object], ask: Ask) -> None:
    """On the screen, for people or programs, and in the files that were asked for."""
    _write(report, ask)
    if ask.as_json:
        print_json(form)
    else:
        show_report(screen(), report)


def _write(report: Report, ask: Ask) -> None:
    for path in ask.out:
        write_report(report, path, ask.lang)
        written = ask.lang.pick(f"Wrote {path}", f"已写出 {path}")
        screen(errors=True).print(written, soft_wrap=True)


def _show(pairs: Sequence[Compared], ask: Ask, interruption: Interruption) -> int:
    told = [pair for pair in pairs if pair.has_pairs]
    _write(comparison_report(told, ask.lang), ask)
    if ask.as_json:
        print_json({"comparisons": [comparison_form(pair, ask.lang) for pair in told]})
    else:
        for pair in told:
            show_compared(screen(), pair, ask.lang)
    return _code(interruption)


class AtWork:
    """A laboratory with progress on the screen, which Ctrl-C stops. What is finished is kept."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._console = screen(errors=True)
        self._stack = ExitStack()
        self._interruption = Interruption()

    def __enter__(self) -> tuple[Laboratory, Interruption]:
        self._interruption = self._stack.enter_context(interruptible())
        report = self._stack.enter_context(RunReport(self._console, self._ask.lang))
        workers = self._stack.enter_context(self._ask.workers())
        results = Results(self._ask.results)
        laboratory = Laboratory(results, workers, report, self._interruption)
        return laboratory, self._interruption

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if self._interruption.happened:
            self._console.print(
                self._ask.lang.pick(
                    "Interrupted: all finished runs are kept; the same command goes on from here.",
                    "已中断：已完成的运行均已保留，再次运行同一命令即可继续。",
                ),
                style="yellow",
            )


class RunReport:
    """How many runs are done: in a terminal a line that changes, in a pipe one now and then."""

    def __init__(self, console: Console, lang: Language) -> None:
        self._console = console
        self._lang = lang
        self._status = console.status("")
        self._next = 0.0

    def __enter__(self) -> Callable[[Done], None]:
        if self._console.is_terminal:
            self._status.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def _report(self, at: Done) -> None:
        known = (
            self._lang.pick(f", {at.known} known before", f"，其中 {at.known} 个此前已有")
            if at.known
            else ""
        )
        line = self._lang.pick(
            f"{at.done} of {at.total} runs done{known}",
            f"已完成 {at.done}/{at.total} 次运行{known}",
        )
        if at.is_compiling:
            line = COMPILING.say(self._lang)
        if self._console.is_terminal:
            self._status.update(line)
        elif at.done >= self._next:
            self._console.print(line)
            self._next = at.done + max(1, at.total / _STEPS_IN_A_PIPE)


_STEPS_IN_A_PIPE = 10
