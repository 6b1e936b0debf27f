"""Whether the mail server takes us as the settings say, up to the sender; no e-mail is sent.

And whether the mailbox can be read to which e-mails come back.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiosmtplib.errors import SMTPAuthenticationError, SMTPException

from services.notifications import imap
from services.notifications.answers import Unavailable
from services.notifications.smtp import Connection
from shared.checks.fault import Fault, variable
from shared.checks.network import Names, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.notifications.settings import NotificationsSettings

_SECONDS: Final = 10


class MailCheck:
    """Connects, encrypts and logs in as the mailer does, and says from whom e-mails are."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._settings = settings

    async def __call__(self) -> list[Fault]:
        """What is wrong; nothing where the server would take an e-mail of ours."""
        transport = Connection(self._settings)
        try:
            async with asyncio.timeout(_SECONDS):
                await transport.begin(self._settings.mail_from.address)
        except TimeoutError as error:
            return [self._unreached(error)]
        except Unavailable as error:
            return [self._fault(error)]
        finally:
            await transport.close()
        return []

    def _fault(self, error: Unavailable) -> Fault:
        cause, answer = error.__cause__, str(error.answer)
        if cause is None:
            reason = f"the mail server takes no e-mail of this sender: {answer}"
            return Fault(variable("mail_from"), reason, not error.permanent)
        if isinstance(cause, SMTPAuthenticationError):
            reason = f"the mail server refuses the login: {answer}"
            return Fault(variable("smtp_username", "smtp_password"), reason, not error.permanent)
        if isinstance(cause, OSError) and error.answer.code is None:
            return self._unreached(cause)
        if "AUTH" in answer and isinstance(cause, SMTPException):
            reason = f"{self._where} takes no login, or none without TLS: {answer}"
            return Fault(variable("smtp_username", "smtp_tls"), reason)
        if "STARTTLS" in answer:
            return Fault(variable("smtp_tls"), f"{self._where} does no STARTTLS: {answer}")
        reason = f"{self._where} takes nothing: {answer}"
        return Fault(variable("smtp_host", "smtp_port"), reason, not error.permanent)

    def _unreached(self, error: BaseException) -> Fault:
        where, tls = variable("smtp_host", "smtp_port"), variable("smtp_tls")
        return fault_of(_innermost(error), Names(where, where, tls), self._where)

    @property
    def _where(self) -> str:
        return f"{self._settings.smtp_host}:{self._settings.smtp_port}"


class MailboxCheck:
    """Logs in as the mailbox's reader does, and opens the folder; nothing is read."""

    def __init__(self, settings: NotificationsSettings) -> None:
        self._settings = settings

    async def __call__(self) -> list[Fault]:
        """What is wrong; nothing where bounces can be read, or none are to be."""
        if self._settings.imap_host is None:
            return []
        try:
            folder = await asyncio.to_thread(imap.Folder, self._settings)
        except (*imap.FAILURES, imap.NoFolder) as error:
            return [imap.what_is_wrong(error, self._settings)]
        await asyncio.to_thread(folder.close)
        return []


def _innermost(error: BaseException) -> BaseException:
    """The failure of the connection itself, which the library wraps."""
    return [*_causes(error)][-1]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while isinstance(error, OSError):
        yield error
        error = error.__cause__
