"""What scenarios, simulated weeks and planning by groups have to keep: how fast, how true."""

from benchmarks.scenarios.command import main

__all__ = ["main"]
