"""Sweeps, bottlenecks and suggestions on the screen, and as JSON."""

from collections.abc import Sequence
from math import isfinite

from rich.console import Console
from rich.text import Text

from api.screen import table
from dispatch.texts import Language
from dispatch.texts import Text as Words
from scenarios.bottlenecks import Bottleneck
from scenarios.report import Report
from scenarios.statistics import Interval
from scenarios.suggest import Suggestion, Tried
from scenarios.sweep import Sweep


def show_report(console: Console, report: Report) -> None:
    """The tables and sentences of a report; its charts are for files."""
    console.print()
    console.print(Text(report.title, "bold"))
    for line in report.lines:
        console.print(Text(line))
    for section in report.sections:
        if section.rows:
            right = tuple(set(range(len(section.headings))) - set(section.words))
            made = table(*section.headings, title=section.title, right=right)
            for row in section.rows:
                made.add_row(*row)
            console.print()
            console.print(made)


def sweep_form(found: Sweep) -> dict[str, object]:
    return {
        "points": [
            {
                "values": p.values,
                "cost_fen": p.cost_fen,
                "price_fen": p.price_fen,
                "figures": {
                    code: p.carried.mean(code)
                    for code in next(iter(p.carried.outcomes.values())).figures
                },
            }
            for p in found.points
        ],
        "steps": [
            {"value": s.value, "units": s.units, "saved_fen_per_unit": _interval(s.saved_fen)}
            for s in (found.steps if found.is_curve else ())
        ],
        "knee": found.knee.values,
        "cheapest": found.cheapest.values,
    }


def bottleneck_form(found: Sequence[Bottleneck], lang: Language) -> dict[str, object]:
    return {
        "bottlenecks": [
            {
                "kind": b.relief.kind,
                "name": b.relief.name,
                "text": b.relief.text.say(lang),
                "saved_fen": _interval(b.saved_fen),
                "saved_fen_by_seed": b.by_seed,
            }
            for b in found
        ]
    }


def suggestion_form(found: Suggestion, lang: Language) -> dict[str, object]:
    def said(one: Tried) -> dict[str, object]:
        words: Words = found.text(one.levels)
        return {
            "measures": words.say(lang),
            "changes": [o.change.model_dump(mode="json") for o in found.taken(one.levels)],
            "yuan": one.yuan,
            "percent": one.percent,
            "plan_cost_fen": one.cost_fen,
        }

    return {
        "target_percent": found.target.percent,
        "is_reached": found.is_reached,
        "nothing": said(found.nothing),
        "best": said(found.best),
        "frontier": [said(one) for one in found.frontier],
        "tried": len(found.tried),
    }


def _interval(interval: Interval) -> dict[str, float | None]:
    return {
        "mean": interval.mean,
        "low": interval.low if isfinite(interval.low) else None,
        "high": interval.high if isfinite(interval.high) else None,
    }
