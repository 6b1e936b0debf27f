"""The published language of plans: plans, commitments, actions, reports and good practices."""

from __future__ import annotations

from typing import Final

from shared.contracts.base import Event
from shared.contracts.catalogue import declared
from shared.contracts.dates import Day
from shared.contracts.numbers import Number
from shared.contracts.plans.actions import (
    ActionRecorded,
    ActionStatus,
    Budget,
    Indicator,
    IndicatorRead,
)
from shared.contracts.plans.commitments import (
    Basis,
    CarriedCommitment,
    Commitment,
    CommitmentsAwaited,
    CommitmentsChosen,
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentsTakenOver,
    CommitmentUpdated,
    HolderEvent,
    MemberNoted,
    PlanVersionAdopted,
    ProgressBasisChosen,
    Status,
)
from shared.contracts.plans.plan import (
    Area,
    Instrument,
    PlanDrafted,
    PlanPoint,
    PlanPublished,
    PlanText,
    Point,
    PointMove,
    Version,
)
from shared.contracts.plans.practices import PracticeAdopted, PracticeShared, PublicationAnnounced
from shared.contracts.plans.reports import (
    ReportAccepted,
    ReportEvent,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportingRuleSet,
    ReportReminded,
    ReportReviewed,
    ReportSubmitted,
    Verdict,
)

__all__ = [
    "EVENTS",
    "INBOX",
    "ActionRecorded",
    "ActionStatus",
    "Area",
    "Basis",
    "Budget",
    "CarriedCommitment",
    "Commitment",
    "CommitmentUpdated",
    "CommitmentsAwaited",
    "CommitmentsChosen",
    "CommitmentsFellDue",
    "CommitmentsOpened",
    "CommitmentsTakenOver",
    "Day",
    "HolderEvent",
    "Indicator",
    "IndicatorRead",
    "Instrument",
    "MemberNoted",
    "Number",
    "PlanDrafted",
    "PlanPoint",
    "PlanPublished",
    "PlanText",
    "PlanVersionAdopted",
    "Point",
    "PointMove",
    "PracticeAdopted",
    "PracticeShared",
    "ProgressBasisChosen",
    "PublicationAnnounced",
    "ReportAccepted",
    "ReportEvent",
    "ReportExtended",
    "ReportExtensionRequested",
    "ReportFellDue",
    "ReportFellOverdue",
    "ReportReminded",
    "ReportReviewed",
    "ReportSubmitted",
    "ReportingRuleSet",
    "Status",
    "Verdict",
    "Version",
]

_FOLLOWING: Final = (CommitmentsAwaited, CommitmentsOpened, MemberNoted)
"""What only follows from what plans accepts; nobody sends it."""
EVENTS: Final = declared(Event, __name__)
"""All that plans publishes."""
INBOX: Final = tuple(event for event in EVENTS if event not in _FOLLOWING)
"""What may be sent to plans, by others or by itself."""
