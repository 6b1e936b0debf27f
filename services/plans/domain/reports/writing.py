"""The rules of what members write: a report is drafted, and submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.reports import evolve
from services.plans.domain.reports.contents import contents_of, report_before
from services.plans.domain.reports.decide import (
    answered,
    duty_of,
    prepared,
    refuse_corrected_step,
)
from services.plans.domain.reports.state import Draft, MemberReports, Report
from shared.domain.dates import certain_day, is_older, refuse_future
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.commitments.state import MemberCommitments
    from shared.contracts.base import Event
    from shared.contracts.plans import ReportDrafted, ReportSubmitted
    from shared.domain.decider import Context


def draft(reports: MemberReports | None, event: ReportDrafted, context: Context) -> Sequence[Event]:
    """A member works on a report.

    Raises:
        Refused: it owes no such report, has no commitments to write of, or a later draft or the
            report itself is there.
    """
    event, report = prepared(reports, event, context)
    refuse_future(event.drafted, context.now)
    holder = duty_of(event, context).holder
    if holder.plan_version is None:
        raise Refused(f"{event.subject!r} waits for its plan: there is nothing to write of yet")
    event = event.model_copy(update={"plan_version": holder.plan_version})
    if Draft.of(event) == report.draft:
        return []
    if report.state == "accepted":
        raise Refused("the report is accepted already")
    if report.draft and is_older(event.drafted, report.draft.drafted):
        raise Refused(f"the last draft is of {report.draft.drafted}; this one is older")
    if is_older(event.drafted, report.submitted):
        raise Refused(f"the report was submitted {report.submitted}; this draft is older")
    return [event]


def submit(
    reports: MemberReports | None, event: ReportSubmitted, context: Context
) -> Sequence[Event]:
    """A member submits a report, or submits it anew.

    Raises:
        Refused: it owes no such report, or a later or accepted one is there, or it writes of
            commitments that are not open.
    """
    event, report = prepared(reports, event, context)
    refuse_future(event.submitted, context.now)
    event = _with_draft(event, report)
    new = (event.submitted, event.title, event.document, event.note, event.texts)
    if new == (report.submitted, report.title, report.document, report.note, report.texts):
        return []
    if report.state == "accepted":
        raise Refused("the report is accepted already")
    if is_older(event.submitted, report.submitted):
        raise Refused(f"the report was submitted {report.submitted}; this one is older")
    refuse_corrected_step(reports, "submitted", event, event.submitted)
    event = _with_contents(reports, event, report, duty_of(event, context).holder)
    return [answered(event, evolve.submitted(reports, event), duty_of(event, context), context)]


def _with_draft(event: ReportSubmitted, report: Report) -> ReportSubmitted:
    """With the note and the texts of the draft, or of the last submission, where it has none."""
    last = report.draft or report
    own = {"note": event.note or last.note, "texts": event.texts or last.texts}
    return event.model_copy(update=own)


def _with_contents(
    reports: MemberReports | None,
    event: ReportSubmitted,
    report: Report,
    holder: MemberCommitments,
) -> ReportSubmitted:
    """As it is frozen: how the commitments stood on its day, and what is said of each."""
    since = report_before(reports, event.due)
    contents = contents_of(holder, certain_day(event.submitted), since, event.texts)
    if event.texts and contents is None:
        raise Refused(f"no commitments of {event.subject!r} were open on {event.submitted}")
    if contents and report.draft and report.draft.plan_version != contents.plan_version:
        raise Refused(
            f"the draft is of version {report.draft.plan_version} of the plan, and "
            f"{event.subject!r} was on version {contents.plan_version}: draft it anew"
        )
    return event.model_copy(update={"texts": (), "contents": contents})
