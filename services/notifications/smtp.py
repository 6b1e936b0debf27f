"""One kept connection to a mail server, and whom its answers concern (`answers.py`)."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, Protocol

import aiosmtplib

from services.notifications.answers import (
    Answer,
    Refused,
    Unavailable,
    Uncertain,
    answer_of,
    broken,
    judged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.notifications.emails import Email
    from services.notifications.settings import NotificationsSettings

TIMEOUT_SECONDS: Final = 30
"""How long the server may take to answer each command before the message."""
BEGIN_SECONDS: Final = 150
"""How long all may take that comes before the message, on a kept connection and on a new one."""
_QUIT_SECONDS: Final = 1
_GO_ON: Final = 354
_UNKNOWN_COMMAND: Final = {500, 502}
_CLOSED_TLS: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
"""The connection was lost; any other failure of TLS is a certificate or a setting."""


class Transport(Protocol):
    """Hands e-mails over to SMTP, one after the other.

    Attributes:
        handing_over: whether the message is on its way: whoever stops now leaves it unknown.
    """

    handing_over: bool

    async def send(self, email: Email) -> None:
        """Send one e-mail.

        Raises:
            Refused: or Deferred; it concerns this e-mail alone.
            Unavailable: or Uncertain; the server takes nothing now.
        """

    async def close(self, idle: float = 0) -> None:
        """End the connection, unless it was used within so many seconds."""


class Connection:
    """A connection that is made when there is something to send, and kept.

    Args:
        settings: where the server is, who logs in, and how long it is kept.
    """

    def __init__(self, settings: NotificationsSettings) -> None:
        self._settings = settings
        self._client: aiosmtplib.SMTP | None = None
        self._clean, self._sent, self._used = True, 0, 0.0
        self.handing_over = False

    async def send(self, email: Email) -> None:
        """See `Transport.send`."""
        self.handing_over = begun = False
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                client = await self.begin(email.sender)
                begun = True
                await self._recipient(client, email.recipient)
                await self._go_on(client, email.recipient)
            await self._message(client, email)
        except Refused:
            raise  # the server is well, and waits for the next one
        except TimeoutError as error:
            self._abandon()
            raise Unavailable(broken(error), begun=begun) from error
        except BaseException:
            self._abandon()  # nobody knows where in the dialogue it is
            raise
        self._sent += 1
        if self._sent >= self._settings.mail_per_connection:
            await self.close()

    async def close(self, idle: float = 0) -> None:
        """See `Transport.close`."""
        if self._client is None or time.monotonic() - self._used < idle:
            return
        try:
            with suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=_QUIT_SECONDS)
        finally:
            self._abandon()

    def _abandon(self) -> None:
        if self._client:
            self._client.close()
        self._client = None

    # --- the dialogue -------------------------------------------------------------------

    async def begin(self, sender: str) -> aiosmtplib.SMTP:
        """Say from whom; a kept session may have ended in many ways, so a new one has the word.

        Raises:
            Unavailable: the server does not take it.
        """
        if self._client:
            with suppress(Unavailable):
                return await self._mail(self._client, sender)
            self._abandon()
        return await self._mail(await self._connected(), sender)

    async def _connected(self) -> aiosmtplib.SMTP:
        """Connect and log in, each step by itself, so that each answer is the server's own.

        Raises:
            Unavailable: whatever goes wrong here has nothing to do with any e-mail.
        """
        settings = self._settings
        client = self._client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            local_hostname=settings.smtp_client_name,
            use_tls=settings.smtp_tls == "tls",
            start_tls=False,
            timeout=TIMEOUT_SECONDS,
        )
        self._clean, self._sent = True, 0
        try:
            with _failures():
                await client.connect()
                await _greet(client)
                if settings.smtp_tls == "starttls":
                    await client.starttls()
                    await client.ehlo()
                if settings.smtp_username and settings.smtp_password:
                    password = settings.smtp_password.get_secret_value()
                    await client.login(settings.smtp_username, password)
        except (ValueError, RuntimeError) as error:  # a name or a challenge that cannot be encoded
            raise Unavailable(broken(error), permanent=True) from error
        return client

    async def _mail(self, client: aiosmtplib.SMTP, sender: str) -> aiosmtplib.SMTP:
        with _failures():
            if not self._clean:
                await client.rset()
            self._clean = False
            response = await client.execute_command(b"MAIL", _path(b"FROM", sender))
        if not _went_well(response):
            answer = answer_of(*response)
            raise Unavailable(answer, permanent=answer.permanent)
        return client

    async def _recipient(self, client: aiosmtplib.SMTP, recipient: str) -> None:
        with _failures(begun=True):
            response = await client.execute_command(b"RCPT", _path(b"TO", recipient))
        if not _went_well(response):
            raise judged(answer_of(*response, hide=recipient))

    async def _go_on(self, client: aiosmtplib.SMTP, recipient: str) -> None:
        """Have the server wait for the message; until then it has taken nothing."""
        with _failures(begun=True):
            response = await client.execute_command(b"DATA")
        if response.code != _GO_ON:
            answer = answer_of(*response, hide=recipient)
            raise Unavailable(answer, permanent=answer.permanent, begun=True)

    async def _message(self, client: aiosmtplib.SMTP, email: Email) -> None:
        protocol = client.protocol
        if protocol is None or not protocol.is_connected:
            raise Unavailable(Answer(None, None, "the connection was lost"), begun=True)
        self.handing_over = True
        protocol.write(email.content.replace(b"\n.", b"\n..") + b".\r\n")
        try:
            response = await protocol.read_response(self._settings.mail_answer_seconds)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Uncertain(broken(error), begun=True) from error
        self.handing_over, self._clean, self._used = False, True, time.monotonic()
        if _went_well(response):
            return
        answer = answer_of(*response, hide=email.recipient)
        if not (answer.transient or answer.permanent):
            raise Uncertain(answer, begun=True)
        raise judged(answer, message=True)


async def _greet(client: aiosmtplib.SMTP) -> None:
    """Say who we are, in the old way to a server that does not know the new one (RFC 5321 3.2)."""
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in _UNKNOWN_COMMAND or not client.is_connected:
            raise
        await client.helo()


@contextmanager
def _failures(*, begun: bool = False) -> Iterator[None]:
    """Have what the library raises of the server or the connection be what it means to us."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as error:
        answer = answer_of(error.code, error.message)
        raise Unavailable(answer, permanent=answer.permanent, begun=begun) from error
    except OSError as error:
        cause = error.__cause__ or error
        no_tls = isinstance(cause, ssl.SSLError) and not isinstance(cause, _CLOSED_TLS)
        raise Unavailable(broken(error), permanent=no_tls, begun=begun) from error
    except aiosmtplib.SMTPException as error:  # it cannot do what the settings ask for
        raise Unavailable(broken(error), permanent=True, begun=begun) from error


def _went_well(response: aiosmtplib.SMTPResponse) -> bool:
    """Whether the server did what it was asked for: then nobody reads its words."""
    return response.code // 100 == 2  # noqa: PLR2004 - RFC 5321's first digit


def _path(name: bytes, address: str) -> bytes:
    return name + b":<" + address.encode("ascii") + b">"
