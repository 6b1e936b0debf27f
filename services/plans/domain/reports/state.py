"""The reports that a member owes or gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Slug, Text
from shared.contracts.plans import Chased, Day, PointText, Verdict, Version
from shared.domain.corrections.kept import Corrections
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from shared.contracts.plans import ReportDrafted

KIND: Final = "reports"
ReportState = Literal["upcoming", "due", "overdue", "submitted", "to revise", "accepted", "waived"]
MAX_REPORTS: Final = 200
"""Reports of one member at most, so that they always fit into one document."""
MAX_WITH_TEXTS: Final = 3
"""Reports whose texts and comments are kept with the member: the last ones that have any."""
DONE: Final[frozenset[ReportState]] = frozenset({"submitted", "accepted", "waived"})
"""The states in which nothing is awaited from the member."""


class Draft(State):
    """What a member has written of a report that it has not submitted yet.

    Attributes:
        plan_version: whose commitments the texts are about.
    """

    drafted: EdtfDate
    note: LongText | None = None
    texts: tuple[PointText, ...] = ()
    plan_version: Version | None = None

    @classmethod
    def of(cls, event: ReportDrafted) -> Draft:
        """What is kept of a draft."""
        return cls(**{name: getattr(event, name) for name in cls.model_fields})


class TakenOverReport(State):
    """From which duplicate a report is.

    Attributes:
        awaited: whether there was anything of the member's own about it before.
    """

    merged: Slug
    awaited: bool = False


class Report(State):
    """A report and what became of it.

    Attributes:
        deadline: the due date or what it was extended to; None where nothing is awaited, or a
            revision is, without haste.
        reminded: the reminders that went out for this deadline, in days before it.
        chased: whose turn it was last to see to it, since it was overdue.
        extended: the day until which the secretariat gave more time.
        waived: when it was said that the report is not asked for.
        requested_until: the extension that the member asked for and did not get yet.
        texts: what the member has written of its commitments and submitted, and `comments` what the
            reviewers say of them. Both are kept with the last reports only; the journal has the
            others, with how the commitments stood.
        taken_over: of one that a duplicate has handed in, and the member itself has not.
    """

    due: Day
    state: ReportState
    deadline: Day | None = None
    reminded: tuple[int, ...] = ()
    chased: Chased | None = None
    extended: Day | None = None
    waived: EdtfDate | None = None
    requested_until: Day | None = None
    submitted: EdtfDate | None = None
    title: Text | None = None
    document: Link | None = None
    note: LongText | None = None
    texts: tuple[PointText, ...] = ()
    draft: Draft | None = None
    reviewed: EdtfDate | None = None
    reviewer: Text | None = None
    verdict: Verdict | None = None
    feedback: LongText | None = None
    comments: tuple[PointText, ...] = ()
    accepted: EdtfDate | None = None
    taken_over: TakenOverReport | None = None


class MemberReports(State):
    """A member's reports, by due date.

    Attributes:
        asked_from: reports that were due before this day are not asked for.
        corrections: what was recorded and does not stand.
        closed: reports that were due up to this day have left the list; they stay in the history.
    """

    id: Slug
    coalition: Slug
    member: MemberRef
    reports: tuple[Report, ...] = ()
    closed: Day | None = None
    asked_from: Day | None = None
    corrections: Corrections = ()


def report_stream(member: str) -> Stream:
    """The stream of a member's reports."""
    return Stream(KIND, member)


def upcoming(due: str) -> Report:
    """A report of which nothing is known but when it is due."""
    return Report(due=due, state="upcoming", deadline=due)


def find_report(reports: MemberReports | None, due: str) -> Report | None:
    """The report that is due on a date."""
    among = reports.reports if reports else ()
    return next((report for report in among if report.due == due), None)


def begins(reports: MemberReports | None) -> str | None:
    """The day after which new reports may be due; None for any.

    Where the list is full a new report takes the place of the oldest, so it has to be a later one.
    """
    if reports and len(reports.reports) >= MAX_REPORTS:
        return reports.reports[0].due
    return reports.closed if reports else None


def room(reports: MemberReports | None) -> int:
    """How many new reports may be added; one at a time where the list is full."""
    there = reports.reports if reports else ()
    if len(there) < MAX_REPORTS:
        return MAX_REPORTS - len(there)
    return 1 if there[0].state in {"accepted", "waived"} else 0
