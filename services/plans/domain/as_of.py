"""How a member's commitments and reports stood on a day, in states and in percent.

A date known only to the month or year counts from its last day.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import elsewhere
from services.plans.domain.commitments.state import PastCommitment
from services.plans.domain.comparing import chosen_on, is_taken_up
from services.plans.domain.reports.state import ReportState
from shared.contracts.base import EdtfDate, Text
from shared.contracts.plans import Day, Percent, Point, Status, Version
from shared.domain.dates import certain_day, has_happened, in_force, is_older
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services.plans.domain.commitments.state import CommitmentState, MemberCommitments
    from services.plans.domain.reports.schedule import Duty
    from services.plans.domain.reports.state import MemberReports, Report

_IMPLIED: Final[dict[Status, int]] = {"not started": 0, "completed": 100}
_ALL: Final = 100
"""Percent."""


class CommitmentThen(State):
    """How far a commitment had come; `percent` is None where nobody knows."""

    point: Point
    title: Text
    taken_up: bool
    status: Status
    percent: Percent | None = None
    as_of: EdtfDate | None = None


class CommitmentsThen(State):
    """How a member's commitments stood on a day.

    Attributes:
        plan_version: under which they were.
        percent: the mean of those that it took up and whose percentage is known, cut; else None.
        counted: of how many it is the mean.
    """

    day: Day
    plan_version: Version
    percent: Percent | None
    counted: int
    commitments: tuple[CommitmentThen, ...]


class ReportThen(State):
    """What had become of a report."""

    due: Day
    state: ReportState


class ReportsThen(State):
    """How a member's reports stood on a day.

    Attributes:
        percent: how many of those that were due were there, cut; None where none was due.
    """

    day: Day
    percent: Percent | None
    reports: tuple[ReportThen, ...]


# --- commitments ------------------------------


def percent_of(status: Status, percent: int | None) -> int | None:
    """How far a commitment has come in percent: as it was reported, or as its status implies."""
    return _IMPLIED.get(status) if percent is None else percent


def commitments_at(
    holder: MemberCommitments, day: str, from_: Callable[[str], str] = certain_day
) -> CommitmentsThen | None:
    """How a member's commitments stood on a day; None before it joined, and without a plan.

    Args:
        holder: its commitments.
        day: the day.
        from_: from which day on something holds that is dated only to the month or year.
    """
    holder = elsewhere.as_of(holder, day)
    if holder.plan_version is None or (holder.joined and from_(holder.joined) > day):
        return None
    version, commitments = _commitments(holder, day, from_)
    chosen = chosen_on(holder.choices, version, day, from_)
    then = tuple(_then(commitment, chosen, day, from_) for commitment in commitments)
    counted = [one.percent for one in then if one.taken_up and one.percent is not None]
    return CommitmentsThen(
        day=day,
        plan_version=version,
        percent=sum(counted) // len(counted) if counted else None,
        counted=len(counted),
        commitments=then,
    )


def _commitments(
    holder: MemberCommitments, day: str, from_: Callable[[str], str]
) -> tuple[int, Sequence[PastCommitment | CommitmentState]]:
    """The version under which the commitments were on a day, and these."""
    left_later = (old.plan_version for old in holder.past if from_(old.until) > day)
    version = next(left_later, holder.plan_version or 1)
    past = tuple(old for old in holder.past if old.plan_version == version)
    return version, past or holder.commitments


def _then(
    commitment: PastCommitment | CommitmentState,
    chosen: Sequence[int],
    day: str,
    from_: Callable[[str], str],
) -> CommitmentThen:
    progress = in_force(commitment.course, lambda one: one.as_of, day, from_)
    status: Status = progress.status if progress else "not started"
    return CommitmentThen(
        point=commitment.point,
        title=commitment.title,
        taken_up=is_taken_up(commitment.point, chosen, commitment.borne_by),
        status=status,
        percent=percent_of(status, progress.percent if progress else None),
        as_of=progress.as_of if progress else None,
    )


# --- reports ------------------------------


def reports_at(duty: Duty, reports: MemberReports, day: date) -> ReportsThen:
    """How a member's reports stood on a day; when more time was given is not recorded."""
    then = tuple(
        ReportThen(due=r.due, state=report_state_at(duty, r, day.isoformat()))
        for r in reports.reports
    )
    asked = [one for one in then if one.state not in {"upcoming", "waived"}]
    there = sum(one.state in {"submitted", "accepted", "to revise"} for one in asked)
    percent = _ALL * there // len(asked) if asked else None
    return ReportsThen(day=day.isoformat(), percent=percent, reports=then)


def report_state_at(duty: Duty | None, report: Report, day: str) -> ReportState:
    """What had become of a report on a day; of one that is late, `due` where no rule is known."""
    if has_happened(report.waived, day):
        return "waived"
    if has_happened(report.accepted, day):
        return "accepted"
    submitted = report.submitted if has_happened(report.submitted, day) else None
    is_revised = report.verdict == "revise" and has_happened(report.reviewed, day)
    if is_revised and not (submitted and not is_older(submitted, report.reviewed)):
        return "to revise"
    if submitted:
        return "submitted"
    if day < report.due:
        return "upcoming"
    is_overdue = duty and duty.is_overdue(report.extended or report.due, date.fromisoformat(day))
    return "overdue" if is_overdue else "due"
