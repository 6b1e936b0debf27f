"""What published events make of a local plan; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.plans.domain.following import standing_for, with_event
from services.plans.domain.local_plans.standings import Renewal
from services.plans.domain.local_plans.state import LocalPlan, dates_of, fact
from shared.domain.corrections.dated import change
from shared.domain.dates import agree, by_date, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.base import MemberRef
    from shared.contracts.plans import (
        LocalPlanAccepted,
        LocalPlanAdopted,
        LocalPlanCorrected,
        LocalPlanEnded,
        LocalPlanFollowed,
        LocalPlanRenewed,
        LocalPlanReviewed,
        LocalPlanSubmitted,
    )

_OF_AN_ADOPTION: Final = (
    "coalition",
    "holders",
    "title",
    "titles",
    "adopted",
    "body",
    "vote",
    "starts",
    "ends",
    "document",
    "note",
    "plan_version",
    "measures",
)
"""What an adoption says; sent again, it replaces all of it."""
_NO_SUBMISSION: Final = {"submitted": None, "submission_note": None, "awaits_review": False}
_NO_REVIEW: Final = dict.fromkeys(("reviewed", "reviewer", "verdict", "feedback", "revision_until"))


def adopted(plan: LocalPlan | None, event: LocalPlanAdopted) -> LocalPlan:
    """A plan was adopted, or is said anew; what became of it stays."""
    fields: dict[str, Any] = {name: getattr(event, name) for name in _OF_AN_ADOPTION}
    source = event.source or (plan.source if plan else None)
    if plan is None:
        return LocalPlan(id=event.plan, source=source, **fields)
    if _ids(event.holders) != _ids(plan.holders):
        fields |= {"named": (), "followed": ()}
    return plan.model_copy(update={**fields, "source": source, "withdrawn": False})


def _ids(holders: Iterable[MemberRef]) -> set[str]:
    return {holder.key for holder in holders}


def followed(plan: LocalPlan, event: LocalPlanFollowed) -> LocalPlan:
    """The member that stays is a holder where its duplicate was, or the duplicate is one again."""
    concerned = {*_ids(plan.holders), *(one.duplicate.key for one in plan.followed)}
    if event.member.key not in concerned:
        return plan
    named, after = plan.named or plan.holders, with_event(plan.followed, event)
    holders = {one.key: one for one in (standing_for(each, after) for each in named)}
    return plan.model_copy(
        update={
            "holders": tuple(holders.values()),
            "named": named if after else (),
            "followed": after,
        }
    )


def find_renewal(plan: LocalPlan, date: str) -> Renewal | None:
    """The renewal on a date, as precise as either is."""
    return next((r for r in plan.renewals if agree(r.renewed, date)), None)


def renewed(plan: LocalPlan, event: LocalPlanRenewed) -> LocalPlan:
    """Another period, in the place of the one that was renewed on the same date."""
    current = find_renewal(plan, event.renewed)
    new = Renewal(
        renewed=max(event.renewed, current.renewed, key=len) if current else event.renewed,
        body=event.body,
        vote=event.vote,
        ends=event.ends,
        document=event.document,
        note=event.note,
    )
    renewals = by_date(replaced(plan.renewals, current, new), lambda r: r.renewed)
    return plan.model_copy(update={"renewals": renewals})


def is_same_submission(plan: LocalPlan, event: LocalPlanSubmitted) -> bool:
    """Whether it says anew what was submitted; what was returned is submitted once more."""
    is_returned = plan.verdict == "revise" and not plan.awaits_review and not plan.accepted
    return bool(plan.submitted and agree(plan.submitted, event.submitted)) and not is_returned


def submitted(plan: LocalPlan, event: LocalPlanSubmitted) -> LocalPlan:
    """It awaits a review; whether it was accepted before does not count any more."""
    if is_same_submission(plan, event):
        finer = max(event.submitted, plan.submitted or "", key=len)
        return plan.model_copy(update={"submitted": finer, "submission_note": event.note})
    return plan.model_copy(
        update={
            "submitted": event.submitted,
            "submission_note": event.note,
            "awaits_review": True,
            "revision_until": None,
            "accepted": None,
        }
    )


def reviewed(plan: LocalPlan, event: LocalPlanReviewed) -> LocalPlan:
    """It was reviewed; a revision may have a deadline."""
    return plan.model_copy(
        update={
            "reviewed": event.reviewed,
            "reviewer": event.reviewer,
            "verdict": event.verdict,
            "feedback": event.feedback,
            "revision_until": event.until if event.verdict == "revise" else None,
            "awaits_review": False,
        }
    )


def accepted(plan: LocalPlan, event: LocalPlanAccepted) -> LocalPlan:
    """It is accepted."""
    done = {"accepted": event.accepted, "awaits_review": False, "revision_until": None}
    return plan.model_copy(update=done)


def ended(plan: LocalPlan, event: LocalPlanEnded) -> LocalPlan:
    """It is in force no more."""
    return plan.model_copy(update={"ended": event.ended, "end_reason": event.reason})


def corrected(plan: LocalPlan, event: LocalPlanCorrected) -> LocalPlan:
    """A step has another date, or never happened."""
    what = change(plan.corrections, fact(event.step), event)
    after = plan.model_copy(update={"corrections": what.corrections})
    if what.now is None:
        return after.model_copy(update={"withdrawn": False}) if event.step == "adopted" else after
    if what.now not in dates_of(plan, event.step):
        return after
    if what.correct is None:
        return after.model_copy(update=_undone(plan, event, what.now))
    return after.model_copy(update=_dated(plan, event, what.now, what.correct))


def _dated(plan: LocalPlan, event: LocalPlanCorrected, old: str, new: str) -> dict[str, Any]:
    """It happened on another date."""
    if event.step == "renewed":
        moved = (
            r.model_copy(update={"renewed": new}) if r.renewed == old else r for r in plan.renewals
        )
        return {"renewals": by_date(moved, lambda r: r.renewed)}
    with_it = event.step == "reviewed" and plan.verdict == "accepted" and plan.accepted == old
    return {event.step: new, **({"accepted": new} if with_it else {})}


def _undone(plan: LocalPlan, event: LocalPlanCorrected, old: str) -> dict[str, Any]:
    """It never happened: the plan stands as it did without it."""
    match event.step:
        case "adopted":
            return {"withdrawn": True}
        case "renewed":
            return {"renewals": tuple(r for r in plan.renewals if r.renewed != old)}
        case "submitted":
            return dict(_NO_SUBMISSION)
        case "reviewed":
            was_accepted = {"accepted": None} if plan.verdict == "accepted" else {}
            return {**_NO_REVIEW, **was_accepted, "awaits_review": plan.submitted is not None}
        case "accepted":
            return {"accepted": None, "awaits_review": plan.verdict != "revise"}
        case "ended":
            return {"ended": None, "end_reason": None}
