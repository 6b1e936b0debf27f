"""What the codes of RFC 3463 say of an e-mail that came back: whom it concerns."""

from __future__ import annotations

from enum import Enum
from typing import Final


class Concern(Enum):
    """Whom a bounce concerns: there is no such address, or it is we, or the mailbox or its way."""

    ADDRESS = "address"
    US = "us"
    OTHER = "other"


_OURS: Final = frozenset({"1.7", "1.8"})
"""The address that is wrong is the sender's."""
GIVEN_UP: Final = 0.5
"""What a bounce counts where somebody gave up trying; one for good counts 1."""


def concern(status: str) -> Concern:
    """Whom a bounce with this code concerns."""
    kind, _, rest = status.partition(".")
    if rest in _OURS or rest.startswith("7."):
        return Concern.US
    return Concern.ADDRESS if kind == "5" and rest.startswith("1.") else Concern.OTHER


def weight(status: str) -> float:
    """How much it counts against the address."""
    if concern(status) is Concern.US:
        return 0
    return 1 if status.startswith("5") else GIVEN_UP
