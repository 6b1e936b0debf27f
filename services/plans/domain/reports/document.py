"""One report with what stands in it, as people read it."""

from __future__ import annotations

from services.plans.domain.reports.state import MemberReports, Report, ReportState
from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Slug, Text
from shared.contracts.plans import Day, PointText, ReportContents, Verdict
from shared.domain.state import State


class ReportDocument(State):
    """A report with what stands in it.

    Attributes:
        is_draft: whether it was not submitted: then it says what it would say today.
        drafted: when the member last worked on it.
        note: what the member says of the whole.
        contents: what stands in it; None of one that was submitted before commitments were open.
        comments: what the reviewers say of single commitments.
    """

    member: MemberRef
    coalition: Slug
    due: Day
    state: ReportState
    is_draft: bool
    drafted: EdtfDate | None = None
    submitted: EdtfDate | None = None
    title: Text | None = None
    document: Link | None = None
    note: LongText | None = None
    contents: ReportContents | None = None
    reviewed: EdtfDate | None = None
    reviewer: Text | None = None
    verdict: Verdict | None = None
    feedback: LongText | None = None
    comments: tuple[PointText, ...] = ()
    accepted: EdtfDate | None = None


def document_of(
    reports: MemberReports, report: Report, *, is_draft: bool, contents: ReportContents | None
) -> ReportDocument:
    """A report, with what stands in it."""
    fields = ReportDocument.model_fields.keys() & Report.model_fields.keys()
    return ReportDocument(
        member=reports.member,
        coalition=reports.coalition,
        is_draft=is_draft,
        drafted=report.draft.drafted if report.draft else None,
        contents=contents,
        **{name: getattr(report, name) for name in fields},
    )
