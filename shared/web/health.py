"""Health over HTTP: alive, and ready to work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from shared.pipeline.breaker import Halt
    from shared.pipeline.progress import Progress


_FRESH_SECONDS: Final = 15
"""A part that has given no answer for so long is not there."""


def routes(
    progress: Progress, halted: Callable[[], Halt | None], store_age: Callable[[], float]
) -> APIRouter:
    """The routes that probes ask.

    Args:
        progress: what the engine reports.
        halted: why the service has not joined its group, if so.
        store_age: seconds since the store last answered.
    """
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> Response:
        """The consumer has its partitions, Kafka and the store answer, and nothing is halted."""
        halt = halted() or progress.halted
        kafka, store = progress.age() <= _FRESH_SECONDS, store_age() <= _FRESH_SECONDS
        body = {
            "assigned": progress.assigned,
            "halted": halt and {**asdict(halt), "since": halt.since.isoformat()},
            "polled": progress.polled.isoformat() if progress.polled else None,
            "kafka": kafka,
            "store": store,
            "records": progress.records,
            "duplicates": progress.duplicates,
            "redelivered": progress.redelivered,
            **{outcome.value: progress.outcomes[outcome] for outcome in Outcome},
        }
        works = progress.assigned and kafka and store and not halt
        return JSONResponse(body, HTTPStatus.OK if works else HTTPStatus.SERVICE_UNAVAILABLE)

    return router
