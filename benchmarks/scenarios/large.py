"""A large day by groups, beside the whole day."""

from dataclasses import asdict

from benchmarks.groups import compared
from benchmarks.scenarios.frame import Found, Size, say
from dispatch.planning import Progress

WANTED_S, WORSE = 60, 0.02


def in_groups(size: Size) -> Found:
    """Valid and fast, and hardly worse than the whole day with many times the time."""
    grouped, whole = compared(
        size.visits, size.technicians, size.groups, size.seconds, size.times, _report
    )
    worse = grouped.cost_fen / whole.cost_fen - 1
    return Found(
        f"{size.visits:,} visits, {size.technicians:,} technicians: by groups {grouped.wall_s:.1f}"
        f" s, {grouped.cost_fen // 100:,} yuan, {grouped.left_out} left out; whole day"
        f" {whole.wall_s:.0f} s, {whole.cost_fen // 100:,} yuan, {whole.left_out} left out:"
        f" {worse:+.2%}",
        f"{WANTED_S} s or less, and within {WORSE:.0%}",
        grouped.wall_s <= WANTED_S and worse <= WORSE,
        tuple(
            f"the plan {name} breaks {plan.broken} rules"
            for name, plan in (("by groups", grouped), ("of the whole day", whole))
            if plan.broken
        ),
        {"by_groups": asdict(grouped), "whole_day": asdict(whole), "worse": round(worse, 5)},
    )


def _report(at: Progress) -> None:
    say(f"{at.phase}: {at.share_done:.0%}")
