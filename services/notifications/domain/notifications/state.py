"""A notification, and the subscriptions as far as a decision needs to know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from shared.contracts.base import Slug
from shared.contracts.notifications import EventKind, NotificationQueued
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

KIND: Final = "notifications"
SUBSCRIPTIONS: Final = "subscriptions"
"""The kind under which rules look at the subscriptions; they have no journal."""
ALL_SUBSCRIPTIONS: Final = Stream(SUBSCRIPTIONS, "all")
MAX_SUBSCRIPTIONS: Final = 25_000
"""Subscriptions at most: of one event, one decision queues a notification for all of them."""


class Interest(State):
    """What one subscription wants: an empty tuple means everything."""

    id: str
    regions: tuple[Slug, ...] = ()
    kinds: tuple[EventKind, ...] = ()

    def matches(self, kind: str, regions: AbstractSet[str]) -> bool:
        """Whether an event of a kind is wanted that concerns these regions; none is all of them."""
        wants_kind = not self.kinds or kind in self.kinds
        return wants_kind and not (self.regions and regions and regions.isdisjoint(self.regions))


class Interests(State):
    """All subscriptions there are, as far as a decision needs to know them."""

    all: tuple[Interest, ...] = ()


class Notification(State):
    """An event of which people are notified.

    Attributes:
        queued: the notification, with the subscriptions of its first part.
        more: the subscriptions of its other parts.
    """

    id: str
    queued: NotificationQueued
    more: tuple[str, ...] = ()

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The ids of all subscriptions that are notified."""
        return self.queued.subscriptions + self.more
