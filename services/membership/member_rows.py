"""Members as rows of a table, out and in."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, ClassVar, Final

from pydantic import Field, ValidationInfo, field_validator, model_validator

from services.membership import step_columns
from services.membership.domain import Member
from services.membership.domain.members.partners import Partner
from services.membership.domain.members.state import MemberName, Move
from services.membership.edits import is_recorded, mended_by
from services.membership.step_columns import dated
from shared.contracts.base import (
    Country,
    Day,
    EdtfDate,
    Event,
    Kind,
    Link,
    MemberRef,
    Qualifier,
    Slug,
    Text,
    Texts,
)
from shared.contracts.membership import (
    DecidingBody,
    Inhabitants,
    Latitude,
    Longitude,
    MemberDescribed,
    MemberMoved,
    MemberRenamed,
    MemberState,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
    Step,
    Vote,
)
from shared.contracts.sources import Source
from shared.tabular.rows import READ_ONLY, ImportedRow, Row

FromColumn = tuple[str, Event]
"""An event, and the column that it is from."""


class MemberRow(ImportedRow):
    """One member, with the dated steps of its way; empty cells change nothing."""

    compared: ClassVar[frozenset[str]] = frozenset({"state"})

    id: Slug | None = Field(
        None,
        description="The member's id; left out, it follows from country, kind and own name.",
    )
    coalition: Slug = Field(description="The id of its coalition.")
    coalition_name: Text | None = Field(
        None, description="The coalition's name.", json_schema_extra=READ_ONLY
    )
    name: Text = Field(description="Its name in the language of the record.")
    local_name: Text | None = Field(None, description="Its own name for itself, in any script.")
    names: Texts | None = Field(None, description="Its name in other languages, by language tag.")
    country: Country | None = Field(
        None,
        description="ISO 3166-1 alpha-2; only an association may be without.",
    )
    kind: Kind = Field(description="What it is.")
    qualifier: Qualifier | None = Field(
        None,
        description="Which of several of the name: an ISO 3166-2 subdivision (DE-NW), or an entry"
        " of Wikidata (Q2742) or GeoNames (geonames:2867543).",
    )
    state: MemberState | None = Field(
        None, description="What it is by its steps.", json_schema_extra=READ_ONLY
    )
    applied: EdtfDate | None = dated("The statement of intent to join")
    application_paper: Text | None = Field(None, description="What was signed with it, by title.")
    application_document: Link | None = Field(None, description="Where it can be read.")
    decided: EdtfDate | None = dated("The city's decision to join")
    decision_body: DecidingBody | None = Field(None, description="Who decided for the city.")
    decision_vote: Vote | None = Field(None, description="How that vote went, as JSON.")
    decision_document: Link | None = Field(None, description="Where the decision can be read.")
    decision_condition: Text | None = Field(None, description="On what the decision depends.")
    condition_met: EdtfDate | None = dated("When that condition was met")
    signed: EdtfDate | None = dated("The signature")
    signed_by: Text | None = Field(None, description="The office that signed, never a person.")
    signature_paper: Text | None = Field(None, description="What was signed, by its title.")
    signature_document: Link | None = Field(None, description="Where what was signed can be read.")
    acceded: EdtfDate | None = dated("The act of accession")
    accession_paper: Text | None = Field(None, description="The act, by its title.")
    accession_document: Link | None = Field(None, description="Where the act can be read.")
    under_examination: EdtfDate | None = dated("From when the application was examined")
    deferred: EdtfDate | None = dated("When the application was deferred")
    deferred_until: EdtfDate | None = dated("Until when it is deferred")
    deferral_reason: Text | None = Field(None, description="Why it was deferred.")
    deferral_vote: Vote | None = Field(None, description="How that vote went, as JSON.")
    deferral_decision: Slug | None = Field(None, description="The id of that decision.")
    declined: EdtfDate | None = dated("When the application was declined")
    declined_reason: Text | None = Field(None, description="Why it was declined.")
    declined_vote: Vote | None = Field(None, description="How that vote went, as JSON.")
    declined_decision: Slug | None = Field(None, description="The id of that decision.")
    dropped: EdtfDate | None = dated("When the city dropped its application")
    dropped_reason: Text | None = Field(None, description="Why it dropped it.")
    admitted: EdtfDate | None = dated("The admission by the steering committee")
    admission_vote: Vote | None = Field(None, description="How that vote went, as JSON.")
    admission_decision: Slug | None = Field(None, description="The id of that decision.")
    on_hold: EdtfDate | None = dated("From when it was on hold at its own wish")
    on_hold_until: EdtfDate | None = dated("Until when, as agreed")
    on_hold_reason: Text | None = Field(None, description="Why it was put on hold.")
    on_hold_decision: Slug | None = Field(None, description="The id of that decision.")
    suspended: EdtfDate | None = dated("The first suspension")
    suspension_reason: Text | None = Field(
        None, description="Why; a suspension needs it.", validate_default=True
    )
    overdue_report: Day | None = Field(
        None, description="The due date of the report that was missing."
    )
    reinstated: EdtfDate | None = dated("When that time on hold, or suspension, ended")
    reinstatement_reason: Text | None = Field(None, description="Why it ended.")
    withdrawn: EdtfDate | None = dated("When it left the coalition")
    withdrawal_reason: Text | None = Field(None, description="Why it left.")
    step_order: step_columns.Order = Field(
        (),
        description="Where dates leave it open which step came first: their columns in the order in"
        " which they happened, with semicolons between.",
    )
    sources: dict[str, Source] | None = Field(None, description="Of the steps, by column, as JSON.")
    further_steps: tuple[Step, ...] = Field(
        (), description="What happened a second time, or after it had left, in order, as JSON."
    )
    called: tuple[MemberName, ...] = Field(
        (), description="All its names, where it had more than one, the first one first, as JSON."
    )
    moves: tuple[Move, ...] = Field(
        (), description="The coalitions it was in before, each with when it left, as JSON."
    )
    latitude: Latitude | None = Field(None, description="Degrees north (WGS 84).")
    longitude: Longitude | None = Field(None, description="Degrees east (WGS 84).")
    website: Link | None = Field(None, description="Its page on the coalition or on itself.")
    part_of: Slug | None = Field(None, description="The id of the member of which it is a part.")
    population: Inhabitants | None = Field(None, description="How many people live there.")
    population_as_of: EdtfDate | None = dated("When they were counted")
    partners: tuple[Partner, ...] = Field(
        (), description="Civil-society organisations that work with it, as JSON."
    )

    @field_validator(*step_columns.STEP_OF)
    @classmethod
    def _of_a_step(cls, value: str | None, info: ValidationInfo) -> str | None:
        date = info.data.get(step_columns.STEP_OF[str(info.field_name)])
        if value and not date:
            raise ValueError(f"{step_columns.STEP_OF[str(info.field_name)]} is not given")
        if date and not value and info.field_name == "suspension_reason":
            raise ValueError("a suspension needs its reason")
        return value

    @field_validator("sources")
    @classmethod
    def _of_steps(
        cls, value: dict[str, Source] | None, info: ValidationInfo
    ) -> dict[str, Source] | None:
        for column in value or ():
            if not (column in step_columns.COLUMNS and info.data.get(column)):
                raise ValueError(f"there is no date in a column {column}")
        return value

    @model_validator(mode="after")
    def _identified(self) -> MemberRow:
        if (self.population is None) != (self.population_as_of is None):
            raise ValueError("population and population_as_of are given together")
        if self.kind != "association" and self.country is None:
            raise ValueError("only an association may be without a country")
        return self

    @property
    def key(self) -> Hashable:
        """The member."""
        return self._ref.key

    @property
    def alike(self) -> str:
        """What tells two members of one id apart."""
        return "if it is another member, give it a `qualifier`, or an `id` of its own"

    @property
    def aggregate(self) -> str:
        """The member's id."""
        return self._ref.key

    @property
    def named(self) -> str:
        """Its name in the sheet."""
        return self.name

    def events(self, recorded: Member | None = None) -> Iterator[FromColumn]:
        """The steps, the names after the first, and what has no date."""
        # Whoever gives the id means that member, whatever the sheet calls it.
        ref = MemberRef(id=self.id) if self.id and recorded else self._ref
        about = {"coalition": self.coalition, "member": ref}
        moves = [*self._moves_since(recorded)]
        there = moves[0].coalition if moves else self.coalition
        yield from self._step_events({**about, "coalition": there})
        to = [move.coalition for move in moves[1:]] + [self.coalition]
        for move, coalition in zip(moves, to, strict=False):
            moved = {**about, "coalition": coalition, "moved": move.moved}
            yield "moves", MemberMoved.model_validate(moved)
        for later in self.called[1:]:
            given = later.model_dump(exclude={"since"}, exclude_defaults=True)
            renamed = {**about, **given, "renamed": later.since, "kind": later.kind}
            yield "called", MemberRenamed.model_validate(renamed)
        if facts := self.model_dump(include=set(_FACTS), exclude_none=True):
            column = next(name for name in _FACTS if name in facts)
            yield column, MemberDescribed.model_validate({**about, **facts})
        if self.population and self.population_as_of:
            counted = {"as_of": self.population_as_of, "population": self.population}
            yield "population", PopulationCounted.model_validate({**about, **counted})
        for partner in self.partners:
            given = partner.model_dump(exclude_none=True)
            yield "partners", PartnerJoined.model_validate({**about, **given})
            if partner.left:
                yield "partners", PartnerLeft.model_validate({**about, **given})

    def differing(self, exported: Row) -> Iterator[tuple[str, str]]:
        """See `ImportedRow`; a finer date is as good, and so is a name that the member had."""
        assert isinstance(exported, MemberRow)  # noqa: S101 - the table's rows are
        former = [n for one in exported.called for n in (one.name, one.local_name)]
        names = [exported.name, exported.local_name, *former]
        order = list(map(step_columns.column_of, step_columns.in_order(exported.step_order)))
        for column, value in self.given().items():
            if column == "step_order":
                if sorted(value, key=order.index) != list(value):
                    yield column, mended_by(column)
            elif not is_recorded(column, value, getattr(exported, column), names):
                yield column, mended_by(column)

    @property
    def _ref(self) -> MemberRef:
        """The member under its first name, of which its id is made."""
        first = self.called[0] if self.called else self
        return MemberRef(
            id=self.id,
            name=first.name,
            local_name=first.local_name,
            country=self.country,
            kind=first.kind,
            # What has an id already has it whatever its qualifier is.
            qualifier=None if self.id else self.qualifier,
        )

    def _moves_since(self, recorded: Member | None) -> Sequence[Move]:
        """The moves that are not recorded: all of a new member."""
        if recorded is None:
            return self.moves
        if recorded.coalition == self.coalition:
            return ()
        left = [place for place, m in enumerate(self.moves) if m.coalition == recorded.coalition]
        return self.moves[left[-1] :] if left else ()

    def _step_events(self, about: dict[str, Any]) -> Iterator[FromColumn]:
        for step in step_columns.in_order(self.step_order):
            column, details = step_columns.column_of(step), step_columns.DETAILS[step]
            if date := getattr(self, column):
                more = {field: getattr(self, name) for field, name in details.items()}
                more["source"] = (self.sources or {}).get(column)
                yield column, step_columns.step_event(step, date, {**about, **more})
        for further in self.further_steps:
            more = further.model_dump(exclude={"date", "step"}, exclude_none=True)
            event = step_columns.step_event(further.step, further.date, {**about, **more})
            yield "further_steps", event


_FACTS: Final = ("names", "latitude", "longitude", "website", "qualifier", "part_of")


def member_rows(member: Member) -> Iterator[MemberRow]:
    """A member's row; none for a duplicate, nor where every step was corrected away."""
    if member.state in {"merged", "none"}:
        return
    cells = {n: getattr(member, n) for n in MemberRow.model_fields if n in Member.model_fields}
    first, further = step_columns.split(member.steps)
    cells |= step_columns.cells(first)
    cells["step_order"] = step_columns.order_of(first)
    sources = {step_columns.column_of(s.step): s.source for s in first if s.source}
    cells |= {"names": member.names or None, "state": member.state, "sources": sources or None}
    cells["population"] = member.population
    cells["population_as_of"] = member.populations[-1].as_of if member.populations else None
    cells["moves"] = tuple(Move(moved=m.moved, coalition=m.coalition) for m in member.moves)
    yield MemberRow(**cells, further_steps=further)
