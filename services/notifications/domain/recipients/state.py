"""What is known of a person's address, by the id of the subscription: what came back, and why."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from shared.domain.state import State

KIND: Final = "recipients"
FADES: Final = timedelta(days=30)
"""A bounce counts less from day to day, and nothing after so long."""
ENOUGH: Final = 3
"""The score from which an address is written to no more: four bounces on four days together."""


class Bounce(State):
    """An e-mail that came back.

    Attributes:
        weight: 1 where it came back for good, less where somebody gave up trying.
    """

    received: datetime
    status: str
    weight: float = 0
    delivery: str | None = None
    refused: bool = False


class Recipient(State):
    """What is known of an address.

    Attributes:
        bounces: those of the last days, by time.
        suppressed: why nothing is sent to it; empty where it is written to.
        bounce: the one by which it was suppressed.
        distrusted: when somebody last said that they do not want e-mail from us.
        erased: nothing is kept of the person any more.
    """

    id: str
    bounces: tuple[Bounce, ...] = ()
    suppressed: str = ""
    bounce: Bounce | None = None
    distrusted: datetime | None = None
    erased: bool = False

    def score(self, now: datetime) -> float:
        """How much came back lately; of one day the worst counts."""
        days = dict[str, float]()
        for one in self.bounces:
            fresh = max(0.0, 1 - max(now - one.received, timedelta()) / FADES)
            day = one.received.date().isoformat()
            days[day] = max(days.get(day, 0.0), one.weight * fresh)
        return sum(days.values())
