"""One connection to an SMTP server, and what can be said of an e-mail when it breaks."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import aiosmtplib

if TYPE_CHECKING:
    from services.notifications.letters import Letter
    from shared.settings import Settings

TIMEOUT_SECONDS: Final = 30
"""How long the server may take to answer each command."""
STEPS: Final = 14
"""Answers that one letter may wait for: on a connection that breaks, then on a new one with TLS."""


class Transport(Protocol):
    """Hands one letter over to SMTP."""

    async def send(self, letter: Letter) -> None:
        """Send one letter.

        Raises:
            Uncertain: the message was handed over, and no answer came.
            aiosmtplib.SMTPException: it was not taken.
            OSError: there was no connection.
        """

    async def close(self) -> None:
        """End the connection."""


class Uncertain(Exception):
    """The connection broke after the message was handed over."""


@dataclass(slots=True)
class Smtp:
    """One persistent connection to an SMTP server, made again when it is lost."""

    settings: Settings
    _client: aiosmtplib.SMTP | None = None
    _clean: bool = True

    async def send(self, letter: Letter) -> None:
        """See `Transport.send`."""
        client = await self._begun(letter)
        self._clean = False
        try:
            await client.data(letter.content, timeout=TIMEOUT_SECONDS)
        except (
            aiosmtplib.SMTPServerDisconnected,
            aiosmtplib.SMTPTimeoutError,
            ConnectionError,
        ) as error:
            raise Uncertain from error
        self._clean = True

    async def _begun(self, letter: Letter) -> aiosmtplib.SMTP:
        """Say from whom and to whom; a connection that idled away is made again."""
        if self._client and self._client.is_connected:
            with suppress(aiosmtplib.SMTPServerDisconnected, ConnectionError):
                await self._say(self._client, letter)
                return self._client
        self._client, self._clean = await self._connected(), True
        await self._say(self._client, letter)
        return self._client

    async def _say(self, client: aiosmtplib.SMTP, letter: Letter) -> None:
        if not self._clean:
            await client.rset(timeout=TIMEOUT_SECONDS)
        self._clean = False
        await client.mail(letter.sender, timeout=TIMEOUT_SECONDS)
        await client.rcpt(letter.recipient, timeout=TIMEOUT_SECONDS)

    async def close(self) -> None:
        """See `Transport.close`."""
        if self._client and self._client.is_connected:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=1)

    async def _connected(self) -> aiosmtplib.SMTP:
        password = self.settings.smtp_password
        client = aiosmtplib.SMTP(
            hostname=self.settings.smtp_host,
            port=self.settings.smtp_port,
            username=self.settings.smtp_username,
            password=password.get_secret_value() if password else None,
            use_tls=self.settings.smtp_tls == "tls",
            start_tls=self.settings.smtp_tls == "starttls",
            timeout=TIMEOUT_SECONDS,
        )
        await client.connect()
        await client.ehlo()
        return client
