"""A receiver of webhooks on a port of its own, that is told how to answer."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web
from standardwebhooks import Webhook as Verifier

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Mapping

CLOSE: Final = 0
"""No answer: the connection is closed."""
HANG: Final = -1
"""No answer: the connection stays open."""
HUGE: Final = -2
"""An answer without end."""
REDIRECT: Final = 307


@dataclass(frozen=True)
class Message:
    """What arrived.

    Attributes:
        times: how often it has arrived by now, by its webhook-id.
    """

    headers: Mapping[str, str]
    body: str
    times: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def about(self) -> str:
        return str(self.event["subject"])

    def verify(self, secret: str) -> None:
        """See that it is signed; Standard Webhooks' own library says so."""
        Verifier(secret).verify(self.body, dict(self.headers))


@dataclass
class Receiver:
    """What arrived, and how it is answered.

    Attributes:
        answer: the status for a message, or one of the words above.
        taken: what was answered with a success, by what it is about, in order.
        most: so many were on their way at a time.
    """

    port: int = 0
    answer: Callable[[Message], int] = lambda _: 204
    got: list[Message] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    most: int = 0
    location: str = ""
    release: asyncio.Event = field(default_factory=asyncio.Event)
    _times: Counter[str] = field(default_factory=Counter)
    _now: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self._times[headers["webhook-id"]] += 1
        message = Message(headers, body, self._times[headers["webhook-id"]])
        self.got.append(message)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            return await self._answered(request, message)
        finally:
            self._now -= 1

    async def _answered(self, request: web.Request, message: Message) -> web.StreamResponse:
        status = self.answer(message)
        if status == HANG:
            await self.release.wait()
            status = 204
        if status == CLOSE:
            assert request.transport
            request.transport.close()
            return web.Response()
        if status == HUGE:
            return await _endless(request)
        if 200 <= status < 300:
            self.taken[message.about].append(message.id)
        location = {"location": self.location} if status == REDIRECT else {}
        return web.Response(status=status, headers=location)


async def _endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(status=200)
    await answer.prepare(request)
    with suppress(ConnectionError):
        while True:
            await answer.write(b"x" * 65536)
    return answer


@asynccontextmanager
async def receiver(
    answer: Callable[[Message], int] = lambda _: 204, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Receive on a free port, until the end."""
    here = Receiver(answer=answer)
    app = web.Application()
    app.router.add_post("/hook", here.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    here.port = runner.addresses[0][1]
    try:
        yield here
    finally:
        here.release.set()
        await runner.cleanup()
