"""What can be wrong with runs, in words."""

from dispatch.domain.errors import DispatchError


class UnknownRunError(DispatchError):
    """A run that there is none of."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"There is no run {run_id!r}.", f"没有后台计划 {run_id!r}。")


class UnknownStudyError(DispatchError):
    """A study that there is none of."""

    def __init__(self, study_id: str) -> None:
        super().__init__(f"There is no study {study_id!r}.", f"没有情景研究 {study_id!r}。")


class RunOverlapsError(DispatchError):
    """A run for technicians whom another one plans; ``run_id`` is that one."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"Run {run_id} plans some of the same technicians. Wait for it, or cancel it.",
            f"后台计划 {run_id} 正在计划其中部分技术员。请等待其结束，或将其取消。",
        )
        self.run_id = run_id


class QueueFullError(DispatchError):
    """More runs than may wait."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            f"{waiting} runs wait already, and no more may. Ask again when one is over.",
            f"已有 {waiting} 个后台计划在排队，不能再增加。请在其中一个结束后重试。",
        )


class TooLongError(DispatchError):
    """A run of more seconds than are allowed; it is not shortened."""

    def __init__(self, seconds: float, most_s: float) -> None:
        super().__init__(
            f"A run may search for {most_s:g} s at most, {seconds:g} s were asked for.",
            f"每次计划最多搜索 {most_s:g} 秒，请求的是 {seconds:g} 秒。",
        )


class UnknownNameError(DispatchError):
    """A territory or policy that there is none of."""

    def __init__(self, what_en: str, what_zh: str, name: str, known: list[str]) -> None:
        names = ", ".join(known)
        super().__init__(
            f"There is no {what_en} {name!r}; known are: {names}.",
            f"没有{what_zh} {name!r}；已知的有：{names}。",
        )


class RunLostError(DispatchError):
    """A run that somebody else carries out by now, or nobody any more."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            f"Run {run_id} was taken over or is over; what was found here is not saved.",
            f"后台计划 {run_id} 已被接管或已结束；此处的结果不会保存。",
        )
