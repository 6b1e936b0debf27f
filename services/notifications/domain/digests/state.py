"""The digests of one person, and what waits for the next."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "digests"
WAITING: Final = "waiting"
"""The kind under which rules look at what waits for a person's next digest; it has no journal."""


class Item(State):
    """A notification that waits for a person's digest.

    Attributes:
        how: `daily` or `weekly`.
        decided: when it was decided that they are told.
    """

    notification: str
    how: str
    decided: datetime


class Waiting(State):
    """What waits for one person, what was decided first before the others."""

    items: tuple[Item, ...] = ()


class Digests(State):
    """The digests of one person.

    Attributes:
        id: the subscription's.
        dates: the day of the last one, by how often they come.
        listed: the notifications of which digests tell that may still seem to wait.
    """

    id: str
    dates: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it
    listed: tuple[str, ...] = ()


def waiting_for(subscription: str) -> Stream:
    """Where rules see what waits for a person."""
    return Stream(WAITING, subscription)
