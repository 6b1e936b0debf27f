"""The published language of plans: plans, commitments, actions, reports and good practices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    ReportAnswered,
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

if TYPE_CHECKING:
    from shared.contracts.base import Event

__all__ = [
    "EVENTS",
    "INBOX",
    "REPORT_ANSWERS",
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
    "ReportAnswered",
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

REPORT_ANSWERS: Final[tuple[type[ReportAnswered], ...]] = (
    ReportExtended,
    ReportSubmitted,
    ReportAccepted,
)
"""What may end the suspension of a member for its overdue report."""
INBOX: Final[tuple[type[Event], ...]] = (
    PlanDrafted,
    PlanPublished,
    ReportingRuleSet,
    CommitmentsFellDue,
    CommitmentsTakenOver,
    CommitmentsChosen,
    CommitmentUpdated,
    ProgressBasisChosen,
    PlanVersionAdopted,
    ActionRecorded,
    IndicatorRead,
    ReportReminded,
    ReportFellDue,
    ReportExtensionRequested,
    ReportExtended,
    ReportFellOverdue,
    ReportSubmitted,
    ReportReviewed,
    ReportAccepted,
    PracticeShared,
    PracticeAdopted,
    PublicationAnnounced,
)
"""What may be sent to plans, by others or by itself."""

EVENTS: Final[tuple[type[Event], ...]] = (
    *INBOX,
    CommitmentsAwaited,
    CommitmentsOpened,
    MemberNoted,
)
"""All that plans publishes; the last ones only follow from what it accepts."""
