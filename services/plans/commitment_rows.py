"""The table of commitments: how far each member has come with each of its ten."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import Field, model_validator

from services.plans.domain import MemberCommitments
from services.plans.domain.then import holder_at
from shared.contracts.base import EdtfDate, Event, Link, LongText, Slug, Text
from shared.contracts.plans import (
    Basis,
    CommitmentUpdated,
    Percent,
    Point,
    ProgressBasisChosen,
    Status,
    Version,
)
from shared.tabular.about_members import AboutMember, columns_of
from shared.tabular.rows import READ_ONLY, Table, in_common
from shared.web.parameters import CountryCode, Id, People, given, of_size

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document

Links = Annotated[tuple[Link, ...], Field(max_length=20)]
_OF_THE_PLAN: Final = "another plan is meant: see which point it is, or leave the cell empty"


class CommitmentRow(AboutMember):
    """How far one member has come with one of its ten commitments."""

    compared: ClassVar[frozenset[str]] = frozenset({"coalition", "plan_version", "title"})
    mended_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("status", "percent", "as_of", "note", "evidence"), "give `as_of` with what is new"
        ),
        **AboutMember.mended_by,
        **dict.fromkeys(("coalition", "plan_version", "title"), _OF_THE_PLAN),
    }

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
    evidence: Links = Field((), description="Links, with semicolons between.")

    @model_validator(mode="after")
    def _dated(self) -> CommitmentRow:
        if self.as_of is None and self.status != "not started":
            raise ValueError("as_of is missing: only what is not started can be without")
        return self

    @property
    def key(self) -> Hashable:
        """The member and the commitment's number."""
        return self.aggregate, self.point

    @property
    def named(self) -> str:
        """The member and the commitment's number."""
        return f"{self.name or self.aggregate}, {self.point}"

    def events(self, recorded: MemberCommitments | None = None) -> Iterator[tuple[str, Event]]:
        """The update; a basis that lets the city speak comes before it, the other one after."""
        del recorded
        about = {"member": self.ref, "point": self.point}
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


def commitment_rows(holder: MemberCommitments) -> Iterator[CommitmentRow]:
    """A member's ten rows; none while it waits for its plan, nor for a duplicate."""
    if holder.into:
        return
    about = columns_of(holder.member) | {"coalition": holder.coalition}
    about["plan_version"] = holder.plan_version
    for commitment in holder.commitments:
        yield CommitmentRow(**about, **in_common(commitment, CommitmentRow))


def of_open(
    coalition: Id | None = None,
    country: CountryCode | None = None,
    population_from: People = None,
    population_to: People = None,
) -> Document:
    """Filters of the members that have commitments."""
    size = of_size(population_from, population_to)
    where = {"coalition": coalition, "member.country": country, "population": size}
    return given({**where, "state": "open"})


COMMITMENTS: Final = Table(
    "commitments", "Members' commitments", CommitmentRow, commitment_rows, of_open, as_of=holder_at
)
