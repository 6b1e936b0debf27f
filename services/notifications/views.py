"""What the engine reads and writes: the subscriptions to match, and the deliveries that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.deliveries import Deliveries
from services.notifications.domain import ALL_SUBSCRIPTIONS, Notification, State
from services.notifications.subscriptions import Subscriptions
from shared.pipeline.snapshots import Document, Views

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pymongo.asynchronous.database import AsyncDatabase


class NotificationsViews(Views[State]):
    """Notifications with their deliveries, which are created once."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        super().__init__(database, {"notifications": Notification})
        self.subscriptions = Subscriptions(database)
        self.deliveries = Deliveries(database)

    async def prepare(self) -> None:
        """Create the indexes."""
        await self.subscriptions.prepare()
        await self.deliveries.prepare()

    async def load(self, streams: Iterable[str]) -> dict[str, tuple[int, State]]:
        """The notifications asked for, and the subscriptions as they are now."""
        wanted = set(streams)
        loaded = await super().load(wanted - {ALL_SUBSCRIPTIONS})
        if ALL_SUBSCRIPTIONS in wanted:
            loaded[ALL_SUBSCRIPTIONS] = (0, await self.subscriptions.interests())
        return loaded

    async def project(self, states: Mapping[str, tuple[int, State]]) -> None:
        """Create each delivery once, then the view that says that it was created."""
        await self.deliveries.queue(
            state for _, state in states.values() if isinstance(state, Notification)
        )
        await super().project(states)
