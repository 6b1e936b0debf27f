"""By type of event, what mends one that was recorded wrongly, or why nothing does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.contracts import membership, notifications, plans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.base import Event

Mends = tuple["type[Event]", ...]

ANEW: Final = "sent again, it replaces what was recorded"
FOLLOWS: Final = "follows from other events, and again once they are corrected"
CLOCK: Final = "what the clock says; the decision looks at the clock itself"
CORRECTION: Final = "a correction: the next one corrects it, or takes it back"

OF_PLANS: Final[Mapping[type[Event], Mends | str]] = {
    # --- plans
    plans.PlanDrafted: ANEW,
    plans.PlanPublished: (
        plans.PlanDateCorrected,
        plans.PlanPointCorrected,
        plans.PlanMappingCorrected,
    ),
    plans.ReportingRuleSet: ANEW,
    # --- commitments
    plans.CommitmentsAwaited: FOLLOWS,
    plans.CommitmentsGivenBack: FOLLOWS,
    plans.CommitmentsOpened: FOLLOWS,
    plans.CommitmentsTakenOver: FOLLOWS,
    plans.CommitmentRetitled: FOLLOWS,
    plans.MemberNoted: FOLLOWS,
    plans.CommitmentsFellIdle: CLOCK,
    plans.CommitmentsChosen: (plans.ChoiceCorrected,),
    plans.CommitmentUpdated: (plans.CommitmentCorrected,),
    plans.ProgressBasisChosen: ANEW,
    plans.CommitmentsMoved: (plans.CommitmentsMoveCorrected,),
    plans.ActionRecorded: (plans.ActionCorrected,),
    plans.IndicatorRead: (plans.ReadingCorrected,),
    # --- reports
    plans.ReportsFollowed: FOLLOWS,
    plans.ReportTakenOver: FOLLOWS,
    plans.ReportGivenBack: FOLLOWS,
    plans.ReportReminded: "an e-mail that went out",
    plans.ReportFellDue: FOLLOWS,
    plans.ReportFellOverdue: FOLLOWS,
    plans.ReportChased: "an e-mail that went out",
    plans.EarlierReportsWaived: "a report from before may be recorded nevertheless",
    plans.ReportExtensionRequested: (plans.ReportCorrected,),
    plans.ReportExtended: (plans.ReportCorrected,),
    plans.ReportDrafted: ANEW,
    plans.ReportSubmitted: (plans.ReportCorrected,),
    plans.ReportReviewed: (plans.ReportCorrected,),
    plans.ReportAccepted: (plans.ReportCorrected,),
    plans.ReportWaived: (plans.ReportCorrected,),
    # --- local plans
    plans.LocalPlanRuleSet: ANEW,
    plans.LocalPlanAdopted: (plans.LocalPlanCorrected,),
    plans.LocalPlanRenewed: (plans.LocalPlanCorrected,),
    plans.LocalPlanSubmitted: (plans.LocalPlanCorrected,),
    plans.LocalPlanReviewed: (plans.LocalPlanCorrected,),
    plans.LocalPlanAccepted: (plans.LocalPlanCorrected,),
    plans.LocalPlanEnded: (plans.LocalPlanCorrected,),
    plans.LocalPlanFollowed: FOLLOWS,
    plans.LocalPlanNoted: FOLLOWS,
    plans.LocalPlanReminded: "an e-mail that went out",
    plans.LocalPlanFellDue: FOLLOWS,
    plans.LocalPlanFellOverdue: FOLLOWS,
    plans.LocalPlanChased: "an e-mail that went out",
    plans.LocalPlanExtended: ANEW,
    # --- practices and publications
    plans.PracticeShared: (plans.PracticeCorrected,),
    plans.PracticeFollowed: FOLLOWS,
    plans.PracticeAdopted: (plans.PracticeAdoptionCorrected,),
    plans.PublicationAnnounced: (plans.PublicationCorrected,),
    **dict.fromkeys(plans.CORRECTIONS, CORRECTION),
}
OF_MEMBERSHIP: Final[Mapping[type[Event], Mends | str]] = {
    **dict.fromkeys(membership.COALITION_EVENTS, (membership.CoalitionCorrected,)),
    **dict.fromkeys(membership.CONFERENCE_EVENTS, (membership.ConferenceCorrected,)),
    **dict.fromkeys(membership.STEP_EVENTS, (membership.StepCorrected,)),
    membership.MemberRenamed: (membership.MemberCorrected,),
    membership.MemberDescribed: (membership.MemberCorrected, membership.MemberDescribed),
    membership.MemberMoved: (membership.MemberCorrected,),
    membership.PopulationCounted: (membership.MemberCorrected,),
    membership.PartnerJoined: (membership.MemberCorrected,),
    membership.PartnerLeft: (membership.MemberCorrected,),
    membership.MembersMerged: (membership.MemberCorrected,),
    membership.MemberAbsorbed: FOLLOWS,
    membership.MemberReassessed: FOLLOWS,
    membership.CoalitionCorrected: CORRECTION,
    membership.ConferenceCorrected: CORRECTION,
    membership.StepCorrected: CORRECTION,
    membership.MemberCorrected: CORRECTION,
}
OF_NOTIFICATIONS: Final[Mapping[type[Event], Mends | str]] = {
    notifications.NotificationQueued: "an e-mail that went out",
    notifications.DigestQueued: "an e-mail that went out",
    notifications.AnnouncementDrafted: ANEW,
    notifications.AnnouncementTested: "an e-mail that went out",
    notifications.AnnouncementReleased: (notifications.AnnouncementCancelled,),
    notifications.AnnouncementCancelled: "the announcement ends; another one is drafted",
    notifications.AnnouncementQueued: "e-mails that went out",
    notifications.NotificationSent: "what the mail server answered",
    notifications.NotificationFailed: "what the mail server answered",
    notifications.BounceReceived: (notifications.RecipientReleased,),
    notifications.RecipientSuppressed: (notifications.RecipientReleased,),
    notifications.RecipientReleased: "the next bounce suppresses again",
    notifications.RecipientErased: "nothing is left of the person that could be right",
    notifications.WebhookRegistered: (notifications.WebhookRemoved,),
    notifications.WebhookPaused: (notifications.WebhookResumed,),
    notifications.WebhookResumed: (notifications.WebhookPaused,),
    notifications.WebhookStopped: (notifications.WebhookResumed,),
    notifications.WebhookSecretRotated: (notifications.WebhookSecretRotated,),
    notifications.WebhookReplayed: "events that were sent again",
    notifications.WebhookTested: "an event that was sent",
    notifications.WebhookRemoved: (notifications.WebhookRegistered,),
}
CORRECTED: Final[Mapping[type[Event], Mends | str]] = {
    **OF_MEMBERSHIP,
    **OF_PLANS,
    **OF_NOTIFICATIONS,
}
"""By type of event: what corrects it, or why nothing does."""
