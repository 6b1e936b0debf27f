"""HTTP for operators: resume halted inboxes, rebuild snapshots."""

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


def routes(breaker: Breaker, rebuild: Rebuild[Any]) -> Router:
    """The routes that operators use; both writes need the scope `operate`."""
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
            return {"status": "resuming"}
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

    return router
