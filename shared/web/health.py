"""Health over HTTP: alive, and ready to work."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from shared.pipeline.progress import Progress


_FRESH: Final = 15
"""Seconds; a consumer that has not polled for so long does not make progress."""


def routes(progress: Progress) -> APIRouter:
    """The routes that probes ask."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> Response:
        """The consumer has its partitions, has polled of late, and is not halted."""
        late = progress.age() > _FRESH
        halt = progress.halted
        body = {
            "assigned": progress.assigned,
            "halted": {"reason": halt.reason, "since": halt.since.isoformat()} if halt else None,
            "polled": progress.polled.isoformat() if progress.polled else None,
            "records": progress.records,
            "duplicates": progress.duplicates,
            "redelivered": progress.redelivered,
            **{outcome.value: progress.outcomes[outcome] for outcome in Outcome},
        }
        idle = late or halt or not progress.assigned
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE if idle else HTTPStatus.OK)

    return router
