"""Wordings for what plans publishes of local plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.about_plans import CHASED, CORRECTED
from services.notifications.domain.content.wording import Wording
from shared.contracts import plans

if TYPE_CHECKING:
    from shared.contracts.base import Event

_LOCAL_PLAN: Final = {"Coalition": "coalition", "Whose plan": "holders"}
_OWN_PLAN: Final = {"Coalition": "coalition", "Due": "due", "In the place of": "renews"}

WORDINGS: Final[dict[type[Event], Wording]] = {
    plans.LocalPlanRuleSet: Wording(
        "{coalition}: by when its members have a plan of their own",
        {
            "Months from joining": "within_months",
            "Days of grace": "overdue_after_days",
            "From": "since",
        },
    ),
    plans.LocalPlanAdopted: Wording(
        "A city's own plan was adopted: {title}",
        {
            "Coalition": "coalition",
            "Whose plan": "holders",
            "Date": "adopted",
            "Decided by": "body",
            "Vote": "vote",
            "Begins": "starts",
            "Ends": "ends",
            "What it takes from the commitments": "measures",
            "Document": "document",
            "Note": "note",
        },
    ),
    plans.LocalPlanRenewed: Wording(
        "{title}: renewed",
        {
            **_LOCAL_PLAN,
            "Date": "renewed",
            "Decided by": "body",
            "Vote": "vote",
            "Until": "ends",
            "Document": "document",
            "Note": "note",
        },
    ),
    plans.LocalPlanSubmitted: Wording(
        "{title}: submitted for review", {**_LOCAL_PLAN, "Date": "submitted", "Note": "note"}
    ),
    plans.LocalPlanReviewed: Wording(
        "{title}: reviewed, {verdict}",
        {
            **_LOCAL_PLAN,
            "Date": "reviewed",
            "By": "reviewer",
            "Feedback": "feedback",
            "Revision until": "until",
        },
    ),
    plans.LocalPlanAccepted: Wording("{title}: accepted", {**_LOCAL_PLAN, "Date": "accepted"}),
    plans.LocalPlanEnded: Wording(
        "{title}: ended", {**_LOCAL_PLAN, "Date": "ended", "Reason": "reason"}
    ),
    plans.LocalPlanCorrected: Wording(
        "{title}: a date of this local plan was corrected",
        {"Step": "step", "Whose plan": "holders", **CORRECTED},
    ),
    plans.LocalPlanReminded: Wording(
        "{member}: its own plan is due in {days} day",
        {**_OWN_PLAN, "Awaited by": "by"},
        several="{member}: its own plan is due in {days} days",
        counted="days",
    ),
    plans.LocalPlanFellDue: Wording("{member}: its own plan is due", _OWN_PLAN),
    plans.LocalPlanFellOverdue: Wording(
        "{member}: its own plan is overdue", {**_OWN_PLAN, "Was awaited by": "by"}
    ),
    plans.LocalPlanChased: Wording(
        "{member}: its own plan is still overdue", {**_OWN_PLAN, **CHASED}
    ),
    plans.LocalPlanExtended: Wording(
        "{member}: has more time for its own plan",
        {**_OWN_PLAN, "Until": "until", "Reason": "reason"},
    ),
}
ONLY_LISTED: Final[dict[type[Event], Wording]] = {}
"""What is no news, and listed among what changed: nothing."""
WITHOUT: Final[dict[type[Event], str]] = {
    plans.LocalPlanFollowed: "follows from a merger of members, of which people are notified",
    plans.LocalPlanNoted: "sent by plans to itself, of a local plan of which people are notified",
}
