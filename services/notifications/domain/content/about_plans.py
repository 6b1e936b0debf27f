"""Wordings for what plans publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.wording import Wording
from shared.contracts import plans

if TYPE_CHECKING:
    from shared.contracts.base import Event

CORRECTED: Final = {
    "Coalition": "coalition",
    "Recorded": "recorded",
    "Right": "correct",
    "Reason": "reason",
}
"""Without a right date it never happened; the headline does not say which of the two."""
CHASED: Final = {"Overdue since": "since", "Reminder to": "to"}
_REPORT: Final = {"Coalition": "coalition", "Due": "due"}

WORDINGS: Final[dict[type[Event], Wording]] = {
    # --- plans ----------------------------------------------------------------------------
    plans.PlanDrafted: Wording(
        "Ten-Point Plan of {coalition}, version {version}: drafted",
        {"Commitments": "commitments"},
    ),
    plans.PlanPublished: Wording(
        "Ten-Point Plan of {coalition}, version {version}: published",
        {"Adopted": "adopted", "Commitments": "commitments"},
    ),
    plans.ReportingRuleSet: Wording(
        "{coalition}: when its members report",
        {
            "Months from joining to the first report": "first_after_months",
            "Months between reports": "every_months",
            "Days of grace": "overdue_after_days",
            "From": "since",
        },
    ),
    # --- commitments and actions ------------------------------------------------------------
    plans.CommitmentsAwaited: Wording(
        "{member}: waits for the plan of {coalition}",
        {"Coalition": "coalition", "Joined": "joined"},
    ),
    plans.CommitmentsOpened: Wording(
        "{member}: ten commitments are open",
        {
            "Coalition": "coalition",
            "Version of the plan": "plan_version",
            "Commitments": "commitments",
        },
    ),
    plans.CommitmentsChosen: Wording(
        "{member}: chose the commitments to start with",
        {
            "Coalition": "coalition",
            "Points": "points",
            "As of": "as_of",
            "Until": "until",
            "Note": "note",
        },
    ),
    plans.CommitmentUpdated: Wording(
        "{member}, commitment {point}: {status}",
        {
            "Coalition": "coalition",
            "Commitment": "title",
            "Before": "status_before",
            "Now": "status",
            "Percent": "percent",
            "As of": "as_of",
            "Reported by the city, or derived": "basis",
            "Note": "note",
            "Evidence": "evidence",
        },
    ),
    plans.CommitmentsMoved: Wording(
        "{member}: moved to version {plan_version} of its plan",
        {"Coalition": "coalition", "Date": "moved", "Version before": "plan_version_before"},
    ),
    plans.CommitmentsFellIdle: Wording(
        "{member}: commitments have not moved for a year",
        {"Coalition": "coalition", "Points": "points", "Last movement": "since"},
    ),
    plans.ActionRecorded: Wording(
        "{member}, commitment {point}: {title}, {status}",
        {
            "Coalition": "coalition",
            "As of": "as_of",
            "Policy": "policy",
            "Starts": "starts",
            "Ends": "ends",
            "Office": "office",
            "Partners": "partners",
            "Evidence": "evidence",
        },
    ),
    plans.IndicatorRead: Wording(
        "{member}: an indicator reads {value}",
        {
            "Coalition": "coalition",
            "Action": "title",
            "Indicator": "indicator.name",
            "Unit": "indicator.unit",
            "Target": "indicator.target",
            "As of": "as_of",
        },
    ),
    # --- corrections ------------------------------------------------------------------------
    plans.PlanDateCorrected: Wording(
        "Ten-Point Plan of {coalition}, version {version}: the date of its adoption was corrected",
        CORRECTED,
    ),
    plans.PlanPointCorrected: Wording(
        "Ten-Point Plan of {coalition}, version {version}: point {point} was corrected", CORRECTED
    ),
    plans.PlanMappingCorrected: Wording(
        "Ten-Point Plan of {coalition}, version {version}: its mapping was corrected",
        {"Reason": "reason"},
    ),
    plans.CommitmentCorrected: Wording(
        "{member}, commitment {point}: a report of its progress was corrected",
        {
            "Commitment": "title",
            **CORRECTED,
            "Right status": "status",
            "Now": "status_now",
            "As of": "as_of_now",
        },
    ),
    plans.ChoiceCorrected: Wording(
        "{member}: when it chose the commitments to start with was corrected", CORRECTED
    ),
    plans.CommitmentsMoveCorrected: Wording(
        "{member}: its move to version {plan_version} of its plan was corrected", CORRECTED
    ),
    plans.ActionCorrected: Wording(
        "{member}: the date of an action was corrected",
        {"Action": "title", **CORRECTED},
    ),
    plans.ReadingCorrected: Wording(
        "{member}: a reading of an indicator was corrected", {"Action": "title", **CORRECTED}
    ),
    plans.ReportCorrected: Wording(
        "{member}: a date of a report was corrected",
        {"Due": "due", "Step": "step", **CORRECTED, "Still overdue": "still_overdue"},
    ),
    plans.PracticeCorrected: Wording("{title}: the date of this practice was corrected", CORRECTED),
    plans.PracticeAdoptionCorrected: Wording(
        "{member}: when it took over a practice was corrected", {"Practice": "title", **CORRECTED}
    ),
    plans.PublicationCorrected: Wording("{title}: its announcement was corrected", CORRECTED),
    # --- reports ------------------------------------------------------------------------------
    plans.ReportReminded: Wording(
        "{member}: a report is due in {days} day",
        {**_REPORT, "Awaited by": "by"},
        several="{member}: a report is due in {days} days",
        counted="days",
    ),
    plans.ReportFellDue: Wording("{member}: a report is due", _REPORT),
    plans.ReportExtensionRequested: Wording(
        "{member}: asks for more time for a report",
        {**_REPORT, "Until": "until", "Requested": "requested", "Reason": "reason"},
    ),
    plans.ReportExtended: Wording(
        "{member}: has more time for a report",
        {**_REPORT, "Until": "until", "Reason": "reason", "Still overdue": "still_overdue"},
    ),
    plans.ReportFellOverdue: Wording(
        "{member}: a report is overdue", {**_REPORT, "Was awaited by": "by"}
    ),
    plans.ReportChased: Wording("{member}: a report is still overdue", {**_REPORT, **CHASED}),
    plans.ReportWaived: Wording(
        "{member}: a report is not asked for",
        {**_REPORT, "Date": "waived", "Reason": "reason", "Still overdue": "still_overdue"},
    ),
    plans.ReportSubmitted: Wording(
        "{member}: submitted a report",
        {
            **_REPORT,
            "Submitted": "submitted",
            "Title": "title",
            "Document": "document",
            "Note": "note",
            "Still overdue": "still_overdue",
        },
    ),
    plans.ReportReviewed: Wording(
        "{member}: its report was reviewed, {verdict}",
        {
            **_REPORT,
            "Reviewed": "reviewed",
            "By": "reviewer",
            "Feedback": "feedback",
            "On single commitments": "comments",
            "Revision until": "until",
        },
    ),
    plans.ReportAccepted: Wording(
        "{member}: its report was accepted", {**_REPORT, "Accepted": "accepted"}
    ),
    # --- practices and publications -------------------------------------------------------------
    plans.PracticeShared: Wording(
        "{member} shares what worked: {title}",
        {
            "Coalition": "coalition",
            "Date": "shared",
            "Summary": "summary",
            "Points": "points",
            "Evidence": "evidence",
            "Whom to ask": "office",
        },
    ),
    plans.PracticeAdopted: Wording(
        "{member} took over a practice: {title}",
        {"Coalition": "coalition", "Date": "adopted", "How it went": "outcome"},
    ),
    plans.PublicationAnnounced: Wording(
        "{title}",
        {
            "Kind": "kind",
            "Coalition": "coalition",
            "Date": "announced",
            "Summary": "summary",
            "Link": "link",
        },
    ),
}
WITHOUT: Final[dict[type[Event], str]] = {
    plans.CommitmentRetitled: "follows from PlanPointCorrected, of which people are notified",
    plans.ReportDrafted: "work that goes on; people are notified when it is submitted",
    plans.EarlierReportsWaived: "nobody is asked for these reports, so nobody has to act",
    plans.CommitmentsGivenBack: "follows from MemberCorrected, of which people are notified",
    plans.PracticeFollowed: "follows from a merger of members, of which people are notified",
    plans.ReportTakenOver: "follows from a merger of members, of which people are notified",
    plans.ReportGivenBack: "follows from MemberCorrected, of which people are notified",
    plans.ReportsFollowed: "follows from an event of membership, of which people are notified",
    plans.CommitmentsTakenOver: "sent by plans to itself; people are notified of what follows",
    plans.MemberNoted: "what plans notes of an event of membership, of which people are notified",
    plans.ProgressBasisChosen: "how progress is found; people are notified of the progress itself",
}
ONLY_LISTED: Final[dict[type[Event], Wording]] = {
    plans.EarlierReportsWaived: Wording(
        "{member}: reports due before {due} are not asked for", {"Coalition": "coalition"}
    ),
    plans.ReportTakenOver: Wording(
        "{member} takes over the report due on {due} from {merged}, which is the same member",
        {"Coalition": "coalition"},
    ),
    plans.ReportGivenBack: Wording(
        "{member}: the report due on {due} is of {merged}, another member, after all",
        {"Coalition": "coalition"},
    ),
    plans.ProgressBasisChosen: Wording(
        "{member}, commitment {point}: its progress is {basis}",
        {"Commitment": "title", "Coalition": "coalition"},
    ),
}
