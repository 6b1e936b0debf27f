"""The rules of local plans: adopted, renewed, submitted, reviewed, accepted, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from services.plans.domain.commitments.decide.guards import refuse_unmeant
from services.plans.domain.commitments.state import MemberCommitments, member_stream
from services.plans.domain.following import as_it_is
from services.plans.domain.local_plans import evolve
from services.plans.domain.local_plans.state import MAX_RENEWALS, LocalPlan, dates_of, fact
from services.plans.domain.plans.state import Plan, find_version, plan_stream
from shared.contracts.plans import LocalPlanAccepted, LocalPlanStep
from shared.domain.corrections.guards import refuse_corrected
from shared.domain.dates import agree, is_older, refuse_contradiction, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event, MemberRef
    from shared.contracts.plans import (
        LocalPlanAdopted,
        LocalPlanEnded,
        LocalPlanFollowed,
        LocalPlanRenewed,
        LocalPlanReviewed,
        LocalPlanStepName,
        LocalPlanSubmitted,
    )
    from shared.domain.decider import Context

S = TypeVar("S", bound=LocalPlanStep)

_MENDS: Final = "LocalPlanCorrected mends a wrong date"


def adopt(plan: LocalPlan | None, event: LocalPlanAdopted, context: Context) -> Sequence[Event]:
    """Adopt a plan of one's own, or say anew what was adopted; it may precede the admission.

    Raises:
        Refused: it is dated otherwise already, another coalition's, or under a version of the
            coalition's plan that is not known; or a holder is another's, or named by its id alone.
    """
    refuse_future(event.adopted, context.now)
    before = {holder.key for holder in plan.holders} if plan else set[str]()
    holders = tuple(_holder(ref, event.coalition, before, context) for ref in event.holders)
    gone = [h for h in plan.holders if h.key not in {r.key for r in holders}] if plan else []
    version = _version(event, plan, context)
    event = event.model_copy(
        update={
            "holders": holders,
            "plan_version": version,
            "former_holders": tuple(gone) or None,
        }
    )
    if plan:
        _refuse_another(plan, event)
        finer = max(event.adopted, plan.adopted, key=len)
        event = event if plan.withdrawn else event.model_copy(update={"adopted": finer})
    return [] if plan and evolve.adopted(plan, event) == plan else [event]


def _refuse_another(plan: LocalPlan, event: LocalPlanAdopted) -> None:
    if plan.coalition != event.coalition:
        raise Refused(f"{event.plan!r} is a local plan in the coalition {plan.coalition!r}")
    _refuse_corrected(plan, "adopted", event.adopted)
    if not plan.withdrawn and not agree(plan.adopted, event.adopted):
        raise Refused(f"{event.plan!r} was adopted {plan.adopted} already: {_MENDS}")
    for later in (*(r.renewed for r in plan.renewals), plan.ended):
        if later and is_older(later, event.adopted):
            raise Refused(f"{event.adopted} lies after {later}, when it was renewed or ended")


def _holder(ref: MemberRef, coalition: str, before: set[str], context: Context) -> MemberRef:
    """A holder's full reference."""
    member = context.find(member_stream(ref.key), MemberCommitments)
    refuse_unmeant(member, ref)
    if member is None:
        if ref.name is None:
            raise Refused(f"{ref.key!r} holds no commitments: give its name, kind and country")
        return ref
    if member.coalition != coalition and ref.key not in before:
        raise Refused(f"{ref.key!r} belongs to the coalition {member.coalition!r}")
    return member.member


def _version(event: LocalPlanAdopted, plan: LocalPlan | None, context: Context) -> int | None:
    """Under which version of the coalition's plan it was adopted."""
    of_coalition = context.find(plan_stream(event.coalition), Plan)
    if event.plan_version is None:
        in_force = of_coalition.plan_version if of_coalition else None
        return plan.plan_version if plan else in_force
    if of_coalition and find_version(of_coalition, event.plan_version) is None:
        raise Refused(f"the plan of {event.coalition!r} has no version {event.plan_version}")
    return event.plan_version


def renew(plan: LocalPlan | None, event: LocalPlanRenewed, context: Context) -> Sequence[Event]:
    """Give a plan another period.

    Raises:
        Refused: there is no such plan, it has ended, or was adopted later; or it has too many.
    """
    refuse_future(event.renewed, context.now)
    plan, event = _prepared(plan, event)
    after = evolve.renewed(plan, event)
    if after == plan:
        return []
    _refuse_corrected(plan, "renewed", event.renewed)
    _refuse_ended(plan, event.renewed)
    if len(after.renewals) > MAX_RENEWALS:
        raise Refused(f"a local plan has at most {MAX_RENEWALS} renewals: adopt another plan")
    return [event]


def submit(plan: LocalPlan | None, event: LocalPlanSubmitted, context: Context) -> Sequence[Event]:
    """Submit a plan for review, or submit it anew.

    Raises:
        Refused: there is no such plan, it has ended, or is accepted and was not renewed since.
    """
    refuse_future(event.submitted, context.now)
    plan, event = _prepared(plan, event)
    if (event.submitted, event.note) == (plan.submitted, plan.submission_note):
        return []
    _refuse_corrected(plan, "submitted", event.submitted)
    if evolve.is_same_submission(plan, event):
        return [] if evolve.submitted(plan, event) == plan else [event]
    _refuse_ended(plan, event.submitted)
    if is_older(event.submitted, plan.submitted):
        raise Refused(f"the plan was submitted {plan.submitted}; this is older")
    is_renewed = is_older(plan.accepted or "9999", plan.last_begun)
    if plan.accepted and not (is_renewed and not is_older(event.submitted, plan.last_begun)):
        raise Refused(f"the plan is accepted already, as of {plan.accepted}")
    return [event]


def review(plan: LocalPlan | None, event: LocalPlanReviewed, context: Context) -> Sequence[Event]:
    """Reviewers accept a submitted plan, or return it for a revision.

    Raises:
        Refused: there is no such plan, or it was not submitted by then.
    """
    refuse_future(event.reviewed, context.now)
    plan, event = _prepared(plan, event)
    new = (event.reviewed, event.reviewer, event.verdict, event.feedback)
    if new == (plan.reviewed, plan.reviewer, plan.verdict, plan.feedback):
        return []
    _refuse_corrected(plan, "reviewed", event.reviewed)
    _require_submitted(plan, event.reviewed)
    if event.verdict == "revise":
        if plan.accepted:
            raise Refused(f"the plan is accepted already, as of {plan.accepted}")
        return [event]
    about = {"plan": event.plan, "coalition": event.coalition, "title": event.title}
    return [
        event,
        LocalPlanAccepted(**about, holders=event.holders, accepted=event.reviewed),
    ]


def accept(plan: LocalPlan | None, event: LocalPlanAccepted, context: Context) -> Sequence[Event]:
    """Accept a submitted plan.

    Raises:
        Refused: there is no such plan, or it was not submitted by then.
    """
    refuse_future(event.accepted, context.now)
    plan, event = _prepared(plan, event)
    if plan.accepted:
        return []
    _refuse_corrected(plan, "accepted", event.accepted)
    _require_submitted(plan, event.accepted)
    return [event]


def end(plan: LocalPlan | None, event: LocalPlanEnded, context: Context) -> Sequence[Event]:
    """End a plan before its period is over.

    Raises:
        Refused: there is no such plan, it ended on another date, or began later.
    """
    refuse_future(event.ended, context.now)
    plan, event = _prepared(plan, event)
    _refuse_corrected(plan, "ended", event.ended)
    refuse_contradiction(event.ended, plan.ended, f"the end of {plan.title}")
    if plan.ended:
        finer = max(event.ended, plan.ended, key=len)
        event = event.model_copy(update={"ended": finer})
    if is_older(event.ended, plan.last_begun):
        raise Refused(f"{event.ended} lies before the plan began, {plan.last_begun}")
    return [] if evolve.ended(plan, event) == plan else [event]


def follow(plan: LocalPlan | None, event: LocalPlanFollowed, context: Context) -> Sequence[Event]:
    """Be a plan of the member that a holder was merged into, or of the holder again.

    Raises:
        Refused: there is no such plan.
    """
    if plan is None:
        raise Refused(f"no local plan {event.plan!r} is known: send LocalPlanAdopted first")
    found = as_it_is(event, context)
    after = evolve.followed(plan, found) if found else plan
    if found is None or after == plan:
        return []
    there = {holder.key for holder in after.holders}
    gone = tuple(holder for holder in plan.holders if holder.key not in there)
    return [completed(after, found).model_copy(update={"former_holders": gone or None})]


# --- what all of them need ------------------------------


def existing(plan: LocalPlan | None, id_: str) -> LocalPlan:
    """The plan, if it is one.

    Raises:
        Refused: nothing is recorded of it, or it was recorded by mistake.
    """
    if plan is None:
        raise Refused(f"no local plan {id_!r} is known: send LocalPlanAdopted first")
    if plan.withdrawn:
        reason = next((c.reason for c in reversed(plan.corrections) if c.correct is None), "")
        raise Refused(f"the local plan {id_!r} was recorded by mistake: {reason}")
    return plan


def completed(plan: LocalPlan, event: S) -> S:
    """The event with what is known of the plan."""
    about = {"coalition": plan.coalition, "title": plan.title, "holders": plan.holders}
    return event.model_copy(update=about)


def _prepared(plan: LocalPlan | None, event: S) -> tuple[LocalPlan, S]:
    plan = existing(plan, event.plan)
    if event.coalition not in {None, plan.coalition}:
        raise Refused(f"{event.plan!r} is a local plan in the coalition {plan.coalition!r}")
    return plan, completed(plan, event)


def _refuse_ended(plan: LocalPlan, date: str) -> None:
    if is_older(date, plan.adopted):
        raise Refused(f"{date} lies before the plan was adopted, {plan.adopted}")
    if plan.ended and is_older(plan.ended, date):
        raise Refused(f"the plan ended {plan.ended}: adopt another")


def _require_submitted(plan: LocalPlan, date: str) -> None:
    if plan.submitted is None:
        raise Refused(f"the local plan {plan.id!r} is not submitted")
    if is_older(date, plan.submitted):
        raise Refused(f"{date} lies before the plan was submitted, {plan.submitted}")


def _refuse_corrected(plan: LocalPlan, step: LocalPlanStepName, date: str) -> None:
    refuse_corrected(plan.corrections, fact(step), date, dates_of(plan, step))
