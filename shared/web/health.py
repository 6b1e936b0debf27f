"""Health over HTTP: alive, and ready to work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from shared.pipeline.breaker import Halt
    from shared.pipeline.progress import Progress


_FRESH_SECONDS: Final = 15
"""A part that has given no answer for so long is not there."""


class Condition(NamedTuple):
    """What a part of a service says of itself.

    Attributes:
        name: of the part; `/readyz` shows it under this.
        ready: whether it does its work; the service is not ready where one does not.
        detail: what else is worth knowing, as JSON.
    """

    name: str
    ready: bool
    detail: dict[str, Any]


def routes(
    progress: Progress,
    halted: Callable[[], Halt | None],
    store_age: Callable[[], float],
    conditions: Sequence[Callable[[], Condition]] = (),
) -> APIRouter:
    """The routes that probes ask.

    Args:
        progress: what the engine reports.
        halted: why the service has not joined its group, if so.
        store_age: seconds since the store last answered.
        conditions: what the service's own parts say of themselves.
    """
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> Response:
        """The consumer has its partitions, Kafka and the store answer, and nothing is halted.

        An inbox of which too much was rejected is named in `inboxes`; all else goes on.
        """
        halt = halted() or progress.halted
        parts = [condition() for condition in conditions]
        kafka, store = progress.age() <= _FRESH_SECONDS, store_age() <= _FRESH_SECONDS
        body = {
            "assigned": progress.assigned,
            "halted": halt and _told(halt),
            "inboxes": {topic: _told(bad) for topic, bad in progress.inboxes.items()},
            "polled": progress.polled.isoformat() if progress.polled else None,
            "kafka": kafka,
            "store": store,
            "records": progress.records,
            "duplicates": progress.duplicates,
            "redelivered": progress.redelivered,
            **{outcome.value: progress.outcomes[outcome] for outcome in Outcome},
            **{part.name: {"ready": part.ready, **part.detail} for part in parts},
        }
        works = progress.assigned and kafka and store and not halt
        works = works and all(part.ready for part in parts)
        return JSONResponse(body, HTTPStatus.OK if works else HTTPStatus.SERVICE_UNAVAILABLE)

    return router


def _told(halt: Halt) -> dict[str, Any]:
    return {**asdict(halt), "since": halt.since.isoformat()}
