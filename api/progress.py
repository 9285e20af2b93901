"""A live line while the search runs, and Ctrl-C that keeps the best plan."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console

from dispatch import texts
from dispatch.planning import Progress
from dispatch.texts import Language, Text

COMPILING = Text(
    "Compiling the search for this machine (first use only, about a minute)",
    "正在为本机编译搜索程序（仅首次使用，约一分钟）",
)
_PHASES = {
    "compiling": COMPILING,
    "loading": Text("Loading the search", "正在载入搜索程序"),
    "searching": Text("Searching", "正在搜索"),
    "groups": Text("Searching in each group", "正在各组内搜索"),
    "seam": Text("Searching where groups meet", "正在组间衔接处搜索"),
}
_STEPS_IN_A_PIPE = 10
_SURE_SHARE = 0.02  # before that, what is left is a wild guess


class ProgressReport:
    """Shows progress: in a terminal as a line that changes, in a pipe as a line now and then."""

    def __init__(self, console: Console, lang: Language) -> None:
        self._console = console
        self._lang = lang
        self._status = console.status("")
        self._last_phase = ""
        self._next_step = 0

    def __enter__(self) -> Callable[[Progress], None]:
        if self._console.is_terminal:
            self._status.start()
        return self._report

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def _report(self, progress: Progress) -> None:
        line = progress_line(progress, self._lang)
        if self._console.is_terminal:
            self._status.update(line)
            return
        step = int(progress.share_done * _STEPS_IN_A_PIPE)
        if progress.phase != self._last_phase or step >= self._next_step:
            self._console.print(line)
            self._last_phase, self._next_step = progress.phase, step + 1


def progress_line(progress: Progress, lang: Language) -> str:
    """Phase, and once there is a plan: cost, visits in, clocks broken, speed and time left."""
    known = _PHASES.get(progress.phase)
    facts = [known.say(lang) if known else progress.phase]
    if progress.iterations:
        facts += [
            lang.pick(f"{progress.cost_fen // 100:,} yuan", f"{progress.cost_fen // 100:,} 元"),
            lang.pick(
                f"{progress.planned}/{progress.visits} visits in",
                f"已排 {progress.planned}/{progress.visits}",
            ),
            lang.pick(f"{progress.clocks_broken} clocks late", f"{progress.clocks_broken} 个超时"),
            lang.pick(
                f"{progress.iterations_per_s:,.0f} iterations/s",
                f"每秒 {progress.iterations_per_s:,.0f} 次迭代",
            ),
        ]
    if progress.share_done > _SURE_SHARE:
        left_s = round(progress.elapsed_s * (1 - progress.share_done) / progress.share_done)
        left = texts.duration(left_s, lang)
        facts.append(lang.pick(f"{left} left", f"剩余 {left}"))
    return " · ".join(facts)


class Interruption:
    """Whether somebody has pressed Ctrl-C."""

    def __init__(self) -> None:
        self.happened = False

    def __call__(self) -> bool:
        return self.happened


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Turns the first Ctrl-C into a wish to stop; the second one ends the program at once."""
    interruption = Interruption()

    def note(_number: int, _frame: FrameType | None) -> None:
        interruption.happened = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, before)
