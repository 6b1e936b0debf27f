"""Plans' tables: commitments and local plans, which can be imported, reports and practices."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field, model_validator

from services.plans.domain import MemberCommitments, MemberReports, Practice, ReportState
from services.plans.local_plan_rows import LOCAL_PLANS
from shared.contracts.base import (
    Country,
    EdtfDate,
    Event,
    Kind,
    Link,
    LongText,
    MemberRef,
    Qualifier,
    Slug,
    Text,
    Texts,
    is_called,
)
from shared.contracts.plans import (
    Basis,
    CommitmentUpdated,
    Day,
    Percent,
    Point,
    ProgressBasisChosen,
    Status,
    Verdict,
    Version,
)
from shared.pipeline.snapshots import Document
from shared.tabular.rows import READ_ONLY, ImportedRow, Row, Table
from shared.web.parameters import CountryCode, Id

Links = Annotated[tuple[Link, ...], Field(max_length=20)]


class CommitmentRow(ImportedRow):
    """How far one member has come with one of its ten commitments."""

    compared: ClassVar[frozenset[str]] = frozenset({"coalition", "plan_version", "title"})

    member: Slug | None = Field(
        None,
        description="The member's id; left out, it follows from country, kind and own name.",
    )
    name: Text | None = Field(None, description="The member's name; needed where its id is not.")
    local_name: Text | None = Field(None, description="The member's own name for itself.")
    country: Country | None = Field(None, description="The member's country, ISO 3166-1 alpha-2.")
    kind: Kind | None = Field(None, description="What the member is.")
    qualifier: Qualifier | None = Field(
        None, description="Which of several members of the name; needed only where there are some."
    )
    coalition: Slug | None = Field(
        None, description="The id of its coalition.", json_schema_extra=READ_ONLY
    )
    plan_version: Version | None = Field(
        None, description="The version of the coalition's plan.", json_schema_extra=READ_ONLY
    )
    point: Point = Field(description="The commitment's number in the plan.")
    title: Text | None = Field(
        None, description="What the plan calls it.", json_schema_extra=READ_ONLY
    )
    status: Status = Field(description="How far it has come.")
    percent: Percent | None = Field(
        None, description="How far it has come in percent, where that is known."
    )
    as_of: EdtfDate | None = Field(
        None,
        description="When it stood so: YYYY, YYYY-MM or YYYY-MM-DD; only what is not started"
        " can be without.",
    )
    basis: Basis | None = Field(
        None, description="Whether the city reports the status, or it is derived from its actions."
    )
    note: LongText | None = Field(None, description="What the city says of it.")
    evidence: Links = Field((), description="Links, with blanks between.")

    @model_validator(mode="after")
    def _dated(self) -> CommitmentRow:
        if self.as_of is None and self.status != "not started":
            raise ValueError("as_of is missing: only what is not started can be without")
        return self

    @property
    def key(self) -> Hashable:
        """The member and the commitment's number."""
        return self._ref.key, self.point

    @property
    def alike(self) -> str:
        """What tells two members of one id apart."""
        return "if it is another member, give its id in `member`, or its `qualifier`"

    @property
    def aggregate(self) -> str:
        """The member's id."""
        return self._ref.key

    @property
    def named(self) -> str:
        """The member and the commitment's number."""
        return f"{self.name or self.aggregate}, {self.point}"

    def differing(self, exported: Row) -> Iterator[tuple[str, str]]:
        """See `ImportedRow`."""
        for column, value in self.given().items():
            there = getattr(exported, column)
            alike = column in _NAMES and there and is_called(value, [there])
            if value != there and not alike:
                yield column, _MENDED_BY.get(column, "give `as_of` with what is new")

    def events(self, recorded: MemberCommitments | None = None) -> Iterator[tuple[str, Event]]:
        """The update; a basis that lets the city speak comes before it, the other one after."""
        del recorded
        about = {"member": self._ref, "point": self.point}
        chosen = self.basis and ProgressBasisChosen(**about, basis=self.basis)
        if chosen and self.basis == "reported":
            yield "basis", chosen
        if self.as_of:
            yield (
                "status",
                CommitmentUpdated(
                    **about,
                    status=self.status,
                    percent=self.percent,
                    as_of=self.as_of,
                    note=self.note,
                    evidence=self.evidence,
                ),
            )
        if chosen and self.basis == "derived":
            yield "basis", chosen

    @property
    def _ref(self) -> MemberRef:
        if self.member:
            return MemberRef(id=self.member)
        return MemberRef(
            name=self.name,
            local_name=self.local_name,
            country=self.country,
            kind=self.kind,
            qualifier=self.qualifier,
        )


_NAMES: Final = frozenset({"name", "local_name"})
_OF_THE_MEMBER: Final = "it is changed in the sheet of members; leave the cell empty here"
_OF_THE_PLAN: Final = "another plan is meant: see which point it is, or leave the cell empty"
_MENDED_BY: Final = {
    **dict.fromkeys(("name", "local_name", "country", "kind", "qualifier"), _OF_THE_MEMBER),
    **dict.fromkeys(("coalition", "plan_version", "title"), _OF_THE_PLAN),
}
"""What mends a column that no event of the row changes."""


class ReportRow(Row):
    """One report that a member owes or gave."""

    member: Slug = Field(description="The member's id.")
    name: Text | None = Field(None, description="The member's name.")
    country: Country | None = Field(None, description="The member's country, ISO 3166-1 alpha-2.")
    coalition: Slug = Field(description="The id of its coalition.")
    due: Day = Field(description="The day on which it is due by the rule.")
    state: ReportState = Field(description="What became of it.")
    deadline: Day | None = Field(None, description="Until when it is awaited, with any extension.")
    waived: EdtfDate | None = Field(None, description="When it was said that it is not asked for.")
    submitted: EdtfDate | None = Field(None, description="When it was submitted.")
    title: Text | None = Field(None, description="Its title.")
    document: Link | None = Field(None, description="Where it can be read.")
    note: LongText | None = Field(None, description="What the member says of it.")
    reviewed: EdtfDate | None = Field(None, description="When it was reviewed.")
    reviewer: Text | None = Field(None, description="The office that reviewed it.")
    verdict: Verdict | None = Field(None, description="What the reviewers found.")
    feedback: LongText | None = Field(None, description="What the reviewers say.")
    accepted: EdtfDate | None = Field(None, description="When it was accepted.")


class PracticeRow(Row):
    """One good practice."""

    id: Slug = Field(description="The practice's id.")
    coalition: Slug = Field(description="The coalition of the member that shares it.")
    member: Slug = Field(description="The id of the member that shares it.")
    name: Text | None = Field(None, description="The member's name.")
    country: Country | None = Field(None, description="The member's country, ISO 3166-1 alpha-2.")
    shared: EdtfDate = Field(description="When it was shared.")
    title: Text = Field(description="Its title in the language of the record.")
    titles: Texts | None = Field(None, description="Its title in other languages, by language tag.")
    summary: LongText = Field(description="What was done, and what came of it.")
    points: tuple[Point, ...] = Field((), description="The commitments that it serves.")
    evidence: Links = Field((), description="Links, with blanks between.")
    office: Text | None = Field(None, description="The office to ask, never a person.")
    adopted_by: tuple[Slug, ...] = Field((), description="The ids of the members that adopted it.")


def commitment_rows(holder: MemberCommitments) -> Iterator[CommitmentRow]:
    """A member's ten rows; none while it waits for its plan, nor for a duplicate."""
    if holder.into:
        return
    about = _of(holder.member) | {"kind": holder.member.kind, "coalition": holder.coalition}
    about |= {"local_name": holder.member.local_name, "qualifier": holder.member.qualifier}
    about["plan_version"] = holder.plan_version
    for commitment in holder.commitments:
        yield CommitmentRow(**about, **_fields(commitment, CommitmentRow))


def report_rows(reports: MemberReports) -> Iterator[ReportRow]:
    """A row for each of a member's reports."""
    about = _of(reports.member) | {"coalition": reports.coalition}
    for report in reports.reports:
        yield ReportRow(**about, **_fields(report, ReportRow))


def practice_rows(practice: Practice) -> Iterator[PracticeRow]:
    """A practice's row; none of one that was shared by mistake."""
    if practice.withdrawn:
        return
    fields = _fields(practice, PracticeRow) | _of(practice.member)
    adopted_by = tuple(adoption.member.key for adoption in practice.adoptions)
    yield PracticeRow(**fields, adopted_by=adopted_by)


def _of(member: MemberRef) -> dict[str, Any]:
    return {"member": member.key, "name": member.name, "country": member.country}


def _fields(state: Any, row: type[Row]) -> dict[str, Any]:  # noqa: ANN401 - any of the states
    """What a state and a row have in common."""
    return {n: getattr(state, n) for n in row.model_fields if n in type(state).model_fields}


def _commitments(coalition: Id | None = None, country: CountryCode | None = None) -> Document:
    return _given({"coalition": coalition, "member.country": country, "state": "open"})


def _reports(coalition: Id | None = None, country: CountryCode | None = None) -> Document:
    return _given({"coalition": coalition, "member.country": country})


def _practices(coalition: Id | None = None, point: Point | None = None) -> Document:
    return _given({"coalition": coalition, "points": point})


def _given(where: Document) -> Document:
    return {name: value for name, value in where.items() if value is not None}


TABLES: Final = (
    Table("commitments", "Members' commitments", CommitmentRow, commitment_rows, _commitments),
    Table("reports", "Members' reports", ReportRow, report_rows, _reports),
    LOCAL_PLANS,
    Table("practices", "Good practices", PracticeRow, practice_rows, _practices),
)
