"""By when a member is to have a local plan, and what the clock has to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from services.plans.domain.chasing import turn
from services.plans.domain.commitments.state import MemberCommitments, is_asked
from services.plans.domain.local_plan_duties.rule import LocalPlanRule
from services.plans.domain.local_plan_duties.state import LocalPlanDuty
from shared.contracts.base import latest
from shared.contracts.plans import (
    LocalPlanChased,
    LocalPlanFellDue,
    LocalPlanFellOverdue,
    LocalPlanReminded,
)
from shared.domain.dates import months_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.plans.domain.local_plan_duties.state import DutyState, OwnPlan

OfLocalPlan = LocalPlanReminded | LocalPlanFellDue | LocalPlanFellOverdue | LocalPlanChased


class Due(NamedTuple):
    """When a local plan is due, and the one that is to be renewed, or followed, by then."""

    day: str
    renews: str | None = None


@dataclass(frozen=True, slots=True)
class LocalPlanAsked:
    """What decides by when a member is to have a local plan: its joining, the rule, its plans."""

    holder: MemberCommitments
    rule: LocalPlanRule | None
    record: LocalPlanDuty | None

    @property
    def due(self) -> Due | None:
        """When the next one is due; None where none is: no rule, or its plan has no end."""
        if self.rule is None or self.holder.joined is None or not is_asked(self.holder):
            return None
        begin = max(latest(self.holder.joined), date.fromisoformat(self.rule.since))
        first = Due(_after(begin, self.rule.within_months))
        plans = self.record.plans if self.record else ()
        if not plans:
            return first
        going_on = [own for own in plans if not own.ended]
        if any(own.ends is None for own in going_on):
            return None
        over = (
            (Due(latest(own.ends).isoformat(), own.plan) for own in going_on if own.ends)
            if going_on
            else (_followed(own, self.rule) for own in plans)
        )
        last = max(over, key=lambda due: due.day)
        return last._replace(day=max(last.day, first.day))

    @property
    def current(self) -> LocalPlanDuty | None:
        """What was said of the plan that is due next."""
        due = self.due
        return self.record if self.record and due and self.record.due == due.day else None

    @property
    def deadline(self) -> str | None:
        """The due date, or what it was extended to."""
        due, current = self.due, self.current
        return (current.extended if current and current.extended else due.day) if due else None

    def state_on(self, today: date) -> DutyState | None:
        """How it stands with the plan that is due next; None where none is."""
        deadline = self.deadline
        if deadline is None or self.rule is None:
            return None
        late = (today - date.fromisoformat(deadline)).days
        if late < 0:
            return "upcoming"
        return "overdue" if late > self.rule.overdue_after_days else "due"


def by_clock(asked: LocalPlanAsked, today: date) -> Iterator[OfLocalPlan]:
    """What is to be published of a member's local plan today, and was not published yet."""
    due, deadline, rule = asked.due, asked.deadline, asked.rule
    if due is None or deadline is None or rule is None:
        return
    current = asked.current
    state, reminded = (current.state, current.reminded) if current else ("upcoming", ())
    about = {
        "coalition": asked.holder.coalition,
        "member": asked.holder.member,
        "due": due.day,
        "renews": due.renews,
    }
    left = (date.fromisoformat(deadline) - today).days
    if state == "upcoming" and left <= 0:
        yield LocalPlanFellDue(**about)
    days = min((d for d in rule.remind_days if left <= d), default=None)
    if left > 0 and days and days not in reminded:
        yield LocalPlanReminded(**about, days=days, by=deadline)
    late = -left - rule.overdue_after_days - 1
    if state != "overdue" and late >= 0:
        yield LocalPlanFellOverdue(**about, by=deadline)
    before = current.chased if current else None
    if state == "overdue" and (now := turn(rule.chase_days, late, before, today)):
        on = {"chased": today.isoformat(), "since": now.since.isoformat()}
        yield LocalPlanChased(**about, to=now.to, **on)


def next_day(asked: LocalPlanAsked, today: date) -> date | None:
    """The next day on which the clock may have something to say, if nothing else happens."""
    deadline, rule = asked.deadline, asked.rule
    if deadline is None or rule is None:
        return None
    overdue = rule.overdue_after_days + 1
    after = (overdue, *(overdue + days for days in rule.chase_days))
    spans = (*(-days for days in rule.remind_days), 0, *after)
    last = date.max.toordinal()
    days = (date.fromisoformat(deadline).toordinal() + span for span in spans)
    return min(
        (date.fromordinal(day) for day in days if today.toordinal() < day <= last), default=None
    )


def _followed(own: OwnPlan, rule: LocalPlanRule) -> Due:
    """When a plan that ended early is to be followed by another."""
    return Due(_after(latest(own.ended or own.adopted), rule.within_months), own.plan)


def _after(start: date, months: int) -> str:
    try:
        return months_after(start, months).isoformat()
    except (OverflowError, ValueError):
        return (date.max - timedelta(days=1)).isoformat()
