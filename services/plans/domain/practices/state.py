"""A good practice, and the members that took it over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.following import Followings
from shared.contracts.base import Day, EdtfDate, Link, LongText, MemberRef, Slug, Text, Texts
from shared.contracts.plans import Point
from shared.domain.corrections.kept import Corrections
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import PracticeShared

SHARED: Final = "the practice"
"""What is corrected where a practice was shared on another date, or by mistake."""
KIND: Final = "practices"
_STAYS: Final = ("adoptions", "named", "followed", "corrections")
"""What of a practice stays when it is shared anew."""


class Adoption(State):
    """A member that took a practice over, and how it went.

    Attributes:
        named: who was named, where a merger has another stand there.
    """

    member: MemberRef
    named: MemberRef | None = None
    coalition: Slug | None = None
    adopted: EdtfDate
    outcome: LongText | None = None


class Practice(State):
    """A good practice.

    Attributes:
        points: the commitments that it serves.
        report_due: when the report was due that it is a passage of.
        named: who was named as having shared it, where a merger has another stand there.
        followed: these mergers, and those of members that adopted it.
        withdrawn: whether it was shared by mistake.
        corrections: what was recorded and does not stand.
    """

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
    report_due: Day | None = None
    adoptions: tuple[Adoption, ...] = ()
    named: MemberRef | None = None
    followed: Followings = ()
    withdrawn: bool = False
    corrections: Corrections = ()

    @classmethod
    def of(cls, event: PracticeShared, before: Practice | None = None) -> Practice:
        """What is kept of a shared practice; who adopted it before stays."""
        fields = cls.model_fields.keys() & type(event).model_fields.keys()
        shared = {name: getattr(event, name) for name in fields}
        if before:
            stays = {name: getattr(before, name) for name in _STAYS}
            return cls(id=event.practice, **stays, **shared)
        return cls(id=event.practice, **shared)


def adoption_of(member: str) -> str:
    """The name of the fact that a member took a practice over."""
    return f"the adoption by {member!r}"


def find_adoption(practice: Practice, member: str) -> Adoption | None:
    """A member's adoption of a practice."""
    return next((one for one in practice.adoptions if one.member.key == member), None)
