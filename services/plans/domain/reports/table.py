"""The table of a member's reports: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.state import member_stream
from services.plans.domain.plans.state import plan_stream
from services.plans.domain.reports import decide, evolve, mergers, writing
from services.plans.domain.reports.corrections import decide as correct
from services.plans.domain.reports.corrections import evolve as corrected
from services.plans.domain.reports.state import KIND, MemberReports
from shared.contracts.plans import (
    EarlierReportsWaived,
    ReportAccepted,
    ReportChased,
    ReportCorrected,
    ReportDrafted,
    ReportEvent,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportGivenBack,
    ReportReminded,
    ReportReviewed,
    ReportsFollowed,
    ReportSubmitted,
    ReportTakenOver,
    ReportWaived,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.domain.stream import Stream


def _duty(event: ReportEvent | ReportsFollowed) -> Iterable[Stream]:
    yield member_stream(event.subject)
    yield plan_stream(event.coalition)


REPORTS: Final = Aggregate(
    kind=KIND,
    state=MemberReports,
    identify=by_subject,
    rows=(
        on(
            ReportsFollowed,
            decide=decide.follow,
            evolve=if_exists(evolve.followed),
            looks_at=_duty,
        ),
        on(
            ReportTakenOver,
            decide=mergers.take_over,
            evolve=evolve.taken_over,
            looks_at=mergers.both,
        ),
        on(
            ReportGivenBack,
            decide=mergers.give_back,
            evolve=if_exists(corrected.given_back),
            looks_at=mergers.duplicate,
        ),
        on(ReportReminded, decide=decide.fall_due, evolve=evolve.reminded, looks_at=_duty),
        on(ReportFellDue, decide=decide.fall_due, evolve=evolve.fell_due, looks_at=_duty),
        on(ReportFellOverdue, decide=decide.fall_due, evolve=evolve.fell_overdue, looks_at=_duty),
        on(ReportChased, decide=decide.fall_due, evolve=evolve.chased, looks_at=_duty),
        on(
            ReportExtensionRequested,
            decide=decide.request_extension,
            evolve=evolve.extension_requested,
            looks_at=_duty,
        ),
        on(ReportExtended, decide=decide.extend, evolve=evolve.extended, looks_at=_duty),
        on(ReportDrafted, decide=writing.draft, evolve=evolve.drafted, looks_at=_duty),
        on(ReportSubmitted, decide=writing.submit, evolve=evolve.submitted, looks_at=_duty),
        on(ReportReviewed, decide=decide.review, evolve=evolve.reviewed, looks_at=_duty),
        on(ReportAccepted, decide=decide.accept, evolve=evolve.accepted, looks_at=_duty),
        on(ReportWaived, decide=decide.waive, evolve=evolve.waived, looks_at=_duty),
        on(
            EarlierReportsWaived,
            decide=decide.fall_due,
            evolve=evolve.earlier_waived,
            looks_at=_duty,
        ),
        on(
            ReportCorrected,
            decide=correct.correct,
            evolve=if_exists(corrected.corrected),
            looks_at=_duty,
        ),
    ),
)
