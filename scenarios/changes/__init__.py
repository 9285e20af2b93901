"""Changes of the facts that a scenario asks about, as data: one small class for each."""

from typing import Annotated

from pydantic import Field

from scenarios.changes.base import Change, Refusal, Strict, draw
from scenarios.changes.people import (
    AbsenceWave,
    Absent,
    ExtraShift,
    Hire,
    Leave,
    Move,
    Overtime,
    Shifts,
    Territories,
    Train,
)
from scenarios.changes.places import CloseStation, MoveStation, OpenStation, Travel
from scenarios.changes.stock import Delivery, Stock, Substitutes
from scenarios.changes.terms import CalendarChange, Prices, Sla, UsePolicy
from scenarios.changes.work import Demand, Emergencies, RemoteFixes

AnyChange = Annotated[
    Hire
    | Leave
    | Move
    | Train
    | Shifts
    | ExtraShift
    | Overtime
    | Territories
    | Absent
    | AbsenceWave
    | OpenStation
    | CloseStation
    | MoveStation
    | Travel
    | Stock
    | Delivery
    | Substitutes
    | Demand
    | RemoteFixes
    | Emergencies
    | Sla
    | CalendarChange
    | Prices
    | UsePolicy,
    Field(discriminator="change"),
]

__all__ = ["AnyChange", "Change", "Refusal", "Strict", "draw"]
