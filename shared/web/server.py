"""uvicorn, for clients that may never finish what they begin.

uvicorn bounds what comes between two requests only. Whoever sends half a header, a body byte by
byte, or reads no answer, would keep a connection for ever.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar, Final

import h11
import uvicorn
from pydantic_core import to_json
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from fastapi import FastAPI

    from shared.settings import Settings

SECONDS: Final = {h11.IDLE: 10, h11.SEND_BODY: 60}
"""How long the headers of a request may take, and then its body."""
_SECONDS_UNREAD: Final = 60
"""How long a client may read nothing of an answer."""
_HEAD: Final = """\
HTTP/1.1 {status} {phrase}\r
content-type: application/problem+json\r
content-length: {length}\r
retry-after: 10\r
x-content-type-options: nosniff\r
connection: close\r
\r
"""


class Protocol(H11Protocol):
    """A connection with deadlines; one too many is told to come back."""

    most_connections: ClassVar[int] = 1000
    _awaited: int | None = None
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Take a connection, if there is room for it."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "too many connections are open")
        else:
            self._await(SECONDS[h11.IDLE])

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and see how long the rest may take."""
        super().data_received(data)
        self._await(SECONDS.get(self.conn.their_state))

    def connection_lost(self, exc: Exception | None) -> None:
        """Await nothing any more."""
        self._await(None)
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read: wait, but not for ever."""
        super().pause_writing()
        self._unread = self.loop.call_later(_SECONDS_UNREAD, self.transport.abort)

    def resume_writing(self) -> None:
        """The client reads on."""
        if self._unread is not None:
            self._unread.cancel()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Say as problem+json what uvicorn says as plain text."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg.rstrip("."))

    def _await(self, seconds: int | None) -> None:
        """From now on, await so many seconds what is awaited; bytes that trickle in win no time."""
        if seconds == self._awaited:
            return
        self._awaited = seconds
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._give_up) if seconds else None

    def _give_up(self) -> None:
        if self.conn.their_state is h11.IDLE:
            reason = f"the request did not arrive within {self._awaited} s"
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, reason)
        else:
            self.transport.abort()

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        fields = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status,
            "detail": reason,
        }
        body = to_json(fields)
        head = _HEAD.format(status=status.value, phrase=status.phrase, length=len(body))
        self.transport.write(head.encode() + body)
        self.transport.close()


def configured(app: FastAPI, settings: Settings) -> uvicorn.Config:
    """How a service's HTTP is served."""

    class Bounded(Protocol):
        most_connections = settings.http_connections

    return uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=Bounded,
        ws="none",
        log_config=None,
        server_header=False,
        forwarded_allow_ips=list(settings.http_proxies),
        timeout_graceful_shutdown=5,
    )
