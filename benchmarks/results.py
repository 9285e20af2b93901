"""Reading what ``run`` wrote: one JSON object a line, a line a run."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Gaps: TypeAlias = Mapping[float, Sequence[float]]
"""Gaps in percent by time limit in seconds."""


def read_results(files: Sequence[Path]) -> list[dict[str, Any]]:
    """All results of several files, one JSON object a line."""
    return [
        json.loads(line)
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def gaps_over_time(results: Sequence[Mapping[str, Any]]) -> dict[str, Gaps]:
    """Gaps by set and time limit, over the instances that were run at every limit of the set."""
    by_set: dict[str, dict[float, dict[str, list[float]]]] = defaultdict(dict)
    for result in results:
        if result["gap_percent"] is not None:
            name = "-".join(filter(None, (result["set"], result["convention"])))
            instances = by_set[name].setdefault(result["seconds"], defaultdict(list))
            instances[result["instance"]].append(result["gap_percent"])
    return {name: _of_common_instances(limits) for name, limits in by_set.items()}


def _of_common_instances(limits: Mapping[float, Mapping[str, Sequence[float]]]) -> Gaps:
    common = set.intersection(*(set(instances) for instances in limits.values()))
    return {
        seconds: [gap for instance in sorted(common) for gap in limits[seconds][instance]]
        for seconds in sorted(limits)
        if common
    }
