"""What published events make of a member's reports; total, and without a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from services.plans.domain.reports.state import (
    MAX_REPORTS,
    MAX_WITH_TEXTS,
    Draft,
    MemberReports,
    TakenOverReport,
    find_report,
    upcoming,
)
from shared.contracts.plans import PointText

if TYPE_CHECKING:
    from shared.contracts.plans import (
        EarlierReportsWaived,
        ReportAccepted,
        ReportChased,
        ReportContents,
        ReportDrafted,
        ReportEvent,
        ReportExtended,
        ReportExtensionRequested,
        ReportFellDue,
        ReportFellOverdue,
        ReportReminded,
        ReportReviewed,
        ReportsFollowed,
        ReportSubmitted,
        ReportTakenOver,
        ReportWaived,
    )

_AWAITED_ANEW: Final[Mapping[str, object]] = {"reminded": (), "chased": None}
TAKEN_ALONG: Final = (
    *("submitted", "title", "document", "note"),
    *("reviewed", "reviewer", "verdict", "feedback", "accepted"),
)
"""What a report that is taken over says as it did before."""
_NO_TEXTS: Final[Mapping[str, object]] = {"texts": (), "comments": ()}


def followed(reports: MemberReports, event: ReportsFollowed) -> MemberReports:
    """They are those of a member of another coalition."""
    whose = {"member": event.member, "coalition": event.coalition}
    return reports.model_copy(update=whose)


def reminded(reports: MemberReports | None, event: ReportReminded) -> MemberReports:
    """A reminder went out."""
    report = find_report(reports, event.due)
    sent = report.reminded if report else ()
    return _with(reports, event, {"reminded": (*sent, event.days)})


def fell_due(reports: MemberReports | None, event: ReportFellDue) -> MemberReports:
    """A report is due."""
    return _with(reports, event, {"state": "due"})


def fell_overdue(reports: MemberReports | None, event: ReportFellOverdue) -> MemberReports:
    """A report is overdue."""
    return _with(reports, event, {"state": "overdue"})


def chased(reports: MemberReports | None, event: ReportChased) -> MemberReports:
    """It was somebody's turn to see to it."""
    return _with(reports, event, {"chased": event.to})


def extension_requested(
    reports: MemberReports | None, event: ReportExtensionRequested
) -> MemberReports:
    """The member asked for more time."""
    return _with(reports, event, {"requested_until": event.until})


def extended(reports: MemberReports | None, event: ReportExtended) -> MemberReports:
    """There is more time, and reminders begin anew."""
    report = find_report(reports, event.due) or upcoming(event.due)
    changes = {
        "state": "due" if report.state == "overdue" else report.state,
        "deadline": event.until,
        "extended": event.until,
        **_AWAITED_ANEW,
        "requested_until": None,
    }
    return _with(reports, event, changes)


def drafted(reports: MemberReports | None, event: ReportDrafted) -> MemberReports:
    """The member works on a report, which is awaited as before."""
    return _with(reports, event, {"draft": Draft.of(event)})


def submitted(reports: MemberReports | None, event: ReportSubmitted) -> MemberReports:
    """A report is there, so nothing is awaited."""
    changes = {
        "state": "submitted",
        "waived": None,
        "deadline": None,
        "requested_until": None,
        "submitted": event.submitted,
        "title": event.title,
        "document": event.document,
        "note": event.note,
        "texts": written(event.contents),
        "draft": None,
        "taken_over": None,
    }
    return _lean(_with(reports, event, changes))


def taken_over(reports: MemberReports | None, event: ReportTakenOver) -> MemberReports:
    """A report is there, from a duplicate; what the member has drafted of its own stays."""
    changes = {
        "state": "accepted" if event.accepted else "submitted",
        "waived": None,
        "deadline": None,
        "requested_until": None,
        **{name: getattr(event, name) for name in TAKEN_ALONG},
        "taken_over": TakenOverReport(merged=event.merged.key, awaited=event.awaited),
    }
    return _with(reports, event, changes)


def written(contents: ReportContents | None) -> tuple[PointText, ...]:
    """What the member has written of its commitments."""
    sections = contents.sections if contents else ()
    return tuple(PointText(point=s.point, text=s.text) for s in sections if s.written)


def reviewed(reports: MemberReports | None, event: ReportReviewed) -> MemberReports:
    """A report was reviewed; a revision may have a deadline."""
    review: dict[str, object] = {
        "reviewed": event.reviewed,
        "reviewer": event.reviewer,
        "verdict": event.verdict,
        "feedback": event.feedback,
        "comments": event.comments,
    }
    revision = {"state": "to revise", "deadline": event.until, **_AWAITED_ANEW}
    changes = review | revision if event.verdict == "revise" else review
    return _lean(_with(reports, event, changes))


def accepted(reports: MemberReports | None, event: ReportAccepted) -> MemberReports:
    """A report is accepted."""
    changes = {"state": "accepted", "accepted": event.accepted, "deadline": None, "draft": None}
    return _with(reports, event, changes)


def waived(reports: MemberReports | None, event: ReportWaived) -> MemberReports:
    """A report is not asked for."""
    changes = {"state": "waived", "waived": event.waived, "deadline": None}
    return _with(reports, event, changes)


def earlier_waived(reports: MemberReports | None, event: EarlierReportsWaived) -> MemberReports:
    """Reports that were due before are not asked for."""
    current = reports or _none_yet(event)
    asked_from = max(event.due, current.asked_from or "")
    whose = {"member": event.member, "coalition": event.coalition}
    return current.model_copy(update={**whose, "asked_from": asked_from})


def _lean(reports: MemberReports) -> MemberReports:
    """Without the texts of all but the last reports that have some; they stay in the history."""
    having = [report.due for report in reports.reports if report.texts or report.comments]
    if len(having) <= MAX_WITH_TEXTS:
        return reports
    first = having[-MAX_WITH_TEXTS]
    lean = (r if r.due >= first else r.model_copy(update=_NO_TEXTS) for r in reports.reports)
    return reports.model_copy(update={"reports": tuple(lean)})


def _none_yet(event: ReportEvent) -> MemberReports:
    return MemberReports(id=event.subject, coalition=event.coalition, member=event.member)


def _with(
    reports: MemberReports | None, event: ReportEvent, changes: Mapping[str, object]
) -> MemberReports:
    """The same with one report changed; it is new where there is none for the due date."""
    current = reports or _none_yet(event)
    report = find_report(current, event.due) or upcoming(event.due)
    others = [other for other in current.reports if other.due != event.due]
    changed = sorted([*others, report.model_copy(update=changes)], key=lambda r: r.due)
    closed = [current.closed, *(gone.due for gone in changed[:-MAX_REPORTS])][-1]
    stays = {"reports": tuple(changed[-MAX_REPORTS:]), "closed": closed}
    whose = {"member": event.member, "coalition": event.coalition}
    return current.model_copy(update={**whose, **stays})
