"""vrp-cli: ruin and recreate with a rich model of vehicles, in Rust."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import vrp_cli

from benchmarks.peers.model import SECONDS_PER_H, Model, Routes, Shift

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PROFILE = "car"


@dataclass(frozen=True)
class WithVrpCli:
    """Each shift is a vehicle with its breaks; each visit is a skill that the shifts have in
    which it may stand. Work left out comes before cost. A clock that runs out during the day ends
    the window: without that, the plans were dearer.
    """

    name: str = "vrp-cli"
    cannot: tuple[str, ...] = (
        "price of lateness (a clock that runs out ends the window)",
        "price of a visit in a shift (backup, over-qualification, wish)",
        "price of leaving a visit out (a value that comes before cost)",
        "overtime and unfair load",
        "part stock (the van is loaded before the shift)",
    )
    one_core: bool = False

    def plan(self, day: Model, seconds: float, cores: int, seed: int) -> Routes:  # noqa: ARG002
        problem = {
            "plan": {"jobs": [_job(day, visit) for visit in range(len(day.work))]},
            "fleet": {
                "vehicles": [
                    _vehicle(number, day, shift) for number, shift in enumerate(day.shifts)
                ],
                "profiles": [{"name": PROFILE}],
            },
            "objectives": [
                [{"type": "maximize-value"}],
                [{"type": "minimize-unassigned"}],
                [{"type": "minimize-cost"}],
            ],
        }
        matrix = {
            "profile": PROFILE,
            "travelTimes": day.by_place(day.travel_s).ravel().tolist(),
            # a unit of distance costs 1 fen
            "distances": day.by_place(day.leg_fen).ravel().tolist(),
        }
        config = {
            "termination": {"maxTime": round(seconds)},
            "environment": {
                "parallelism": {"numThreadPools": 1, "threadsPerPool": cores},
                "logging": {"enabled": False},
            },
        }
        answer = json.loads(
            vrp_cli.solve_pragmatic(json.dumps(problem), [json.dumps(matrix)], json.dumps(config))
        )
        return {int(tour["vehicleId"]): _visits(tour["stops"]) for tour in answer["tours"]}


def _job(day: Model, visit: int) -> dict[str, object]:
    work = day.work[visit]
    place = {
        "location": {"index": len(day.stations) + visit},
        "duration": work.service_s,
        "times": [[_instant(o), _instant(c)] for o, c in work.in_time],
    }
    return {
        "id": str(visit),
        "services": [{"places": [place]}],
        "skills": {"allOf": [str(visit)]},
        "value": work.unassigned_fen,
    }


def _vehicle(number: int, day: Model, shift: Shift) -> dict[str, object]:
    base = {"index": day.stations.index(shift.location)}
    return {
        "typeId": f"type {number}",
        "vehicleIds": [str(number)],
        "profile": {"matrix": PROFILE},
        "costs": {"fixed": 0, "distance": 1, "time": day.paid_fen_per_h / SECONDS_PER_H},
        "shifts": [
            {
                "start": {"earliest": _instant(shift.start_s), "location": base},
                "end": {"latest": _instant(shift.limit_s), "location": base},
                "breaks": [
                    {
                        "time": [_instant(rest.earliest_s), _instant(rest.latest_s)],
                        "places": [{"duration": rest.duration_s}],
                    }
                    for rest in shift.rests
                ],
            }
        ],
        "capacity": [0],
        "skills": [str(visit) for visit in shift.fen],
    }


def _instant(seconds: int) -> str:
    return (BEGIN + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _visits(stops: list[dict[str, list[dict[str, str]]]]) -> list[int]:
    return [
        int(activity["jobId"])
        for stop in stops
        for activity in stop["activities"]
        if activity["type"] == "service"
    ]


PEER = WithVrpCli()
