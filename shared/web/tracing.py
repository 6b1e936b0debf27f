"""The trace that a request over HTTP comes with: what is said because of it stands below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.tracing.context import REQUEST, of_headers

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Traced:
    """The application within, which knows the trace of its request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = ((name.decode("latin-1"), value) for name, value in scope["headers"])
        before = REQUEST.set(of_headers(headers))
        try:
            await self._app(scope, receive, send)
        finally:
            REQUEST.reset(before)
