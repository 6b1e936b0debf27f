"""What published events make of a good practice; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.practices.state import Adoption, Practice

if TYPE_CHECKING:
    from shared.contracts.plans import PracticeAdopted, PracticeShared


def shared(practice: Practice | None, event: PracticeShared) -> Practice:
    """A practice is shared; who adopted it before stays."""
    return Practice.of(event, practice.adoptions if practice else ())


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
