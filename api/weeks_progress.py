"""A bar while weeks are simulated; in a pipe a line for each day."""

from collections.abc import Callable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from dispatch import texts
from dispatch.texts import Language
from scenarios.simulation.simulate import Step


class WeeksProgress:
    """Shows where a simulation of one or several replications stands."""

    def __init__(self, console: Console, lang: Language, replications: int) -> None:
        self._console, self._lang, self._replications = console, lang, replications
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console
        )
        self._task = self._bar.add_task("", total=None)
        self._number = -1

    def __enter__(self) -> Callable[[Step], None]:
        if self._console.is_terminal:
            self._bar.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _report(self, step: Step) -> None:
        self._number += step.days_done == 0
        done = self._number * step.days + step.days_done
        lang = self._lang
        line = lang.pick(
            f"{texts.day(step.day, lang)} · {step.tickets:,} tickets · {step.open_visits:,} open"
            " visits"
            f" · {step.plans:,} plans",
            f"{texts.day(step.day, lang)} · 工单 {step.tickets:,} · 未做任务 {step.open_visits:,}"
            f" · 计划 {step.plans:,}",
        )
        if self._console.is_terminal:
            total = step.days * self._replications
            self._bar.update(self._task, description=line, completed=done, total=total)
        else:
            self._console.print(line)
