"""Changes of the facts that might let a visit in, what each is worth, and how each reads.

So that one change can be called smaller than another, each has a price in fen (docs/rules.md): what
the policy pays for such a thing, or working time at the policy's hourly rates.
"""

from dispatch.relaxations.base import HOUR_S, Amount, Relaxation
from dispatch.relaxations.people import (
    BackupTerritory,
    Certified,
    EarlierStart,
    ExtraTechnician,
    MoreOvertime,
    MoreTravel,
    MoreVisits,
    OnCall,
    PartsOnVan,
)
from dispatch.relaxations.work import (
    DearerOut,
    GatePassed,
    MoreParts,
    MoreTools,
    Released,
    Unpinned,
    WiderWindow,
)

__all__ = [
    "HOUR_S",
    "Amount",
    "BackupTerritory",
    "Certified",
    "DearerOut",
    "EarlierStart",
    "ExtraTechnician",
    "GatePassed",
    "MoreOvertime",
    "MoreParts",
    "MoreTools",
    "MoreTravel",
    "MoreVisits",
    "OnCall",
    "PartsOnVan",
    "Relaxation",
    "Released",
    "Unpinned",
    "WiderWindow",
]
