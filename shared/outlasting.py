"""What runs beside the engine outlasts a store or a Kafka that is away for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from shared import mongo
from shared.kafka.producer import NotDelivered
from shared.waits import is_set_within

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Coroutine

log = structlog.get_logger()

T = TypeVar("T")

_REST_SECONDS: Final = 1


async def outlasted(step: Coroutine[Any, Any, T], stopping: asyncio.Event) -> T | None:
    """Do a step of a worker; where the store or Kafka is away, say so, rest, and return None.

    The worker goes on with what it has in hand, and its next step is tried. A part that stays away
    ends the process by `silence.py`, and a defect ends it at once.
    """
    try:
        return await step
    except Exception as error:
        if isinstance(error, NotDelivered):
            reason = str(error)
        elif mongo.is_transient(error):
            reason = type(error).__name__  # what it says may have a document in it
        else:
            raise
        log.warning("step_not_done", step=getattr(step, "__qualname__", ""), reason=reason)
    await is_set_within(stopping, _REST_SECONDS)
    return None
