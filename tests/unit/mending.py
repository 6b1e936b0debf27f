"""What the tests of mended members share: a city in two coalitions, and a correction of it."""

from __future__ import annotations

from typing import Any, Final

from shared.contracts.base import MemberRef
from shared.contracts.membership import CoalitionFounded, MemberCorrected
from tests.unit.membership_facts import FOUNDED, POTSDAM, SIGNED
from tests.unit.reacting import Reacting, membership

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
