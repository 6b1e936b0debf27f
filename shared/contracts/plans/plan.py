"""The published language of the Ten-Point Plans: their versions, points and mapping."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.base import EdtfDate, Link, Model, Slug, Text, Texts
from shared.contracts.numbers import WHOLE
from shared.contracts.sources import SourcedEvent
from shared.contracts.text import EACH_ONCE

Point = Annotated[
    int, Field(ge=1, le=10, description="The commitment's number in its plan."), WHOLE
]
Version = Annotated[int, Field(ge=1, le=10_000, description="The plan's version."), WHOLE]
Area = Annotated[
    Slug,
    Field(
        description="An area of municipal competence.",
        examples=["education", "housing", "employment", "culture", "policing", "data"],
    ),
]


class Instrument(Model):
    """An international convention or recommendation that a commitment puts into practice."""

    name: Text
    provision: Text | None = None
    link: Link | None = None


class PlanPoint(Model):
    """What a plan says of one commitment besides its title in the language of the record.

    `borne_by` is an organisation that bears it for all members together, such as the conference of
    a country's mayors; a member is then compared by it only where it chose it itself.
    """

    titles: Texts | None = None
    areas: Annotated[tuple[Area, ...], Field(max_length=20), EACH_ONCE] = ()
    policies: Annotated[tuple[Text, ...], Field(max_length=20), EACH_ONCE] = ()
    instruments: Annotated[tuple[Instrument, ...], Field(max_length=20)] = ()
    borne_by: Text | None = None


class PointMove(Model):
    """A commitment of the version before lives on, whole or in part, in one of this version."""

    before: Point
    now: Point


class PlanText(SourcedEvent):
    """The ten commitments of one version of a coalition's plan.

    `points` describes the commitments in their order. `mapping` says which points of the version
    before live on in which; where none is given, points of the same title do.
    """

    coalition: Slug
    version: Version
    commitments: Annotated[tuple[Text, ...], Field(min_length=10, max_length=10), EACH_ONCE]
    points: Annotated[tuple[PlanPoint, ...], Field(min_length=10, max_length=10)] | None = None
    mapping: Annotated[tuple[PointMove, ...], Field(max_length=100)] | None = None

    @property
    def subject(self) -> str:
        """The coalition's id."""
        return self.coalition


class PlanDrafted(PlanText):
    """A version is being discussed; it binds nobody and may be restated until it is published."""

    type: ClassVar[str] = "coalition.plans.PlanDrafted.v1"


class PlanPublished(PlanText):
    """A coalition's Ten-Point Plan of Action, in one version, with exactly ten commitments.

    It supersedes the versions before it. Members move to it by their own decision.
    """

    type: ClassVar[str] = "coalition.plans.PlanPublished.v1"
    adopted: EdtfDate | None = None
