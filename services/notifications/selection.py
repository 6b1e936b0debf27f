"""What is sent next, and to whom: claimed, in order, to nobody who is suppressed, within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from services.notifications import letters, outcomes
from services.notifications.claims import Claims
from services.notifications.deliveries import queue_of
from services.notifications.domain import named_by
from services.notifications.limits import Limits
from services.notifications.subscriptions import Subscriptions
from services.notifications.suppressions import Suppressions

if TYPE_CHECKING:
    from datetime import datetime

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.delivery import Claimed, Result
    from services.notifications.names import NameBook
    from services.notifications.settings import NotificationsSettings
    from services.notifications.subscription import Subscription

    Item = tuple[Claimed, Subscription | None]


class Selected(NamedTuple):
    """What a mailer has claimed.

    Attributes:
        items: to be sent, each to its person, if there is one.
        results: of those that are not to be sent, or not now.
    """

    items: list[Item]
    results: list[Result]


class NotSelected(Exception):
    """What was claimed is to be given back.

    Attributes:
        results: of all that was claimed.
    """

    def __init__(self, results: list[Result]) -> None:
        super().__init__("what was claimed could not be looked at")
        self.results = results


class Selection:
    """Claims for one mailer.

    Args:
        database: with deliveries and people.
        settings: the limits, and the keys of suppressed addresses.
        book: is to know by name what the e-mails name.
    """

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        settings: NotificationsSettings,
        book: NameBook | None = None,
    ) -> None:
        self._book = book
        self._claims = Claims(queue_of(database))
        self._subscriptions = Subscriptions(database)
        self._suppressions = Suppressions(database, settings.keys)
        self._limits = Limits(database, settings)

    async def take(self, wanted: int, now: datetime, until: datetime) -> Selected:
        """Claim so many at most, in the mailer's hands until then.

        Raises:
            NotSelected: something went wrong after they were claimed; it has them as results.
        """
        wanted = await self._limits.room(wanted, now)
        if wanted <= 0:
            return Selected([], [])
        claimed, later = await self._claims.take(wanted, now, until)
        waiting = [outcomes.waiting(one, rest) for one, rest in later]
        if not claimed:
            return Selected([], waiting)
        try:
            selected = await self._select(claimed, now)
        except Exception as error:
            raise NotSelected([*waiting, *map(outcomes.unsent, claimed)]) from error
        selected.results.extend(waiting)
        return selected

    async def _select(self, claimed: list[Claimed], now: datetime) -> Selected:
        selected = Selected([], [])
        people = await self._subscriptions.find(one.subscription for one in claimed)
        if self._book:
            events = (event for one in claimed for event in letters.events(one))
            await self._book.look_up(events, (k for one in people.values() for k in named_by(one)))
        suppressed = await self._suppressions.of(people)
        waits = await self._limits.waits(claimed, people, now)
        for one in claimed:
            if why := suppressed.get(one.subscription):
                selected.results.append(outcomes.cancelled(one, why))
            elif one.id in waits:
                selected.results.append(outcomes.limited(one, waits[one.id]))
            else:
                selected.items.append((one, people.get(one.subscription)))
        return selected
