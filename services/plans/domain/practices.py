"""Good practices that members share and adopt, and publications that are announced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from services.plans.domain.dates import is_older, not_in_the_future
from shared.contracts.base import EdtfDate, Link, LongText, MemberRef, Model, Slug, Text, Texts
from shared.contracts.plans import Point, PracticeAdopted, PracticeShared, PublicationAnnounced
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.plans.domain.holders import MemberCommitments
    from shared.contracts.base import Event

MAX_ADOPTIONS: Final = 500
"""Adoptions of one practice at most, so that it always fits into one document."""


class Adoption(Model):
    """A member that took a practice over, and how it went."""

    member: MemberRef
    coalition: Slug | None = None
    adopted: EdtfDate
    outcome: LongText | None = None


class Practice(Model):
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


class Publication(Model):
    """A discussion paper or news."""

    id: Slug
    kind: Literal["paper", "news"]
    coalition: Slug | None = None
    announced: EdtfDate
    title: Text
    titles: Texts | None = None
    summary: LongText | None = None
    link: Link | None = None


# --- practices ------------------------------------------------------------------------------


def share(
    event: PracticeShared,
    practice: Practice | None,
    holder: MemberCommitments | None,
    now: datetime,
) -> Sequence[Event]:
    """A member shares what worked, or says it anew.

    Raises:
        Refused: nobody knows the member, or the practice is another's.
    """
    not_in_the_future(event.shared, now)
    event = event.model_copy(update={"member": _known(event.member, holder)})
    if holder and holder.coalition != event.coalition:
        raise Refused(f"{event.member.key!r} belongs to the coalition {holder.coalition!r}")
    if practice is None:
        return [event]
    if practice.member.key != event.member.key:
        raise Refused(f"{event.practice!r} is a practice of {practice.member.key!r}")
    if _practice(event, practice.adoptions) == practice:
        return []
    if is_older(event.shared, practice.shared):
        raise Refused(f"the practice is known as of {practice.shared} already; this is older")
    return [event]


def adopt(
    event: PracticeAdopted,
    practice: Practice | None,
    holder: MemberCommitments | None,
    now: datetime,
) -> Sequence[Event]:
    """A member takes a practice over, or says how it went.

    Raises:
        Refused: there is no such practice, it is the member's own, or nobody knows the member.
    """
    not_in_the_future(event.adopted, now)
    if practice is None:
        raise Refused(f"no practice {event.practice!r} is shared")
    member = _known(event.member, holder)
    if practice.member.key == member.key:
        raise Refused(f"{event.practice!r} is {member.key!r}'s own practice")
    held = next((a for a in practice.adoptions if a.member.key == member.key), None)
    if held is None and len(practice.adoptions) >= MAX_ADOPTIONS:
        raise Refused(f"a practice has at most {MAX_ADOPTIONS} adoptions")
    if held and (event.adopted, event.outcome) == (held.adopted, held.outcome):
        return []
    coalition = holder.coalition if holder else event.coalition
    told = {"member": member, "coalition": coalition, "title": practice.title}
    return [event.model_copy(update=told)]


def _known(member: MemberRef, holder: MemberCommitments | None) -> MemberRef:
    if holder and holder.into:
        raise Refused(f"{member.key!r} was merged into {holder.into!r}: say it of that member")
    if holder:
        return holder.member
    if member.name is None:
        raise Refused(f"{member.key!r} holds no commitments: give its name, kind and country")
    return member


def evolve(practice: Practice | None, event: PracticeShared | PracticeAdopted) -> Practice | None:
    """Fold one published event about a practice."""
    if isinstance(event, PracticeShared):
        return _practice(event, practice.adoptions if practice else ())
    if practice is None:
        return None
    new = Adoption(
        member=event.member,
        coalition=event.coalition,
        adopted=event.adopted,
        outcome=event.outcome,
    )
    others = [a for a in practice.adoptions if a.member.key != new.member.key]
    adoptions = sorted([*others, new], key=lambda a: a.member.key)
    return practice.model_copy(update={"adoptions": tuple(adoptions)})


def _practice(event: PracticeShared, adoptions: tuple[Adoption, ...]) -> Practice:
    fields = Practice.model_fields.keys() - {"id", "adoptions"}
    said = {name: getattr(event, name) for name in fields}
    return Practice(id=event.practice, adoptions=adoptions, **said)


# --- publications ---------------------------------------------------------------------------


def announce(
    event: PublicationAnnounced, held: Publication | None, now: datetime
) -> Sequence[Event]:
    """Announce a paper or news; said again with a later date, it replaces.

    Raises:
        Refused: a later word on it is held.
    """
    not_in_the_future(event.announced, now)
    if held == publication(event):
        return []
    if held and is_older(event.announced, held.announced):
        raise Refused(f"it is known as of {held.announced} already; this is older")
    return [event]


def publication(event: PublicationAnnounced) -> Publication:
    """What is kept of an announcement."""
    fields = Publication.model_fields.keys() - {"id"}
    return Publication(id=event.publication, **{name: getattr(event, name) for name in fields})
