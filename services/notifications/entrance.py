"""The one entrance for what comes back, whoever brings it: over HTTP, or out of a mailbox."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from services.notifications.bounces import MessageKind, Returned, read
from shared.cloudevents import derived_id
from shared.contracts.notifications import BounceReceived
from shared.pipeline.outbound import to_itself

if TYPE_CHECKING:
    from services.notifications.verp import Returns
    from shared.kafka.producer import Publisher


class Entrance:
    """Takes messages that came to the address for bounces. The same one twice is one bounce.

    Args:
        returns: tells whose e-mail it was.
        publisher: the way to Kafka.
    """

    def __init__(self, returns: Returns, publisher: Publisher) -> None:
        self._returns, self._publisher = returns, publisher

    async def take(self, content: bytes, recipient: str = "") -> Returned:
        """Read a message, and say to notifications itself that an e-mail came back, if it says so.

        Args:
            content: as it came, within `MOST_BYTES`.
            recipient: to which address it came, where that is known; else its header says it.
        """
        # Anybody can write to that address: what takes long to read keeps nothing else waiting.
        found = await asyncio.to_thread(read, content, self._returns, recipient)
        if is_bounce(found) and found.subscription:
            event = BounceReceived(
                subscription=found.subscription, status=found.status, delivery=found.delivery
            )
            id_ = derived_id("bounce", found.subscription, hashlib.sha256(content).hexdigest())
            await self._publisher.send([to_itself("notifications", event, id_)])
        return found


def is_bounce(found: Returned) -> bool:
    """Whether a message has consequences: it says that an e-mail of ours came back."""
    return found.kind is MessageKind.BOUNCE and found.subscription is not None
