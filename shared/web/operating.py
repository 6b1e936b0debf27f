"""HTTP for operators: resume halted inboxes, rebuild snapshots, republish events."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from shared.access.scopes import Scope
from shared.contracts.base import Model
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.pipeline.breaker import Breaker
    from shared.pipeline.rebuild import Rebuild
    from shared.pipeline.republish import Republish


class RebuildState(Model):
    """How far a rebuild of the snapshots is.

    Attributes:
        unreadable: the first hundred aggregates whose journal cannot be read; their snapshots
            stay as they were.
    """

    running: bool
    written: int
    unreadable: tuple[str, ...] = ()

    @classmethod
    def of(cls, rebuild: Rebuild[Any]) -> RebuildState:
        """How far one is now."""
        unreadable = tuple(rebuild.unreadable)
        return cls(running=rebuild.running, written=rebuild.written, unreadable=unreadable)


class RepublishState(Model):
    """How far the republishing of all events is."""

    running: bool
    published: int


def routes(breaker: Breaker, rebuild: Rebuild[Any], republish: Republish) -> Router:
    """The routes that operators use; all writes need the scope `operate`."""
    router = Router(tags=["operating"])
    trusted = [needs(Scope.OPERATE)]

    @router.post(
        "/consumer/resume",
        dependencies=trusted,
        status_code=HTTPStatus.ACCEPTED,
        responses={409: failure("The service is not halted.")},
    )
    async def resume() -> dict[str, str]:
        """Read all inboxes again, once the publisher that was rejected so much is mended."""
        if await breaker.resume():
            return {"state": "resuming"}
        raise Problem(HTTPStatus.CONFLICT, "no inbox is halted")

    @router.post("/snapshots/rebuild", dependencies=trusted, status_code=HTTPStatus.ACCEPTED)
    async def again() -> RebuildState:
        """Write every snapshot anew from the journal, while the service goes on."""
        rebuild.ask()
        return RebuildState.of(rebuild)

    @router.get("/snapshots/rebuild")
    async def state() -> RebuildState:
        """Whether a rebuild runs, how many snapshots it has written, and of what it could not."""
        return RebuildState.of(rebuild)

    @router.post("/journal/republish", dependencies=trusted, status_code=HTTPStatus.ACCEPTED)
    async def publish_again() -> RepublishState:
        """Publish every event of the journal again, under its id: after Kafka was lost."""
        republish.ask()
        return RepublishState(running=republish.running, published=republish.published)

    @router.get("/journal/republish")
    async def published_again() -> RepublishState:
        """Whether that runs, and how many events it has published."""
        return RepublishState(running=republish.running, published=republish.published)

    return router
