"""What published events make of a good practice; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.following import standing_for, with_event
from services.plans.domain.practices.state import SHARED, Adoption, Practice, adoption_of
from shared.domain.corrections.dated import change

if TYPE_CHECKING:
    from services.plans.domain.following import Followings
    from shared.contracts.plans import (
        PracticeAdopted,
        PracticeAdoptionCorrected,
        PracticeCorrected,
        PracticeFollowed,
        PracticeShared,
    )


def shared(practice: Practice | None, event: PracticeShared) -> Practice:
    """A practice is shared; who adopted it before stays."""
    return Practice.of(event, practice)


def adopted(practice: Practice, event: PracticeAdopted) -> Practice:
    """A member adopted the practice, in the place of its adoption before."""
    new = Adoption(
        member=event.member,
        coalition=event.coalition,
        adopted=event.adopted,
        outcome=event.outcome,
    )
    others = [a for a in practice.adoptions if a.member.key != new.member.key]
    adoptions = sorted([*others, new], key=lambda a: a.member.key)
    return practice.model_copy(update={"adoptions": tuple(adoptions)})


def followed(practice: Practice, event: PracticeFollowed) -> Practice:
    """Who stays has shared or adopted it where its duplicate had, or the duplicate has again."""
    adopting = (one.member.key for one in practice.adoptions)
    duplicates = (one.duplicate.key for one in practice.followed)
    if event.member.key not in {practice.member.key, *adopting, *duplicates}:
        return practice
    after = with_event(practice.followed, event)
    adoptions = (one.model_copy(update=_standing(one, after)) for one in practice.adoptions)
    return practice.model_copy(
        update={**_standing(practice, after), "adoptions": tuple(adoptions), "followed": after}
    )


def _standing(of: Practice | Adoption, followings: Followings) -> dict[str, object]:
    named = of.named or of.member
    member = standing_for(named, followings)
    return {"member": member, "named": None if member == named else named}


def corrected(practice: Practice, event: PracticeCorrected) -> Practice:
    """A practice was shared on another date, or by mistake."""
    what = change(practice.corrections, SHARED, event)
    after = practice.model_copy(update={"corrections": what.corrections})
    if what.now is None:
        return after.model_copy(update={"withdrawn": False})
    if what.correct is None:
        return after.model_copy(update={"withdrawn": True})
    return after.model_copy(update={"shared": what.correct})


def adoption_corrected(practice: Practice, event: PracticeAdoptionCorrected) -> Practice:
    """A member took the practice over on another date, or never."""
    what = change(practice.corrections, adoption_of(event.member.key), event)
    where = (event.member.key, what.now)
    adoptions = tuple(
        one.model_copy(update={"adopted": what.correct})
        if (one.member.key, one.adopted) == where
        else one
        for one in practice.adoptions
        if (one.member.key, one.adopted) != where or what.correct is not None
    )
    return practice.model_copy(update={"adoptions": adoptions, "corrections": what.corrections})
