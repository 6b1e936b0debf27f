"""Moments at which a service sends itself a signal, put around the calls of its collaborators."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiokafka import AIOKafkaConsumer

from shared.journal.store import Journal
from shared.kafka.producer import Publisher
from shared.pipeline.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION: Final = "COALITION_TEST_SESSION_MS"
"""How soon Kafka gives up a consumer that is silent: seconds here, lest each kill takes ten."""
STEPS: Final[dict[str, tuple[type[Any], str]]] = {
    "append": (Journal, "append"),
    "project": (Snapshots, "project"),
    "publish": (Publisher, "send"),
    "commit": (AIOKafkaConsumer, "commit"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a service sends itself which signal.

    Attributes:
        signal: the signal's name.
        step: one of `STEPS`.
        when: `before` or `after` the call, or `within` it: half of its records are done.
        call: the number of the call, from 1.
    """

    signal: str
    step: str
    when: str
    call: int

    def arguments(self) -> list[str]:
        """The moment as this program reads it."""
        return [self.signal, self.step, self.when, str(self.call)]

    async def strike(self) -> None:
        """Send the signal, and let the loop see it."""
        os.kill(os.getpid(), signal.Signals[self.signal])
        await asyncio.sleep(0)

    def arm(self) -> None:
        """Put the moment around the step."""
        owner, name = STEPS[self.step]
        setattr(owner, name, self._around(getattr(owner, name)))

    def _around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        calls = 0

        async def around(owner: Any, *given: Any, **named: Any) -> Any:
            nonlocal calls
            # An empty call does nothing at all, so it is no moment worth the name.
            calls += bool(given and given[0])
            if calls != self.call:
                return await method(owner, *given, **named)
            calls += 1
            return await self._at(method, owner, *given, **named)

        return around

    async def _at(self, method: Callable[..., Any], owner: Any, *given: Any, **named: Any) -> Any:
        if self.when == "within":
            await method(owner, _half(given[0]), *given[1:], **named)
        if self.when != "after":
            await self.strike()
        result = await method(owner, *given, **named)
        if self.when == "after":
            await self.strike()
        return result


def _half(work: Any) -> Any:
    if isinstance(work, dict):
        return dict(list(work.items())[: len(work) // 2])
    return work[: len(work) // 2]


def shorten_session(milliseconds: int) -> None:
    """Have the consumer's group notice its death within this time."""
    build = AIOKafkaConsumer.__init__

    def short(self: Any, *topics: Any, **named: Any) -> None:
        named |= {
            "session_timeout_ms": milliseconds,
            "heartbeat_interval_ms": milliseconds // 6,
        }
        build(self, *topics, **named)

    AIOKafkaConsumer.__init__ = short
