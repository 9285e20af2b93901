"""Any life of work orders, drawn step by step, with a fake clock: ``life``.

It is the state machine of the tests, at full size. Several processes share its runs out, each
with a seed of its own.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.reliability.frame import Result, Room

_MACHINE = "tests/dispatch/commands/test_record_machine.py"
_PROJECT = Path(__file__).parents[2]
_IN_MEMORY = Path("/dev/shm")  # where it is, no step waits for a disk
_PASSED = re.compile(r"\b1 passed\b")


def life(room: Room) -> Result:
    """Many runs of many steps, all invariants after each step."""
    runs, steps, shares = room.size(200, 2), room.size(500, 20), room.size(2, 1)
    memory = _IN_MEMORY if _IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=memory) as folder:
        machines = [
            _machine(runs // shares, steps, room.seed + share, Path(folder) / str(share))
            for share in range(shares)
        ]
        try:
            said = [machine.communicate()[0] for machine in machines]
        finally:
            for machine in machines:
                machine.kill()
    broken = tuple(out for out in said if not _PASSED.search(out))
    return Result(f"{runs} runs of {steps} steps", broken, {"runs": runs, "steps": steps})


def _machine(runs: int, steps: int, seed: int, folder: Path) -> "subprocess.Popen[str]":
    size = {"DISPATCH_RECORD_RUNS": str(runs), "DISPATCH_RECORD_STEPS": str(steps)}
    options = ["-o", "addopts=", "-p", "no:cacheprovider", "--tb=short", "--basetemp", str(folder)]
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", _MACHINE, *options, f"--hypothesis-seed={seed}"],
        cwd=_PROJECT,
        env=os.environ | size,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
