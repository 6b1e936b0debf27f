"""The table of reports: what members owe, and what became of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import Field, model_validator

from services.plans.domain import MemberReports, ReportState
from services.plans.domain.then import reports_at_day
from shared.contracts.base import Day, EdtfDate, Event, Link, LongText, Remark, Slug, Text
from shared.contracts.plans import (
    ReportAccepted,
    ReportExtended,
    ReportReviewed,
    ReportSubmitted,
    Verdict,
)
from shared.tabular.about_members import AboutMember, columns_of
from shared.tabular.rows import READ_ONLY, Table, in_common
from shared.web.parameters import CountryCode, Id, given

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document

_BY_A_DATE: Final = "ReportCorrected mends a wrong date, and takes away a step that never happened"


class ReportRow(AboutMember):
    """One report that a member owes or gave; empty cells change nothing."""

    compared: ClassVar[frozenset[str]] = frozenset({"state", "waived"})
    dates: ClassVar[frozenset[str]] = frozenset({"submitted", "reviewed", "accepted", "waived"})
    mended_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("submitted", "reviewed", "accepted"), _BY_A_DATE),
        **AboutMember.mended_by,
        "coalition": "a member reports to its own coalition",
        "state": "it follows from the dates: give the one that makes it so, or leave it empty",
        "waived": "ReportWaived says so, with the reason",
        "deadline": "what is submitted, or accepted, has none",
    }

    coalition: Slug = Field(description="The id of its coalition.")
    due: Day = Field(description="The day on which it is due by the rule.")
    state: ReportState | None = Field(
        None, description="What became of it.", json_schema_extra=READ_ONLY
    )
    deadline: Day | None = Field(
        None, description="Until when it, or its revision, is awaited, with any extension."
    )
    waived: EdtfDate | None = Field(
        None, description="When it was said that it is not asked for.", json_schema_extra=READ_ONLY
    )
    submitted: EdtfDate | None = Field(None, description="When it was submitted.")
    title: Text | None = Field(None, description="Its title.")
    document: Link | None = Field(None, description="Where it can be read.")
    note: LongText | None = Field(None, description="What the member says of it.")
    reviewed: EdtfDate | None = Field(None, description="When it was reviewed.")
    reviewer: Remark | None = Field(None, description="The office that reviewed it.")
    verdict: Verdict | None = Field(None, description="What the reviewers found.")
    feedback: LongText | None = Field(None, description="What the reviewers say.")
    accepted: EdtfDate | None = Field(None, description="When it was accepted.")

    @model_validator(mode="after")
    def _whole(self) -> ReportRow:
        if self.submitted is None and (self.title or self.document or self.note):
            raise ValueError("submitted is missing: what was submitted has its date")
        review = (self.reviewed, self.reviewer, self.verdict)
        if not all(review) and (any(review) or self.feedback):
            raise ValueError("a review has its date in `reviewed`, a `reviewer` and a `verdict`")
        return self

    @property
    def key(self) -> Hashable:
        """The member, and when the report is due."""
        return self.aggregate, self.due

    @property
    def named(self) -> str:
        """The member, and when the report is due."""
        return f"{self.name or self.aggregate}, {self.due}"

    def events(self, recorded: MemberReports | None = None) -> Iterator[tuple[str, Event]]:
        """More time, the report, its review, its acceptance."""
        del recorded
        about = {"coalition": self.coalition, "member": self.ref, "due": self.due}
        of_revision = self.verdict == "revise"
        if self.deadline and self.deadline > self.due and not of_revision:
            yield "deadline", ReportExtended(**about, until=self.deadline)
        if self.submitted:
            report = self.model_dump(include={"submitted", "title", "document", "note"})
            yield "submitted", ReportSubmitted.model_validate({**about, **report})
        if self.reviewed:
            review = self.model_dump(include={"reviewed", "reviewer", "verdict", "feedback"})
            review["until"] = self.deadline if of_revision else None
            yield "reviewed", ReportReviewed.model_validate({**about, **review})
        if self.accepted:
            yield "accepted", ReportAccepted(**about, accepted=self.accepted)


def report_rows(reports: MemberReports) -> Iterator[ReportRow]:
    """A row for each of a member's reports."""
    about = columns_of(reports.member) | {"coalition": reports.coalition}
    for report in reports.reports:
        yield ReportRow(**about, **in_common(report, ReportRow))


def _where(coalition: Id | None = None, country: CountryCode | None = None) -> Document:
    return given({"coalition": coalition, "member.country": country})


REPORTS: Final = Table(
    "reports", "Members' reports", ReportRow, report_rows, _where, as_of=reports_at_day
)
