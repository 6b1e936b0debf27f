"""One report: as it was submitted, or as it would be today; as data, and as a document.

How a member's commitments stood when it submitted a report stands in the event that was published
then, and that never changes. So it is read from the journal, and from no snapshot that would carry
all reports of a member for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from fastapi import Path
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from services.plans import rendering
from services.plans.domain import (
    Duty,
    MemberCommitments,
    MemberReports,
    Plan,
    report_stream,
)
from services.plans.domain.reports.contents import contents_of, report_before
from services.plans.domain.reports.document import ReportDocument, document_of
from services.plans.domain.reports.state import Report, find_report, upcoming
from services.plans.rendering import Form
from shared.contracts.base import Model
from shared.contracts.plans import Day, ReportContents, ReportSubmitted
from shared.journal.entry import Outcome
from shared.pipeline.tolerant import read
from shared.web.pages import policy
from shared.web.parameters import DAY, ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.journal.entry import Document
    from shared.journal.store import Journal

S = TypeVar("S", bound=Model)
_TEXT: Final[dict[str, Any]] = {"schema": {"type": "string"}}
Clock = Callable[[], datetime]
Due = Annotated[Day, Path(description="When it is due.", json_schema_extra={"pattern": DAY})]


class ReportDocuments:
    """Reads single reports.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        journal: Journal,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def report(self, member: str, due: str) -> ReportDocument:
        """A report as it was submitted, else its draft.

        Raises:
            Problem: the member owes no such report.
        """
        reports = await self._find("reports", member, MemberReports)
        report = find_report(reports, due)
        if reports is None or report is None or report.submitted is None:
            return await self.draft(member, due)
        contents = await self._submitted(await self._handed_in_by(reports, report), due)
        return document_of(reports, report, is_draft=False, contents=contents)

    async def draft(self, member: str, due: str) -> ReportDocument:
        """A report as it would be today, with what the member has written of it already.

        Raises:
            Problem: the member owes no such report.
        """
        holder = await self._find("commitments", member, MemberCommitments)
        if holder is None:
            raise Problem(HTTPStatus.NOT_FOUND, f"{member!r} has no commitments here")
        reports = await self._find("reports", member, MemberReports)
        report = find_report(reports, due)
        if report is None:
            plan = await self._find("plans", holder.coalition, Plan)
            _refuse_not_owed(Duty(holder, plan.reporting if plan else None), due, self._today())
            report = upcoming(due)
        draft = report.draft
        last = draft if draft and draft.plan_version == holder.plan_version else report
        since, day = report_before(reports, due), self._today().isoformat()
        contents = contents_of(holder, day, since, last.texts)
        whose = reports or MemberReports(
            id=member, coalition=holder.coalition, member=holder.member
        )
        noted = report.model_copy(update={"note": last.note})
        return document_of(whose, noted, is_draft=True, contents=contents)

    async def _handed_in_by(self, reports: MemberReports, report: Report) -> str:
        """Who has handed in a report: perhaps a duplicate of the member, or one of that."""
        by, taken, seen = reports.id, report.taken_over, set[str]()
        while taken and by not in seen:
            seen.add(by)
            by = taken.merged
            found = find_report(await self._find("reports", by, MemberReports), report.due)
            taken = found.taken_over if found else None
        return by

    async def _submitted(self, member: str, due: str) -> ReportContents | None:
        """What stood in the report when it was last submitted."""
        stream, type_ = report_stream(member), ReportSubmitted.type
        for entry in await self._journal.newest([stream], type_):
            for published in entry.events if entry.outcome is Outcome.ACCEPTED else ():
                event = published.event
                if isinstance(event, ReportSubmitted) and event.due == due:
                    return event.contents
        return None

    async def _find(self, kind: str, id_: str, model: type[S]) -> S | None:
        document = await self._database[kind].find_one({"_id": id_})
        return read(model, document) if document else None

    def _today(self) -> date:
        return self._clock().date()


def _refuse_not_owed(duty: Duty, due: str, today: date) -> None:
    if duty.allows(due):
        return
    near = [day.isoformat() for day in duty.dates(date(today.year + 5, 12, 31))][-3:]
    there = f"among those that are: {', '.join(near)}" if near else "no rule asks for any"
    reason = f"{duty.holder.id!r} has no report that is due on {due}; {there}"
    raise Problem(HTTPStatus.NOT_FOUND, reason)


def routes(documents: ReportDocuments) -> Router:
    """The routes of single reports."""
    router = Router(tags=["reports"])

    @router.get("/members/{id}/reports/{due}")
    async def report(id_: ItsId, due: Due) -> ReportDocument:
        """A report as it was submitted, with how each commitment stood; else its draft."""
        return await documents.report(id_, due)

    @router.get("/members/{id}/reports/{due}/draft")
    async def draft(id_: ItsId, due: Due) -> ReportDocument:
        """A report as it would be today: filled in from what is recorded, and from its draft.

        `ReportDrafted` keeps what the member writes of its commitments, `ReportSubmitted` submits.
        """
        return await documents.draft(id_, due)

    @router.get(
        "/members/{id}/reports/{due}/document",
        response_class=Response,
        responses={200: {"content": {"text/html": _TEXT, "text/markdown": _TEXT}}},
    )
    async def document(id_: ItsId, due: Due, format: Form = "html") -> Response:  # noqa: A002 - as one asks for it
        """A report as a document for people, in HTML or Markdown; a draft says that it is one."""
        text = rendering.rendered(await documents.report(id_, due), format)
        if format == "markdown":
            return PlainTextResponse(text, media_type="text/markdown; charset=utf-8")
        return HTMLResponse(text, headers={"Content-Security-Policy": policy(rendering.STYLE)})

    return router
