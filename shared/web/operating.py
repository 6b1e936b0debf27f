"""HTTP for operators: resume a halted service, rebuild its views."""

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
    """How far a rebuild of the views is.

    Attributes:
        unreadable: the first hundred aggregates whose journal cannot be read; their views stay as
            they were.
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
        """Read on after a halt, once the publisher that was rejected so much is mended."""
        if await breaker.resume():
            return {"status": "resuming"}
        raise Problem(HTTPStatus.CONFLICT, "the service is not halted")

    @router.post("/views/rebuild", dependencies=trusted, status_code=HTTPStatus.ACCEPTED)
    async def again() -> RebuildState:
        """Write every view anew from the journal, while the service goes on."""
        rebuild.ask()
        return RebuildState.of(rebuild)

    @router.get("/views/rebuild")
    async def state() -> RebuildState:
        """Whether a rebuild runs, how many views it has written, and of what it could not."""
        return RebuildState.of(rebuild)

    return router
