"""What is kept of the reports that a member owes, and how it is folded."""

from __future__ import annotations

from typing import Final, Literal

from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Model, Slug, Text
from shared.contracts.plans import (
    Day,
    ReportAccepted,
    ReportEvent,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportReminded,
    ReportReviewed,
    ReportSubmitted,
    Verdict,
)

ReportState = Literal["upcoming", "due", "overdue", "submitted", "to revise", "accepted"]
DONE: Final[frozenset[ReportState]] = frozenset({"submitted", "accepted"})
"""The states in which nothing is awaited from the member."""


class Report(Model):
    """A report and what became of it.

    Attributes:
        deadline: the due date or what it was extended to; None where nothing is awaited, or a
            revision is, without haste.
        reminded: the reminders that went out for this deadline, in days before it.
        requested_until: the extension that the member asked for and did not get yet.
    """

    due: Day
    state: ReportState
    deadline: Day | None = None
    reminded: tuple[int, ...] = ()
    requested_until: Day | None = None
    submitted: EdtfDate | None = None
    title: Text | None = None
    document: Link | None = None
    note: LongText | None = None
    reviewed: EdtfDate | None = None
    reviewer: Text | None = None
    verdict: Verdict | None = None
    feedback: LongText | None = None
    accepted: EdtfDate | None = None


class MemberReports(Model):
    """A member's reports, by due date."""

    id: Slug
    coalition: Slug
    member: MemberRef
    reports: tuple[Report, ...] = ()


def find(reports: MemberReports | None, due: str) -> Report | None:
    """The report that is due on a date."""
    held = reports.reports if reports else ()
    return next((report for report in held if report.due == due), None)


def evolve(reports: MemberReports | None, event: ReportEvent) -> MemberReports:
    """Fold one published event."""
    held = reports or MemberReports(
        id=event.subject, coalition=event.coalition, member=event.member
    )
    report = find(held, event.due) or Report(due=event.due, state="upcoming", deadline=event.due)
    others = [other for other in held.reports if other.due != event.due]
    ordered = sorted([*others, _after(report, event)], key=lambda r: r.due)
    return held.model_copy(update={"member": event.member, "reports": tuple(ordered)})


def _after(report: Report, event: ReportEvent) -> Report:
    return report.model_copy(update=_changes(report, event))


def _changes(report: Report, event: ReportEvent) -> dict[str, object]:  # noqa: PLR0911 - one for each
    match event:
        case ReportReminded():
            return {"reminded": (*report.reminded, event.days)}
        case ReportFellDue():
            return {"state": "due"}
        case ReportFellOverdue():
            return {"state": "overdue"}
        case ReportExtensionRequested():
            return {"requested_until": event.until}
        case ReportExtended():
            return _extended(report, event)
        case ReportSubmitted():
            return _submitted(event)
        case ReportReviewed():
            return _reviewed(event)
        case ReportAccepted():
            return {"state": "accepted", "accepted": event.accepted}
        case _:
            return {}


def _extended(report: Report, event: ReportExtended) -> dict[str, object]:
    state = "due" if report.state == "overdue" else report.state
    cleared = {"reminded": (), "requested_until": None}
    return {"state": state, "deadline": event.until, **cleared}


def _submitted(event: ReportSubmitted) -> dict[str, object]:
    said = {name: getattr(event, name) for name in ("submitted", "title", "document", "note")}
    return {"state": "submitted", "deadline": None, "requested_until": None, **said}


def _reviewed(event: ReportReviewed) -> dict[str, object]:
    said = {name: getattr(event, name) for name in ("reviewed", "reviewer", "verdict", "feedback")}
    if event.verdict == "accepted":
        return said
    return {**said, "state": "to revise", "deadline": event.until, "reminded": ()}
