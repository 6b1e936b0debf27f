"""The table of local plans: a row for each city's own plan, with what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, model_validator

from services.plans.domain import LocalPlan
from services.plans.domain.local_plans.standings import Renewal
from shared.contracts.base import (
    Day,
    EdtfDate,
    Event,
    Link,
    LongText,
    MemberRef,
    Remark,
    Slug,
    Text,
    Texts,
)
from shared.contracts.membership import DecidingBody, Vote
from shared.contracts.plans import (
    LocalPlanAccepted,
    LocalPlanAdopted,
    LocalPlanEnded,
    LocalPlanRenewed,
    LocalPlanReviewed,
    LocalPlanSubmitted,
    Measure,
    Verdict,
    Version,
)
from shared.contracts.sources import Source
from shared.domain.dates import agree
from shared.tabular.about_members import OfMember, columns_of
from shared.tabular.rows import Table, in_common
from shared.web.parameters import CountryCode, Id, given

if TYPE_CHECKING:
    from shared.pipeline.snapshots import Document

_A_DATE: Final = "YYYY, YYYY-MM or YYYY-MM-DD, as precise as its source."


class LocalPlanRow(OfMember):
    """A city's own plan, and what became of it; empty cells change nothing."""

    dates: ClassVar[frozenset[str]] = frozenset(
        {"adopted", "starts", "ends", "submitted", "reviewed", "accepted", "ended"}
    )
    mended_by: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            ("adopted", "renewals", "submitted", "reviewed", "accepted", "ended"),
            "LocalPlanCorrected mends a wrong date, and takes away what never happened",
        ),
        **OfMember.mended_by,
        "coalition": "a plan stays with its coalition",
        "verdict": "LocalPlanCorrected takes back a review",
    }

    coalition: Slug = Field(description="The id of the coalition to whose plan it answers.")
    further_holders: tuple[MemberRef, ...] = Field(
        (), description="The other cities, where it is a plan of several, as JSON."
    )
    title: Text = Field(description="Its title in the language of the record.")
    titles: Texts | None = Field(None, description="Its title in other languages, by language tag.")
    adopted: EdtfDate = Field(description=f"When it was adopted: {_A_DATE}")
    body: DecidingBody | None = Field(None, description="Who adopted it for the city.")
    vote: Vote | None = Field(None, description="How that vote went, as JSON.")
    starts: EdtfDate | None = Field(None, description=f"When its period begins: {_A_DATE}")
    ends: EdtfDate | None = Field(None, description=f"When its period ends: {_A_DATE}")
    document: Link | None = Field(None, description="Where it can be read.")
    note: LongText | None = Field(None, description="What is to be said of it besides.")
    plan_version: Version | None = Field(
        None, description="The version of the coalition's plan that it answers to."
    )
    measures: tuple[Measure, ...] = Field(
        (), description="What it takes from which commitment, as JSON."
    )
    renewals: tuple[Renewal, ...] = Field(
        (), description="When it was renewed, and until when, as JSON."
    )
    submitted: EdtfDate | None = Field(None, description=f"When it was submitted: {_A_DATE}")
    submission_note: LongText | None = Field(None, description="What was said with it.")
    reviewed: EdtfDate | None = Field(None, description=f"When that was reviewed: {_A_DATE}")
    reviewer: Remark | None = Field(None, description="The office that reviewed it.")
    verdict: Verdict | None = Field(None, description="What the reviewers found.")
    feedback: LongText | None = Field(None, description="What the reviewers say.")
    revision_until: Day | None = Field(None, description="Until when a revision is awaited.")
    accepted: EdtfDate | None = Field(None, description=f"When it was accepted: {_A_DATE}")
    ended: EdtfDate | None = Field(
        None, description=f"When it ended before its period was over: {_A_DATE}"
    )
    end_reason: Remark | None = Field(None, description="Why it ended.")
    source: Source | None = Field(None, description="Where its adoption is read, as JSON.")

    @model_validator(mode="after")
    def _whole(self) -> LocalPlanRow:
        if self.submitted is None and self.submission_note:
            raise ValueError("submitted is missing: what was submitted has its date")
        review = (self.reviewed, self.reviewer, self.verdict)
        if not all(review) and (any(review) or self.feedback or self.revision_until):
            raise ValueError("a review has its date in `reviewed`, a `reviewer` and a `verdict`")
        if self.ended is None and self.end_reason:
            raise ValueError("ended is missing: why it ended has its date")
        return self

    @property
    def named(self) -> str:
        """Its title."""
        return self.title

    def events(self, recorded: LocalPlan | None = None) -> Iterator[tuple[str, Event]]:
        """Its adoption, and what became of it, in this order."""
        if recorded and not recorded.withdrawn:
            yield from self._restated(recorded)
        else:
            yield "adopted", self._adoption(())
        for renewal in self.renewals:
            given = renewal.model_dump(exclude_none=True)
            yield "renewals", LocalPlanRenewed.model_validate({"plan": self.id, **given})
        if self.submitted:
            fields = {"submitted": self.submitted, "note": self.submission_note}
            yield "submitted", LocalPlanSubmitted.model_validate({"plan": self.id, **fields})
        if self.reviewed:
            names = {"reviewed", "reviewer", "verdict", "feedback"}
            fields = {**self.model_dump(include=names), "until": self.revision_until}
            yield "reviewed", LocalPlanReviewed.model_validate({"plan": self.id, **fields})
        if self.accepted:
            yield "accepted", LocalPlanAccepted(plan=self.id, accepted=self.accepted)
        if self.ended:
            ended = LocalPlanEnded(plan=self.id, ended=self.ended, reason=self.end_reason)
            yield "ended", ended

    def _restated(self, recorded: LocalPlan) -> Iterator[tuple[str, Event]]:
        """The adoption anew, where the row says something else of it than the record."""
        there = next(local_plan_rows(recorded), None)
        new = [
            column
            for column, value in self.given().items()
            if column in _OF_THE_ADOPTION
            and not (there and self.agrees(column, value, getattr(there, column)))
        ]
        if new:
            kept = {name: getattr(recorded, name) for name in _FIELDS if name not in self.given()}
            yield new[0], self._adoption(recorded.holders, kept)

    def _adoption(
        self, holders: tuple[MemberRef, ...], kept: dict[str, Any] | None = None
    ) -> LocalPlanAdopted:
        """The adoption; cells that are empty leave what was recorded before."""
        fields = {name: value for name, value in self.given().items() if name in _FIELDS}
        is_named = self.member or self.name or not holders
        first = self.full_ref if is_named else holders[0]
        about = {"plan": self.id, "coalition": self.coalition, "source": self.source}
        named = (first, *(self.further_holders or holders[1:]))
        return LocalPlanAdopted.model_validate(
            {**(kept or {}), **about, **fields, "holders": named}
        )

    def agrees(self, column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
        """See `ImportedRow`; renewals that are left out change nothing."""
        if column == "further_holders":
            return len(given) == len(there) and all(map(_is_meant, given, there))
        if column == "renewals":
            return all(any(_is_said(one, other) for other in there or ()) for one in given)
        return super().agrees(column, given, there)


_FIELDS: Final = (
    "title",
    "titles",
    "adopted",
    "body",
    "vote",
    "starts",
    "ends",
    "document",
    "note",
    "plan_version",
    "measures",
)
"""Columns that are fields of `LocalPlanAdopted`, under the same names."""
_OF_THE_ADOPTION: Final = frozenset({*_FIELDS, "member", "further_holders", "source"})


def _is_meant(given: MemberRef, there: MemberRef) -> bool:
    named = given.model_dump(exclude_none=True)
    return named == there.model_dump(include=set(named))


def _is_said(given: Renewal, there: Renewal) -> bool:
    fields = given.model_dump(exclude_none=True, exclude={"renewed"})
    recorded = there.model_dump(include=set(fields))
    return agree(given.renewed, there.renewed) and fields == recorded


_REVIEW: Final = ("reviewed", "reviewer", "verdict", "feedback", "revision_until")


def local_plan_rows(plan: LocalPlan) -> Iterator[LocalPlanRow]:
    """A plan's row; none of one that was recorded by mistake.

    The review of what was submitted anew since then is left out: it is of another text.
    """
    if plan.withdrawn:
        return
    left_out = _REVIEW if plan.awaits_review else ()
    cells = {n: v for n, v in in_common(plan, LocalPlanRow).items() if n not in left_out}
    first, *further = plan.holders
    yield LocalPlanRow(**cells, **columns_of(first), further_holders=tuple(further))


def _where(
    coalition: Id | None = None, country: CountryCode | None = None, member: Id | None = None
) -> Document:
    return given({"coalition": coalition, "holders.country": country, "holders.id": member})


LOCAL_PLANS: Final = Table(
    "local-plans",
    "Cities' own plans",
    LocalPlanRow,
    local_plan_rows,
    _where,
    as_of=LocalPlan.as_of,
)
