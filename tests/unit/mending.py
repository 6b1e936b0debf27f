"""What the tests of mended members share: a city in two coalitions, and a correction of it."""

from __future__ import annotations

from typing import Any, Final

from services.plans.domain import MemberCommitments
from shared.contracts.base import MemberRef
from shared.contracts.membership import CoalitionFounded, MemberCorrected
from shared.contracts.plans import PlanPublished
from shared.domain.stream import Stream
from tests.unit.membership_facts import FOUNDED, POTSDAM, SIGNED
from tests.unit.reacting import Reacting, membership, membership_and_plans

ID: Final = MemberRef(id=POTSDAM.key)
AFRICA: Final[dict[str, Any]] = {"coalition": "africa", "member": ID}
AUSTRIAN: Final = MemberRef(name="Potsdam", country="AT", kind="city")


def corrected(fact: str, wrong: str, right: str | None, **more: Any) -> MemberCorrected:
    facts = {"fact": fact, "recorded": wrong, "correct": right, "reason": "the minutes"}
    return MemberCorrected.model_validate({"coalition": "europe", "member": ID, **facts, **more})


AFRICAN: Final = CoalitionFounded(coalition="africa", name="African Coalition")


def signed() -> Reacting:
    """Membership, with the city as a member."""
    folded = membership()
    folded.tell(FOUNDED)
    folded.tell(AFRICAN)
    folded.tell(SIGNED)
    return folded


OTHER: Final = MemberRef(name="Erlangen", country="DE", kind="city")
TEXTS: Final = tuple(f"Point {number}" for number in range(1, 11))


def committed() -> tuple[Reacting, Reacting]:
    """Membership and plans, which has published a plan of two coalitions and heard of the city."""
    first, plans = membership_and_plans()
    first.tell(FOUNDED)
    first.tell(AFRICAN)
    for coalition in ("europe", "africa"):
        texts = tuple(f"{text} of {coalition}" for text in TEXTS)
        plans.tell(PlanPublished(coalition=coalition, version=1, commitments=texts))
    first.tell(SIGNED)
    return first, plans


def holder(plans: Reacting, ref: MemberRef = ID) -> MemberCommitments:
    state = plans.states[Stream("commitments", ref.key)]
    assert isinstance(state, MemberCommitments)
    return state
