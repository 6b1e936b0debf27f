"""A good practice, and the members that took it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Slug, Text, Texts
from shared.contracts.plans import Point
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import PracticeShared

KIND: Final = "practices"


class Adoption(State):
    """A member that took a practice over, and how it went."""

    member: MemberRef
    coalition: Slug | None = None
    adopted: EdtfDate
    outcome: LongText | None = None


class Practice(State):
    """A good practice; `points` are the commitments that it serves."""

    id: Slug
    coalition: Slug
    member: MemberRef
    shared: EdtfDate
    title: Text
    titles: Texts | None = None
    summary: LongText
    points: tuple[Point, ...] = ()
    evidence: tuple[Link, ...] = ()
    office: Text | None = None
    adoptions: tuple[Adoption, ...] = ()

    @classmethod
    def of(cls, event: PracticeShared, adoptions: tuple[Adoption, ...] = ()) -> Practice:
        """What is kept of a shared practice."""
        fields = cls.model_fields.keys() - {"id", "adoptions"}
        shared = {name: getattr(event, name) for name in fields}
        return cls(id=event.practice, adoptions=adoptions, **shared)
