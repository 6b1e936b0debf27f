"""When a member's reports are due, and what the clock has to say about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from services.plans.domain.chasing import turn
from services.plans.domain.commitments.state import MemberCommitments, is_asked
from services.plans.domain.reports.state import (
    DONE,
    MemberReports,
    Report,
    begins,
    room,
    upcoming,
)
from shared.contracts.base import latest
from shared.contracts.plans import (
    EarlierReportsWaived,
    ReportChased,
    ReportFellDue,
    ReportFellOverdue,
    ReportReminded,
    ReportWaived,
)
from shared.domain.dates import months_after

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services.plans.domain.plans.state import ReportingRule

ByClock = (
    ReportReminded
    | ReportFellDue
    | ReportFellOverdue
    | ReportChased
    | ReportWaived
    | EarlierReportsWaived
)


@dataclass(frozen=True, slots=True)
class Duty:
    """What decides when a member's reports are due: its joining and its coalition's rule."""

    holder: MemberCommitments
    rule: ReportingRule | None

    def dates(self, through: date, begin: date = date.min) -> Iterator[date]:
        """The due dates by the rule, since the rule began; a joining year counts to its end."""
        if self.rule is None or self.holder.joined is None:
            return
        joined, since = latest(self.holder.joined), date.fromisoformat(self.rule.since)
        begin = max(begin, since)
        first, every = self.rule.first_after_months, self.rule.every_months
        skipped = max(0, _months(joined, begin) - first) // every
        for months in range(first + skipped * every, _months(joined, through) + 1, every):
            due = months_after(joined, months)
            if begin <= due <= through:
                yield due

    def is_overdue(self, deadline: str | None, today: date) -> bool:
        """Whether a deadline has passed, and the days of grace with it."""
        return self.late(deadline, today) >= 0

    def late(self, deadline: str | None, today: date) -> int:
        """For how many days it has been so; less than none where it is not."""
        if self.rule is None or deadline is None:
            return -1
        return (today - date.fromisoformat(deadline)).days - self.rule.overdue_after_days - 1

    def allows(self, due: str) -> bool:
        """Whether a report may have this date: by the rule, from before it, or without one."""
        if self.rule is None or self.holder.joined is None or due < self.rule.since:
            return True
        return self.is_by_the_rule(due)

    def is_by_the_rule(self, due: str) -> bool:
        """Whether the rule asks for a report on this date."""
        if self.rule is None or self.holder.joined is None or due < self.rule.since:
            return False
        joined, day = latest(self.holder.joined), date.fromisoformat(due)
        months = _months(joined, day)
        in_step = (months - self.rule.first_after_months) % self.rule.every_months == 0
        is_late_enough = months >= self.rule.first_after_months
        return in_step and is_late_enough and months_after(joined, months) == day


def _months(start: date, end: date) -> int:
    """The months from one date's month to another's."""
    return (end.year - start.year) * 12 + end.month - start.month


def by_clock(duty: Duty, reports: MemberReports | None, today: date) -> Iterator[ByClock]:
    """What is to be published of a member's reports today, and was not published yet."""
    if duty.rule is None or not is_asked(duty.holder):
        return
    asked, waived_before = _asked(duty, reports, today)
    if waived_before:
        yield EarlierReportsWaived(
            coalition=duty.holder.coalition, member=duty.holder.member, due=waived_before
        )
    there = reports.reports if reports else ()
    for report in sorted([*there, *map(upcoming, asked)], key=lambda r: r.due):
        if report.submitted is None and report.state not in DONE and not duty.allows(report.due):
            yield _off_the_rule(duty.holder, report, today)
        elif report.state not in DONE:
            yield from _of_report(duty.holder, duty.rule, report, today)


def _asked(
    duty: Duty, reports: MemberReports | None, today: date
) -> tuple[Sequence[str], str | None]:
    """The due dates of new reports; and if several have passed unasked, the last of them.

    Nobody writes a report for each period since a rule began long ago: the last one is asked for.
    """
    remind = duty.rule.remind_days if duty.rule else ()
    new = [*_new(duty, reports, today + timedelta(days=max(remind, default=0)))]
    there = [r.due for r in reports.reports if duty.is_by_the_rule(r.due)] if reports else []
    passed = [due for due in (*there, *new) if due <= today.isoformat()]
    last = max(passed, default="")
    asked = [due for due in new if due >= last]
    return asked[: room(reports)], last if len(asked) < len(new) else None


def _off_the_rule(holder: MemberCommitments, report: Report, today: date) -> ReportWaived:
    return ReportWaived(
        coalition=holder.coalition,
        member=holder.member,
        due=report.due,
        waived=today.isoformat(),
        reason="by the rule and the date of joining as they are now, no report is due on that day",
    )


def next_day(duty: Duty, reports: MemberReports | None, today: date) -> date | None:
    """The next day on which the clock may have something to say, if nothing else happens.

    None where it never will. It is asked when there is nothing to say today.
    """
    rule = duty.rule
    if rule is None or not is_asked(duty.holder):
        return None
    ahead = timedelta(days=max(rule.remind_days, default=0))
    awaited = (r for r in reports.reports if r.state not in DONE) if reports else ()
    deadlines = [report.deadline for report in awaited if report.deadline]
    deadlines += islice(_new(duty, reports, date.max, today + ahead), min(1, room(reports)))
    overdue = rule.overdue_after_days + 1
    after = (overdue, *(overdue + days for days in rule.chase_days))
    spans = (*(-days for days in rule.remind_days), 0, *after)
    days = [date.fromisoformat(day).toordinal() + span for day in deadlines for span in spans]
    later = (day for day in days if today.toordinal() < day <= date.max.toordinal())
    return date.fromordinal(first) if (first := min(later, default=0)) else None


def _new(
    duty: Duty, reports: MemberReports | None, through: date, begin: date = date.min
) -> Iterator[str]:
    """The due dates of reports that are not there yet."""
    there = {report.due for report in reports.reports} if reports else set()
    if after := begins(reports):
        begin = max(begin, date.fromisoformat(after))
        there.add(after)
    if reports and reports.asked_from:
        begin = max(begin, date.fromisoformat(reports.asked_from))
    dues = (day.isoformat() for day in duty.dates(through, begin))
    return (due for due in dues if due not in there)


def _of_report(
    holder: MemberCommitments, rule: ReportingRule, report: Report, today: date
) -> Iterator[ByClock]:
    coalition, member, due = holder.coalition, holder.member, report.due
    if report.deadline is None:
        return
    if report.state == "overdue":
        yield from _chased(Duty(holder, rule), rule, report, today)
        return
    left = (date.fromisoformat(report.deadline) - today).days
    if report.state == "upcoming" and left <= 0:
        yield ReportFellDue(coalition=coalition, member=member, due=due)
    days = min((d for d in rule.remind_days if left <= d), default=None)
    if left > 0 and days and days not in report.reminded:
        yield ReportReminded(
            coalition=coalition, member=member, due=due, days=days, by=report.deadline
        )
    if Duty(holder, rule).is_overdue(report.deadline, today):
        yield ReportFellOverdue(coalition=coalition, member=member, due=due, by=report.deadline)


def _chased(duty: Duty, rule: ReportingRule, report: Report, today: date) -> Iterator[ReportChased]:
    late = duty.late(report.deadline, today)
    if now := turn(rule.chase_days, late, report.chased, today):
        yield ReportChased(
            coalition=duty.holder.coalition,
            member=duty.holder.member,
            due=report.due,
            to=now.to,
            chased=today.isoformat(),
            since=now.since.isoformat(),
        )
