"""An SMTP server in the test's own loop, that can be told to misbehave."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP

from tests.containers import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiosmtpd.smtp import Envelope, Session


@dataclass(slots=True)
class MailServer:
    """Keeps what it took.

    Attributes:
        taken: the recipient and Message-ID of each message that was taken.
        answer: what it says after the message; a message is taken with 250 only.
        drop: whether it takes messages and drops the connection in the place of an answer.
        banner: seconds before it greets.
    """

    port: int = field(default_factory=free_port)
    taken: list[tuple[str, str]] = field(default_factory=list)
    answer: str = "250 kept"
    drop: bool = False
    banner: float = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer a message as told."""
        del session
        if self.answer.startswith("250"):
            message = message_from_bytes(bytes(envelope.original_content or b""))
            self.taken.append((envelope.rcpt_tos[0], message["Message-ID"]))
        if self.drop and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return self.answer


class _Slow(SMTP):
    """Greets late, where it is told to."""

    async def _handle_client(self) -> None:
        if isinstance(self.event_handler, MailServer):
            await asyncio.sleep(self.event_handler.banner)
        await super()._handle_client()


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A mail server that takes connections while the block runs."""
    here = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Slow(here, hostname="test", loop=loop), "127.0.0.1", here.port
    )
    try:
        yield here
    finally:
        server.close()
