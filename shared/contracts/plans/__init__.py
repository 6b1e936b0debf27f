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
    CommitmentRetitled,
    CommitmentsAwaited,
    CommitmentsChosen,
    CommitmentsFellDue,
    CommitmentsGivenBack,
    CommitmentsOpened,
    CommitmentsTakenOver,
    CommitmentUpdated,
    DatedPoint,
    HolderEvent,
    MemberNoted,
    Percent,
    PlanVersionAdopted,
    ProgressBasisChosen,
    Status,
)
from shared.contracts.plans.contents import (
    PointText,
    PointTexts,
    ReportContents,
    ReportedAction,
    ReportSection,
)
from shared.contracts.plans.corrections import (
    ActionCorrected,
    AdoptionCorrected,
    ChoiceCorrected,
    CommitmentCorrected,
    Correction,
    HolderCorrection,
    PlanDateCorrected,
    PlanMappingCorrected,
    PlanPointCorrected,
    PracticeAdoptionCorrected,
    PracticeCorrected,
    PublicationCorrected,
    ReadingCorrected,
    ReportCorrected,
    ReportStep,
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
    EarlierReportsWaived,
    ReportAccepted,
    ReportAnswered,
    ReportDrafted,
    ReportEvent,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportingRuleSet,
    ReportReminded,
    ReportReviewed,
    ReportsFollowed,
    ReportSubmitted,
    ReportWaived,
    Verdict,
)

__all__ = [
    "BY_ITSELF",
    "CORRECTIONS",
    "EVENTS",
    "INBOX",
    "REPORT_ANSWERS",
    "ActionCorrected",
    "ActionRecorded",
    "ActionStatus",
    "AdoptionCorrected",
    "Area",
    "Basis",
    "Budget",
    "CarriedCommitment",
    "ChoiceCorrected",
    "Commitment",
    "CommitmentCorrected",
    "CommitmentRetitled",
    "CommitmentUpdated",
    "CommitmentsAwaited",
    "CommitmentsChosen",
    "CommitmentsFellDue",
    "CommitmentsGivenBack",
    "CommitmentsOpened",
    "CommitmentsTakenOver",
    "Correction",
    "DatedPoint",
    "Day",
    "EarlierReportsWaived",
    "HolderCorrection",
    "HolderEvent",
    "Indicator",
    "IndicatorRead",
    "Instrument",
    "MemberNoted",
    "Number",
    "Percent",
    "PlanDateCorrected",
    "PlanDrafted",
    "PlanMappingCorrected",
    "PlanPoint",
    "PlanPointCorrected",
    "PlanPublished",
    "PlanText",
    "PlanVersionAdopted",
    "Point",
    "PointMove",
    "PointText",
    "PointTexts",
    "PracticeAdopted",
    "PracticeAdoptionCorrected",
    "PracticeCorrected",
    "PracticeShared",
    "ProgressBasisChosen",
    "PublicationAnnounced",
    "PublicationCorrected",
    "ReadingCorrected",
    "ReportAccepted",
    "ReportAnswered",
    "ReportContents",
    "ReportCorrected",
    "ReportDrafted",
    "ReportEvent",
    "ReportExtended",
    "ReportExtensionRequested",
    "ReportFellDue",
    "ReportFellOverdue",
    "ReportReminded",
    "ReportReviewed",
    "ReportSection",
    "ReportStep",
    "ReportSubmitted",
    "ReportWaived",
    "ReportedAction",
    "ReportingRuleSet",
    "ReportsFollowed",
    "Status",
    "Verdict",
    "Version",
]

REPORT_ANSWERS: Final[tuple[type[ReportAnswered], ...]] = (
    ReportExtended,
    ReportSubmitted,
    ReportAccepted,
    ReportWaived,
    ReportCorrected,
)
"""What may end the suspension of a member for its overdue report."""
CORRECTIONS: Final[tuple[type[Event], ...]] = (
    PlanDateCorrected,
    PlanPointCorrected,
    PlanMappingCorrected,
    CommitmentCorrected,
    ChoiceCorrected,
    AdoptionCorrected,
    ActionCorrected,
    ReadingCorrected,
    ReportCorrected,
    PracticeCorrected,
    PracticeAdoptionCorrected,
    PublicationCorrected,
)
"""What mends the record."""
_FOLLOWING: Final = (
    CommitmentsAwaited,
    CommitmentsGivenBack,
    CommitmentsOpened,
    MemberNoted,
)
"""What only follows from what plans accepts; nobody sends it."""
BY_ITSELF: Final = (
    CommitmentsFellDue,
    CommitmentsTakenOver,
    CommitmentRetitled,
    ReportsFollowed,
    ReportReminded,
    ReportFellDue,
    ReportFellOverdue,
    EarlierReportsWaived,
)
"""What plans alone says, to itself: by the clock, or because of what it accepted."""
EVENTS: Final = declared(Event, __name__)
"""All that plans publishes."""
INBOX: Final = tuple(event for event in EVENTS if event not in {*_FOLLOWING, *BY_ITSELF})
"""What may be sent to plans."""
