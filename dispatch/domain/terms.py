"""What an organisation promises beside its SLA clocks, and how it works: set once for all."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """Times of the service. The defaults are those of the sample contracts.

    ``warranty_days`` is the warranty of equipment that has no last day of its own, counted from
    its installation (Liaoning: 1 year). ``finding_s`` after somebody arrived, the cause has to be
    found (Guizhou: 1 h). ``containment_s`` is how long the visit takes that contains a fault.
    The satisfaction call is due from the first to the last of the working days after sign-off. A
    complaint is handed over within ``hand_over_s`` of its receipt, answered within ``answer_s`` of
    that, and closed by the end of the last of ``close_days`` working days. The time to restore is
    no term: it is the restore clock of the SLA rules. Windows that are offered to customers are
    ``slot_s`` long, and held for them for ``hold_s``.
    """

    warranty_days: int = 365
    finding_s: int = 3600
    containment_s: int = 3600
    first_call_day: int = 1
    last_call_day: int = 3
    hand_over_s: int = 12 * 3600
    answer_s: int = 12 * 3600
    close_days: int = 7
    slot_s: int = 2 * 3600
    hold_s: int = 15 * 60
