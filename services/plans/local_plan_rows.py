"""The table of local plans: a row for each city's own plan, with what became of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Final

from pydantic import Field

from services.plans.domain import LocalPlan
from services.plans.domain.local_plans.standings import Renewal
from shared.contracts.base import (
    Country,
    Day,
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
from shared.pipeline.snapshots import Document
from shared.tabular.rows import ImportedRow, Row, Table
from shared.web.parameters import CountryCode, Id

_A_DATE: Final = "YYYY, YYYY-MM or YYYY-MM-DD, as precise as its source."


class LocalPlanRow(ImportedRow):
    """A city's own plan, and what became of it; empty cells change nothing."""

    id: Slug = Field(description="The plan's id.")
    coalition: Slug = Field(description="The id of the coalition to whose plan it answers.")
    member: Slug | None = Field(
        None,
        description="The city's member id; left out, it follows from country, kind and own name.",
    )
    name: Text | None = Field(None, description="The city's name; needed where its id is not.")
    local_name: Text | None = Field(None, description="The city's own name for itself.")
    country: Country | None = Field(None, description="The city's country, ISO 3166-1 alpha-2.")
    kind: Kind | None = Field(None, description="What the city is.")
    qualifier: Qualifier | None = Field(
        None, description="Which of several cities of the name; needed only where there are some."
    )
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
    note: LongText | None = Field(None, description="What is said of it besides.")
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
    reviewer: Text | None = Field(None, description="The office that reviewed it.")
    verdict: Verdict | None = Field(None, description="What the reviewers found.")
    feedback: LongText | None = Field(None, description="What the reviewers say.")
    revision_until: Day | None = Field(None, description="Until when a revision is awaited.")
    accepted: EdtfDate | None = Field(None, description=f"When it was accepted: {_A_DATE}")
    ended: EdtfDate | None = Field(
        None, description=f"When it ended before its period was over: {_A_DATE}"
    )
    end_reason: Text | None = Field(None, description="Why it ended.")
    source: Source | None = Field(None, description="Where its adoption is read, as JSON.")

    @property
    def key(self) -> Hashable:
        """The plan."""
        return self.id

    @property
    def aggregate(self) -> str:
        """The plan's id."""
        return self.id

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
            said = {"submitted": self.submitted, "note": self.submission_note}
            yield "submitted", LocalPlanSubmitted.model_validate({"plan": self.id, **said})
        if self.reviewed:
            names = {"reviewed", "reviewer", "verdict", "feedback"}
            said = {**self.model_dump(include=names), "until": self.revision_until}
            yield "reviewed", LocalPlanReviewed.model_validate({"plan": self.id, **said})
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
            and not (there and _says(column, value, getattr(there, column)))
        ]
        if new:
            kept = {name: getattr(recorded, name) for name in _SAID if name not in self.given()}
            yield new[0], self._adoption(recorded.holders, kept)

    def _adoption(
        self, holders: tuple[MemberRef, ...], kept: dict[str, Any] | None = None
    ) -> LocalPlanAdopted:
        """The adoption; cells that are empty leave what was said before."""
        said = {name: value for name, value in self.given().items() if name in _SAID}
        first = self._ref or (holders[0] if holders else None)
        further = self.further_holders or holders[1:]
        about = {"plan": self.id, "coalition": self.coalition, "source": self.source}
        named = tuple(ref for ref in (first, *further) if ref)
        return LocalPlanAdopted.model_validate({**(kept or {}), **about, **said, "holders": named})

    def differing(self, exported: Row) -> Iterator[tuple[str, str]]:
        """See `ImportedRow`; a finer date is as good."""
        for column, value in self.given().items():
            if not _says(column, value, getattr(exported, column)):
                yield column, _MENDED_BY.get(column, "LocalPlanCorrected mends a wrong date")

    @property
    def _ref(self) -> MemberRef | None:
        if self.member:
            return MemberRef(id=self.member)
        if self.name is None:
            return None
        return MemberRef(
            name=self.name,
            local_name=self.local_name,
            country=self.country,
            kind=self.kind,
            qualifier=self.qualifier,
        )


_SAID: Final = (
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
"""Columns that are fields of the adoption."""
_OF_THE_CITY: Final = ("member", "name", "local_name", "country", "kind", "qualifier")
_OF_THE_ADOPTION: Final = frozenset({*_SAID, *_OF_THE_CITY, "further_holders", "source"})
_DATES: Final = frozenset(
    {"adopted", "starts", "ends", "submitted", "reviewed", "accepted", "ended"}
)
_MENDED_BY: Final = {
    "coalition": "a plan stays with its coalition",
    **dict.fromkeys(
        ("name", "local_name", "country", "kind", "qualifier"),
        "it is changed in the sheet of members; leave the cell empty here",
    ),
    "verdict": "LocalPlanCorrected takes back a review",
}


def _says(column: str, given: Any, there: Any) -> bool:  # noqa: ANN401 - cells
    """Whether the record says what a cell says, or more."""
    if there is None:
        return False
    if column in {"name", "local_name"}:
        return is_called(given, [there])
    if column == "further_holders":
        return [ref.key for ref in given] == [ref.key for ref in there]
    if column == "renewals":
        return all(any(_is_said(one, other) for other in there) for one in given)
    return agree(given, there) if column in _DATES else bool(given == there)


def _is_said(given: Renewal, there: Renewal) -> bool:
    said = given.model_dump(exclude_none=True, exclude={"renewed"})
    recorded = there.model_dump(include=set(said))
    return agree(given.renewed, there.renewed) and said == recorded


_REVIEW: Final = ("reviewed", "reviewer", "verdict", "feedback", "revision_until")


def local_plan_rows(plan: LocalPlan) -> Iterator[LocalPlanRow]:
    """A plan's row; none of one that was recorded by mistake.

    The review of what was submitted anew since then is left out: it is of another text.
    """
    if plan.withdrawn:
        return
    names = LocalPlanRow.model_fields.keys() & LocalPlan.model_fields.keys()
    left_out = set(_REVIEW) if plan.awaits_review else set()
    cells = {name: getattr(plan, name) for name in names - left_out}
    first, *further = plan.holders
    of_the_city = {name: getattr(first, name) for name in _OF_THE_CITY[1:]}
    yield LocalPlanRow(**cells, **of_the_city, member=first.key, further_holders=tuple(further))


def _where(
    coalition: Id | None = None, country: CountryCode | None = None, member: Id | None = None
) -> Document:
    where = {"coalition": coalition, "holders.country": country, "holders.id": member}
    return {name: value for name, value in where.items() if value is not None}


LOCAL_PLANS: Final = Table(
    "local-plans", "Cities' own plans", LocalPlanRow, local_plan_rows, _where
)
