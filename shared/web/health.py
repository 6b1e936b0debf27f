"""Health over HTTP: alive, and ready to work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fastapi import Response
from fastapi.responses import JSONResponse

from shared.journal.entry import Outcome
from shared.web.routing import Router

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


async def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of how a service is.

    Attributes:
        progress: what the engine reports.
        halted: why the service has not joined its group, if so.
        store_age: seconds since the store last answered.
        conditions: what the service's own parts say of themselves.
        stands_still: whether only a restart would help.
    """

    progress: Progress
    halted: Callable[[], Halt | None] = lambda: None
    store_age: Callable[[], float] = lambda: 0.0
    conditions: Sequence[Callable[[], Condition]] = ()
    stands_still: Callable[[], Awaitable[bool]] = _never

    @property
    def halt(self) -> Halt | None:
        """Why the service reads nothing, if so."""
        return self.halted() or self.progress.halted

    def stopped(self, topic: str) -> Halt | None:
        """Why one inbox is not read, if so; whatever the installation calls its topics."""
        _, _, wanted = topic.partition(".")
        named = {name.partition(".")[2]: halt for name, halt in self.progress.inboxes.items()}
        halt = named.get(wanted)
        return halt if halt and halt.stops else None

    def report(self) -> tuple[bool, dict[str, Any]]:
        """Whether the service does its work, and what else `/readyz` shows."""
        progress, halt = self.progress, self.halt
        parts = [condition() for condition in self.conditions]
        kafka, store = progress.age() <= _FRESH_SECONDS, self.store_age() <= _FRESH_SECONDS
        works = progress.assigned and kafka and store and not halt
        return works and all(part.ready for part in parts), {
            "assigned": progress.assigned,
            "halted": halt and _shown(halt),
            "inboxes": {topic: _shown(bad) for topic, bad in progress.inboxes.items()},
            "polled": progress.polled.isoformat() if progress.polled else None,
            "kafka": kafka,
            "store": store,
            "records": progress.records,
            "duplicates": progress.duplicates,
            "redelivered": progress.redelivered,
            **{outcome.value: progress.outcomes[outcome] for outcome in Outcome},
            **{part.name: {"ready": part.ready, **part.detail} for part in parts},
        }


def routes(health: Health) -> Router:
    """The routes that probes ask."""
    router, release = Router(tags=["health"]), metadata.version("coalition")

    @router.get("/healthz", responses={503: {"description": "Only a restart would help."}})
    async def alive() -> Response:
        """The process answers, and its loop takes turns; Kafka and the store may be away."""
        if await health.stands_still():
            still = {"state": "stands still", "release": release}
            return JSONResponse(still, HTTPStatus.SERVICE_UNAVAILABLE)
        return JSONResponse({"state": "alive", "release": release})

    @router.get("/readyz", responses={503: {"description": "It does not do its work."}})
    async def ready() -> Response:
        """The consumer has its partitions, Kafka and the store answer, and nothing is halted.

        An inbox of which too much was rejected is named in `inboxes`; all else goes on.
        """
        works, body = health.report()
        return JSONResponse(body, HTTPStatus.OK if works else HTTPStatus.SERVICE_UNAVAILABLE)

    return router


def _shown(halt: Halt) -> dict[str, Any]:
    return {**asdict(halt), "since": halt.since.isoformat()}
