"""What ``python -m benchmarks`` can do; each command has ``--help``.

run          a public set of instances, against the best published values
peers        generated field-service days, against other solvers (needs make peers)
speed        iterations, latencies, start-up, memory
answers      one visit into a plan: how fast, and whether it is the best place
slots        windows for one visit: how fast, and whether each could be kept
api          how fast the server answers
board        how fast the board is in a browser
reasons      why visits are left out: whether it is true, and how long it takes to say
repairs      a running day goes wrong: what a repair moves, and how far it is from a free re-plan
groups       a large day by groups of territories, beside the whole day
scenarios    scenarios on processes and clusters, simulated weeks, groups: how fast, how true
reliability  whether the record holds when processes, the database or the disk break
plot         results of runs with several time limits (needs make peers)
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = (
    "run",
    "peers",
    "speed",
    "answers",
    "slots",
    "api",
    "board",
    "reasons",
    "repairs",
    "groups",
    "scenarios",
    "reliability",
    "plot",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Hand the arguments after the command to its module. Returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="arguments of the command")
    wanted = parser.parse_args(arguments)
    # by name, because two commands need packages that an ordinary set-up does not have
    command = importlib.import_module(f"benchmarks.{wanted.command}")
    return int(command.main(wanted.rest) or 0)


if __name__ == "__main__":
    sys.exit(main())
