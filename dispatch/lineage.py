"""Spawned processes end when the one that spawned them is gone, whatever it died of."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess

_DEAD = 1


def _die() -> None:
    os._exit(_DEAD)


def end_with_parent(end: Callable[[], object] = _die) -> None:
    """From now on somebody waits for the parent to die and then calls ``end``: at once, without a
    word, unless told otherwise. Does nothing in a process that nobody spawned."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent, end), daemon=True, name="lineage").start()


def _follow(parent: BaseProcess, end: Callable[[], object]) -> None:
    parent.join()
    end()
