"""A notification, and the subscriptions as far as a decision needs to know them."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Final

from services.notifications.domain.notifications.candidates import Candidates
from services.notifications.domain.preferences import Preference
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

KIND: Final = "notifications"
SUBSCRIPTIONS: Final = "subscriptions"
"""The kind under which rules look at the subscriptions; they have no journal."""
ALL_SUBSCRIPTIONS: Final = Stream(SUBSCRIPTIONS, "all")
MAX_SUBSCRIPTIONS: Final = 25_000
"""Subscriptions at most: of one event, one decision queues a notification for all of them."""


class Interest(Preference):
    """What the person of one subscription wants."""

    id: str


class Interests(State):
    """All subscriptions there are, as far as a decision needs to know them."""

    all: tuple[Interest, ...] = ()

    @cached_property
    def profiles(self) -> Sequence[Sequence[Interest]]:
        """Those who want the same, together, so that it is decided once for all of them.

        They may still differ in which members are their own, and in when digests come.
        """
        found: dict[Hashable, list[Interest]] = defaultdict(list)
        for one in self.all:
            when = (one.zone, one.quiet_hours, one.silent_until)
            found[one.role, one.coalitions, bool(one.members), one.rules, when].append(one)
        return tuple(map(tuple, found.values()))

    @cached_property
    def candidates(self) -> Candidates[Interest]:
        """Those of the profiles that an event may concern, found without looking at the others."""
        return Candidates(self.profiles)

    @cached_property
    def of_member(self) -> Mapping[str, Sequence[str]]:
        """The ids of the subscriptions of a member."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.all:
            for member in one.members:
                found[member].append(one.id)
        return found


class Notification(State):
    """An event of which people are notified; who, and how, stands in what was published."""

    id: str


def interest_of(subscription: str) -> Stream:
    """Where rules see what the person of one subscription wants."""
    return Stream(SUBSCRIPTIONS, subscription)
