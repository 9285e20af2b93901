"""Our plans beside those of other solvers."""

from benchmarks.peers.command import main

__all__ = ["main"]
