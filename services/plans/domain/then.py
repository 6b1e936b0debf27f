"""Aggregates as they stood for certain on a day, as tables show them.

What is kept only as it is now (what an action or a note says) is left out where it is of later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.plans.domain.as_of import commitments_at, report_state_at
from services.plans.domain.commitments import elsewhere
from services.plans.domain.commitments.course import find
from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
from shared.domain.dates import has_happened

if TYPE_CHECKING:
    from services.plans.domain.as_of import CommitmentThen
    from services.plans.domain.plans.state import Plan
    from services.plans.domain.practices.state import Practice
    from services.plans.domain.reports.state import MemberReports, Report


def holder_at(holder: MemberCommitments, day: str) -> MemberCommitments | None:
    """A member's commitments and actions as they stood; None before it had any."""
    holder = elsewhere.as_of(holder, day)
    then = commitments_at(holder, day)
    if then is None:
        return None
    is_now = then.plan_version == holder.plan_version
    now = {one.point: one for one in holder.commitments} if is_now else {}
    commitments = tuple(_commitment(one, now.get(one.point), day) for one in then.commitments)
    return holder.model_copy(update={"plan_version": then.plan_version, "commitments": commitments})


def _commitment(then: CommitmentThen, now: CommitmentState | None, day: str) -> CommitmentState:
    progress = find(now.course, then.as_of) if now else None
    is_as_now = now is not None and now.as_of == then.as_of
    return CommitmentState(
        point=then.point,
        title=then.title,
        status=then.status,
        percent=progress.percent if progress else _not_implied(then),
        as_of=then.as_of,
        basis=progress.basis if progress else "reported",
        note=now.note if now and is_as_now else None,
        evidence=now.evidence if now and is_as_now else (),
        actions=tuple(a for a in now.actions if has_happened(a.as_of, day)) if now else (),
    )


def _not_implied(then: CommitmentThen) -> int | None:
    return None if then.status in {"not started", "completed"} else then.percent


def reports_at_day(reports: MemberReports, day: str) -> MemberReports:
    """A member's reports; `due` of all that were awaited, since the days of grace are a rule's."""
    then = tuple(_report(one, day) for one in reports.reports)
    return reports.model_copy(update={"reports": then})


def _report(report: Report, day: str) -> Report:
    state = report_state_at(None, report, day)
    changes: dict[str, Any] = {"state": state, "draft": None, "requested_until": None}
    is_awaited = state in {"upcoming", "due"}
    changes["deadline"] = (report.extended or report.due) if is_awaited else None
    if not has_happened(report.submitted, day):
        changes |= dict.fromkeys(("submitted", "title", "document", "note")) | {"texts": ()}
    if not has_happened(report.reviewed, day):
        changes |= dict.fromkeys(("reviewed", "reviewer", "verdict", "feedback"))
        changes["comments"] = ()
    for name in ("accepted", "waived"):
        if not has_happened(getattr(report, name), day):
            changes[name] = None
    return report.model_copy(update=changes)


def practice_at(practice: Practice, day: str) -> Practice | None:
    """A good practice with those that had adopted it; None before it was shared."""
    if not has_happened(practice.shared, day):
        return None
    adoptions = tuple(one for one in practice.adoptions if has_happened(one.adopted, day))
    return practice.model_copy(update={"adoptions": adoptions})


def plan_at(plan: Plan, day: str) -> Plan | None:
    """A plan with the versions that were adopted; None before the first."""
    adopted = [v for v in plan.versions if v.state != "draft" and has_happened(v.adopted, day)]
    if not adopted:
        return None
    last = adopted[-1].model_copy(update={"state": "published"})
    before = (v.model_copy(update={"state": "superseded"}) for v in adopted[:-1])
    return plan.model_copy(
        update={
            "plan_version": last.number,
            "adopted": last.adopted,
            "commitments": last.commitments,
            "versions": (*before, last),
        }
    )
