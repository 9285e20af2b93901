"""What will happen, which nobody knows beforehand: each visit, drive and technician has it from the
seed."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dispatch.domain.events import FailureReason
from dispatch.domain.people import Shift
from dispatch.domain.work import Visit
from dispatch.travel import Travel
from scenarios.simulation.draws import Draws
from scenarios.simulation.rates import Rates
from scenarios.simulation.spells import stretched

_MINUTE_S = 60
_LEAST_S = 5 * _MINUTE_S
"""No repair is shorter."""
_FOUND_AFTER = 0.5
"""The part of a repair after which it turns out that the part is the wrong one."""
_BEFORE_WORK = 0.7
"""The share of illnesses that are known before the shift begins; the others begin in it."""
_NOTICE = timedelta(hours=1)
_PER_DAYS = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a visit goes: how long the technician is busy with it, and why it fails, if it does."""

    duration_s: int
    failure: FailureReason | None = None


@dataclass(frozen=True, slots=True)
class Illness:
    """From when a technician is out, and through which day."""

    technician_id: str
    known_at: datetime
    last: date


@dataclass(frozen=True, slots=True)
class Truths:
    draws: Draws
    rates: Rates

    def outcome(self, visit: Visit, product: str) -> Outcome:
        draws, rates = self.draws, self.rates
        if draws.happens(rates.customer_away, "customer", visit.id):
            return Outcome(max(1, rates.wait_min * _MINUTE_S), FailureReason.CUSTOMER_ABSENT)
        known = rates.durations_of(product)
        factor = known.factor * draws.around_one(known.sigma, "duration", visit.id)
        takes_s = max(min(_LEAST_S, visit.duration_s), round(visit.duration_s * factor))
        if visit.parts and draws.happens(rates.wrong_part, "part", visit.id):
            return Outcome(max(1, round(takes_s * _FOUND_AFTER)), FailureReason.WRONG_PART)
        return Outcome(takes_s)

    def as_it_goes(self, visit: Visit, product: str) -> Visit:
        """The visit as it will be carried out: one that fails stops no clock, and has no run-in."""
        outcome = self.outcome(visit, product)
        if outcome.failure is None:
            return replace(visit, duration_s=outcome.duration_s)
        return replace(visit, duration_s=outcome.duration_s, run_in_s=0, stops=())

    def travel_on(self, expected: Travel, day: date) -> Travel:
        """How long drives take on a day; the same for everybody who drives there."""
        sigma = self.rates.travel_sigma
        if not sigma:
            return expected
        return stretched(expected, self.draws.factors(sigma, "drive", expected.place_ids, day))

    def illness(self, technician_id: str, shift: Shift, day: date) -> Illness | None:
        """An illness that begins with a shift, if one does."""
        rates, draws = self.rates.illness, self.draws
        if not draws.happens(rates.per_1000_days / _PER_DAYS, "ill", technician_id, day):
            return None
        when = draws.share("ill when", technician_id, day)
        known_at = shift.start_at - _NOTICE
        if when > _BEFORE_WORK:
            known_at = shift.start_at + (shift.end_at - shift.start_at) * when
        known_at = known_at.replace(microsecond=0)
        more = draws.count(max(0.0, rates.days - 1), "ill days", technician_id, day)
        return Illness(technician_id, known_at, day + timedelta(days=more))
