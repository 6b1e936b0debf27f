"""Who owes what: a member a plan, a choice, a report, a local plan; the secretariat an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from services.plans.domain.commitments.state import MemberCommitments, is_bound, owes
from services.plans.domain.local_plan_duties.schedule import LocalPlanAsked
from services.plans.domain.local_plan_duties.state import LocalPlanDuty, OwnPlan
from services.plans.domain.plans.state import Plan
from services.plans.domain.reports.state import DONE, MemberReports
from shared.contracts.base import EdtfDate, Slug, Text, latest
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.plans.domain.reports.state import Report

What = Literal["plan", "choice", "report", "local plan", "revision", "answer"]
By = Literal["member", "coalition", "secretariat"]


class Owed(State):
    """One thing that somebody owes.

    Attributes:
        by: who owes it: the member, its coalition (a plan), or the secretariat (an answer).
        since: when it was due; None where that has no date.
        about: the version of the plan, when the report was due, or which local plan it is.
    """

    coalition: Slug
    member: Slug
    name: Text | None = None
    what: What
    by: By
    since: EdtfDate | None = None
    about: Text


class Record(NamedTuple):
    """What is recorded of a member, and of its coalition, that decides who owes what.

    Attributes:
        duty: the member's local plans, and what was said of the one that it owes.
    """

    holder: MemberCommitments
    plan: Plan | None = None
    reports: MemberReports | None = None
    duty: LocalPlanDuty | None = None


def owed(of: Record, today: str) -> Iterator[Owed]:
    """What a member owes, and what is owed to it, as of today; nothing once it has left.

    While it is on hold it owes nothing, and is owed what it was.
    """
    if is_bound(of.holder):
        is_asked = owes(of.holder)
        yield from (one for one in _all(of, today) if is_asked or one.by != "member")


def _all(of: Record, today: str) -> Iterator[Owed]:
    yield from _plan(of.holder, of.plan)
    yield from _choice(of.holder, today)
    for report in of.reports.reports if of.reports else ():
        yield from _report(of.holder, report, today)
    yield from _local_plan(of, today)
    for own in of.duty.plans if of.duty else ():
        yield from _review(of.holder, own, today)


def _plan(holder: MemberCommitments, plan: Plan | None) -> Iterator[Owed]:
    if holder.plan_version is None:
        yield _owed(holder, "plan", "coalition", holder.joined, "a published plan")
    elif plan and plan.plan_version and holder.plan_version < plan.plan_version:
        about = f"version {plan.plan_version}; it is on version {holder.plan_version}"
        yield _owed(holder, "plan", "member", plan.adopted, about)


def _choice(holder: MemberCommitments, today: str) -> Iterator[Owed]:
    choice = holder.choices[-1] if holder.chosen else None
    if choice and choice.until and choice.until < today:
        points = ", ".join(map(str, choice.points))
        yield _owed(holder, "choice", "member", choice.until, f"it chose {points} until then")


def _report(holder: MemberCommitments, report: Report, today: str) -> Iterator[Owed]:
    about, is_asked = f"the report due on {report.due}", report.state not in DONE
    if report.state == "to revise":
        yield _owed(holder, "revision", "member", report.deadline, about)
    elif is_asked and report.deadline and report.deadline <= today:
        yield _owed(holder, "report", "member", report.deadline, about)
    if is_asked and report.requested_until:
        more = f"more time until {report.requested_until} for {about}?"
        yield _owed(holder, "answer", "secretariat", None, more)
    elif report.state == "submitted":
        yield _owed(holder, "answer", "secretariat", report.submitted, f"a review of {about}")


def _local_plan(of: Record, today: str) -> Iterator[Owed]:
    asked = LocalPlanAsked(of.holder, of.plan.local_plans if of.plan else None, of.duty)
    due, deadline = asked.due, asked.deadline
    if due and deadline and deadline <= today:
        about = f"a renewal of {due.renews}, or another" if due.renews else "a plan of its own"
        yield _owed(of.holder, "local plan", "member", deadline, about)


def _review(holder: MemberCommitments, own: OwnPlan, today: str) -> Iterator[Owed]:
    about = f"the local plan {own.plan}"
    if own.ended or (own.ends and latest(own.ends).isoformat() < today):
        return
    if own.returned:
        yield _owed(holder, "revision", "member", own.revision_until, about)
    elif own.submitted:
        yield _owed(holder, "answer", "secretariat", own.submitted, f"a review of {about}")


def _owed(holder: MemberCommitments, what: What, by: By, since: str | None, about: str) -> Owed:
    return Owed(
        coalition=holder.coalition,
        member=holder.id,
        name=holder.member.name,
        what=what,
        by=by,
        since=since,
        about=about,
    )
