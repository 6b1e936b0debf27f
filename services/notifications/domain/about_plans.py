"""Words for what plans publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.telling import Words
from shared.contracts import plans

if TYPE_CHECKING:
    from shared.contracts.base import Event

_REPORT: Final = {"Coalition": "coalition", "Due": "due"}

WORDS: Final[dict[type[Event], Words]] = {
    # --- plans ----------------------------------------------------------------------------
    plans.PlanDrafted: Words(
        "Ten-Point Plan of {coalition}, version {version}: drafted",
        {"Commitments": "commitments"},
    ),
    plans.PlanPublished: Words(
        "Ten-Point Plan of {coalition}, version {version}: published",
        {"Adopted": "adopted", "Commitments": "commitments"},
    ),
    plans.ReportingRuleSet: Words(
        "{coalition}: when its members report",
        {
            "Months from joining to the first report": "first_after_months",
            "Months between reports": "every_months",
            "Days of grace": "overdue_after_days",
            "From": "since",
        },
    ),
    # --- commitments and actions ------------------------------------------------------------
    plans.CommitmentsAwaited: Words(
        "{member}: waits for the plan of {coalition}", {"Joined": "joined"}
    ),
    plans.CommitmentsOpened: Words(
        "{member}: ten commitments are open",
        {
            "Coalition": "coalition",
            "Version of the plan": "plan_version",
            "Commitments": "commitments",
        },
    ),
    plans.CommitmentsChosen: Words(
        "{member}: chose the commitments to start with",
        {"Coalition": "coalition", "Points": "points", "As of": "as_of", "Note": "note"},
    ),
    plans.CommitmentUpdated: Words(
        "{member}, commitment {point}: {status}",
        {
            "Coalition": "coalition",
            "Commitment": "title",
            "Before": "previous",
            "Now": "status",
            "As of": "as_of",
            "Said by the city, or derived": "basis",
            "Note": "note",
            "Evidence": "evidence",
        },
    ),
    plans.PlanVersionAdopted: Words(
        "{member}: moved to version {version} of its plan",
        {"Coalition": "coalition", "Date": "adopted", "Version before": "previous"},
    ),
    plans.ActionRecorded: Words(
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
    plans.IndicatorRead: Words(
        "{member}: an indicator reads {value}",
        {
            "Coalition": "coalition",
            "Action": "action",
            "Indicator": "indicator.name",
            "Unit": "indicator.unit",
            "Target": "indicator.target",
            "As of": "as_of",
        },
    ),
    # --- reports ------------------------------------------------------------------------------
    plans.ReportReminded: Words(
        "{member}: a report is due in {days} days", {**_REPORT, "Awaited by": "by"}
    ),
    plans.ReportFellDue: Words("{member}: a report is due", _REPORT),
    plans.ReportExtensionRequested: Words(
        "{member}: asks for more time for a report",
        {**_REPORT, "Until": "until", "Requested": "requested", "Reason": "reason"},
    ),
    plans.ReportExtended: Words(
        "{member}: has more time for a report",
        {**_REPORT, "Until": "until", "Reason": "reason"},
    ),
    plans.ReportFellOverdue: Words(
        "{member}: a report is overdue", {**_REPORT, "Was awaited by": "by"}
    ),
    plans.ReportSubmitted: Words(
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
    plans.ReportReviewed: Words(
        "{member}: its report was reviewed, {verdict}",
        {
            **_REPORT,
            "Reviewed": "reviewed",
            "By": "reviewer",
            "Feedback": "feedback",
            "Revision until": "until",
        },
    ),
    plans.ReportAccepted: Words(
        "{member}: its report was accepted", {**_REPORT, "Accepted": "accepted"}
    ),
    # --- practices and publications -------------------------------------------------------------
    plans.PracticeShared: Words(
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
    plans.PracticeAdopted: Words(
        "{member} took over a practice: {title}",
        {"Coalition": "coalition", "Date": "adopted", "How it went": "outcome"},
    ),
    plans.PublicationAnnounced: Words(
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
NOBODY: Final[dict[type[Event], str]] = {
    plans.CommitmentsFellDue: "plans says it to itself; what follows from it is told",
    plans.CommitmentsTakenOver: "plans says it to itself; what is taken over is told",
    plans.MemberNoted: "plans' note of what membership says, which is told",
    plans.ProgressBasisChosen: "how progress is found; the progress itself is told",
}
