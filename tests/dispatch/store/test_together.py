"""Commands that wait at the same time are done together, and harm each other in nothing."""

import threading

import pytest

from dispatch.store.together import MOST, Group, Together


class OddError(Exception):
    pass


class _Desk:
    """Adds one to even numbers; odd ones go alone, and negative ones break the whole group.

    The first group does not end before ``go_on``; if it is ``late``, it gathers after that again.
    """

    def __init__(self, *, late: bool = False) -> None:
        self.late = late
        self.groups: list[list[int]] = []
        self.alone: list[int] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.together = Together(self._work, self._by_itself, lambda number: number >= 100)

    def _work(self, group: Group[int]) -> list[int | None]:
        numbers = group.gather()
        if not self.groups:
            self.begun.set()
            assert self.go_on.wait(60)
            numbers = group.gather() if self.late else numbers
        assert group.members is numbers
        assert numbers[0] == group.first
        self.groups.append(list(numbers))
        if min(numbers) < 0:
            raise OddError(numbers)
        return [None if number % 2 else number + 1 for number in numbers]

    def _by_itself(self, number: int) -> int:
        self.alone.append(number)
        if number % 2:
            raise OddError(number)
        return number + 1

    def told(self, *numbers: int) -> list[int | None]:
        """What numbers come to that wait while another one is done."""
        first = self.together.enter(0)
        assert self.begun.wait(60)
        waiting = [self.together.enter(number) for number in numbers]
        self.go_on.set()
        assert first.result() == 1
        return [one.result() for one in waiting]


def test_those_that_wait_are_done_together_if_they_are_alike() -> None:
    desk = _Desk()
    assert desk.told(2, 100, 4, 3, 102) == [3, 101, 5, None, 103]
    assert desk.groups == [[0], [2, 4, 3], [100, 102]]
    with pytest.raises(OddError):
        desk.together.do(5)
    assert desk.alone == [5]
    desk.together.close()


def test_those_that_come_while_it_is_waited_for_something_are_done_with_the_first() -> None:
    desk = _Desk(late=True)
    assert desk.told(2, 100, 4, 3) == [3, 101, 5, None]
    assert desk.groups == [[0, 2, 4, 3], [100]]
    desk.together.close()


def test_what_breaks_before_it_gathered_anybody_breaks_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work(group: Group[int]) -> list[int | None]:
        raise OddError(group.first)

    together = Together(work, lambda number: number + 1, lambda _: 0)
    assert together.do(0) == 1
    together.close()
    assert [line.message for line in caplog.records] == ["one by one"]


def test_nobody_waits_for_more_than_some() -> None:
    desk = _Desk()
    numbers = range(0, 4 * MOST, 2)
    assert desk.told(*(n % 100 for n in numbers)) == [n % 100 + 1 for n in numbers]
    assert max(map(len, desk.groups)) == MOST
    desk.together.close()


def test_what_breaks_a_group_breaks_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    desk = _Desk()
    assert desk.told(2, -2, 4) == [None, None, None]
    assert [desk.together.do(number) for number in (2, -2, 4)] == [3, -1, 5]
    assert desk.alone == [-2]
    desk.together.close()
    assert {line.message for line in caplog.records} == {"one by one"}
