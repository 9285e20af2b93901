"""Nobody works on for a parent that is gone."""

import multiprocessing
import subprocess
import sys
import threading
from pathlib import Path

import psutil

from dispatch.lineage import end_with_parent

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120


def stay() -> None:
    """What a process does that would never end."""
    end_with_parent()
    threading.Event().wait()


def beget() -> None:
    """Spawns a process that stays, and stays."""
    child = multiprocessing.get_context("spawn").Process(target=stay)
    child.start()
    print(child.pid, flush=True)
    child.join()


def test_whoever_was_spawned_ends_when_the_parent_is_killed() -> None:
    words = f"from {__name__} import {beget.__name__}; {beget.__name__}()"
    with subprocess.Popen(
        [sys.executable, "-c", words], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        assert psutil.wait_procs([child], PATIENCE_S)[1] == []
