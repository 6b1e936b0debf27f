"""Health over HTTP: alive, and ready to work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from shared.journal.entry import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.pipeline.engine import Progress


_FRESH: Final = timedelta(seconds=15)
"""A consumer that has not polled for so long does not make progress."""


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


def routes(progress: Progress, conditions: Sequence[Callable[[], Condition]] = ()) -> APIRouter:
    """The routes that probes ask."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def ready() -> Response:
        """The consumer has its partitions, has polled of late, is not halted; all parts work."""
        now = datetime.now(UTC)
        late = progress.polled is None or now - progress.polled > _FRESH
        halt = progress.halted
        parts = [condition() for condition in conditions]
        body = {
            "assigned": progress.assigned,
            "halted": {"reason": halt.reason, "since": halt.since.isoformat()} if halt else None,
            "polled": progress.polled.isoformat() if progress.polled else None,
            "records": progress.records,
            "duplicates": progress.duplicates,
            "redelivered": progress.redelivered,
            **{outcome.value: progress.outcomes[outcome] for outcome in Outcome},
            **{part.name: {"ready": part.ready, **part.detail} for part in parts},
        }
        idle = late or halt or not progress.assigned or not all(part.ready for part in parts)
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE if idle else HTTPStatus.OK)

    return router
