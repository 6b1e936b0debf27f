"""The published language of shared good practices, discussion papers and news."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

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
from shared.contracts.plans.plan import Point
from shared.contracts.text import EACH_ONCE


class PracticeShared(Event):
    """A member shares what worked; again by the same member with a later date, it replaces.

    `office` is whom to ask: an office, never a person. `report_due` is when the report was due that
    it is a passage of: what the member wrote there of the one commitment in `points`, or the part
    of it in `summary`. Plans fills in a `summary` that is left out then.
    """

    type: ClassVar[str] = "coalition.plans.PracticeShared.v1"
    practice: Slug
    coalition: Slug
    member: MemberRef
    shared: EdtfDate
    title: Text
    titles: Texts | None = None
    summary: LongText | None = None
    points: Annotated[tuple[Point, ...], Field(max_length=10), EACH_ONCE] = ()
    evidence: Annotated[tuple[Link, ...], Field(max_length=20), EACH_ONCE] = ()
    office: Remark | None = None
    report_due: Day | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if self.report_due is None and self.summary is None:
            raise ValueError(
                "give `summary`, or `report_due` and the point that it is a passage of"
            )
        if self.report_due is not None and len(self.points) != 1:
            raise ValueError("a passage of a report is about one commitment: give one of `points`")
        return self

    @property
    def subject(self) -> str:
        """The practice's id."""
        return self.practice


class PracticeAdopted(Event):
    """Another member took a practice over, and says how it went.

    `coalition`, the adopting member's, and `title` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.PracticeAdopted.v1"
    practice: Slug
    member: MemberRef
    adopted: EdtfDate
    outcome: LongText | None = None
    title: Text | None = None
    coalition: Slug | None = None

    @property
    def subject(self) -> str:
        """The practice's id."""
        return self.practice


class PracticeFollowed(Event):
    """A practice that a duplicate shared or adopted is one of the member `into` it was merged into.

    Plans says this to itself, and fills in `title` and `coalition`, the practice's; without `into`
    the merger was undone.
    """

    type: ClassVar[str] = "coalition.plans.PracticeFollowed.v1"
    practice: Slug
    member: MemberRef
    into: MemberRef | None = None
    title: Text | None = None
    coalition: Slug | None = None

    @property
    def subject(self) -> str:
        """The practice's id."""
        return self.practice


class PublicationAnnounced(Event):
    """A discussion paper or news, of one coalition or, without one, of all."""

    type: ClassVar[str] = "coalition.plans.PublicationAnnounced.v1"
    publication: Slug
    kind: Literal["paper", "news"]
    coalition: Slug | None = None
    announced: EdtfDate
    title: Text
    titles: Texts | None = None
    summary: LongText | None = None
    link: Link | None = None

    @property
    def subject(self) -> str:
        """The publication's id."""
        return self.publication
