"""One request to a receiver, and its answer: bounded in time and size, nothing is followed."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from importlib import metadata
from typing import TYPE_CHECKING, Final, Protocol

import httpx

from services.notifications.webhooks.body import CONTENT_TYPE
from services.notifications.webhooks.connecting import (
    CONNECT_SECONDS,
    Forbidden,
    OnlyAllowed,
)
from services.notifications.webhooks.delivery import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.notifications.settings import NotificationsSettings

_MOST_BYTES: Final = 64 * 1024
"""Of an answer, so that its connection can be used again; of a longer one the rest is not read."""
_MOST_WAIT: Final = 86_400


class Poster(Protocol):
    """Sends messages to one receiver."""

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        """Send a message; whatever goes wrong is an answer, too."""

    async def close(self) -> None:
        """Close what is open."""


class HttpPoster:
    """Over HTTP.

    Args:
        settings: how long an answer may take, and which networks are allowed.
        connections: at a time.
        way: the transport, where it is another one.
    """

    def __init__(
        self,
        settings: NotificationsSettings,
        connections: int,
        way: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._seconds = settings.webhook_answer_seconds
        self._client = httpx.AsyncClient(
            transport=way or OnlyAllowed(settings.webhook_networks, connections),
            timeout=httpx.Timeout(self._seconds, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,
            headers={"user-agent": f"coalition/{metadata.version('coalition')}"},
        )

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        """Send a message; whatever goes wrong is an answer, too."""
        sent = {**headers, "content-type": CONTENT_TYPE, "accept-encoding": "identity"}
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", url, content=body.encode(), headers=sent) as answer,
            ):
                await _drain(answer)
                return _read(answer)
        except (TimeoutError, httpx.TimeoutException):
            return Answer(None, f"no answer in {self._seconds:g} s")
        except Forbidden as error:
            return Answer(None, str(error))
        except httpx.HTTPError as error:
            return Answer(None, _why(error))

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


async def _drain(answer: httpx.Response) -> None:
    """Read a short body, for the sake of the connection; what it says is nobody's business."""
    size = 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > _MOST_BYTES:
            return


def _read(answer: httpx.Response) -> Answer:
    reason = f"HTTP {answer.status_code}"
    if answer.is_redirect:
        reason += ": redirects are not followed"
    asked = answer.headers.get("retry-after", "")
    wait = min(int(asked), _MOST_WAIT) if asked.isascii() and asked.isdigit() else 0
    return Answer(answer.status_code, reason, timedelta(seconds=wait))


def _why(error: httpx.HTTPError) -> str:
    """Why there was no answer, without what the other side wrote."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return str(error) or "it cannot be reached"
    return f"the connection broke: {type(error).__name__}"
