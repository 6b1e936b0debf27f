"""A folder of a mailbox, over IMAP (RFC 9051): read from a place on, each message within a bound.

The library waits for each answer, so all of it is called beside the loop.
"""

from __future__ import annotations

import logging
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from services.notifications.bounces import MOST_BYTES
from shared.checks.fault import Fault, variable
from shared.checks.network import Names, fault_of

if TYPE_CHECKING:
    from services.notifications.settings import NotificationsSettings

logging.getLogger("imapclient").setLevel(logging.CRITICAL)  # it would log what is in messages

FAILURES: Final = (IMAPClientError, OSError, EOFError)
"""What a mailbox fails with: it is tried again later."""
_SECONDS: Final = 15
"""How long one answer may take."""
_STEP: Final = 10_000
"""Of a large folder not all is listed in one answer."""
_CONTENT: Final = f"BODY.PEEK[]<0.{MOST_BYTES}>"
"""Its beginning, where it is larger: a report comes before what it is about. Nothing is marked."""


class NoFolder(Exception):
    """There is no such folder, or it may not be read."""


class Folder:
    """A folder that is open.

    Args:
        settings: where the mailbox is, who logs in, and which folder it is.

    Attributes:
        validity: as long as it is the same, a number names the same message.

    Raises:
        NoFolder: or one of `FAILURES`.
    """

    def __init__(self, settings: NotificationsSettings) -> None:
        self._taken = settings.imap_taken_folder
        self._client: Any = _connected(settings)
        try:
            _log_in(self._client, settings)
            selected = _select(self._client, settings.imap_folder)
            self.validity, self._next = _numbers(selected)
        except BaseException:
            self.close()
            raise

    def after(self, number: int) -> list[int]:
        """The next messages after one, by their numbers, in the order in which they came."""
        for first in range(number + 1, self._next, _STEP):
            last = min(first + _STEP, self._next) - 1
            if found := sorted(self._client.search(["UID", f"{first}:{last}"])):
                return found
        return []

    def content(self, number: int) -> bytes | None:
        """A message, its first `MOST_BYTES`; None where it is not there any more."""
        found = self._client.fetch([number], [_CONTENT]).get(number, {})
        parts = (value for key, value in found.items() if key.startswith(b"BODY["))
        content = next(parts, None)
        return content if isinstance(content, bytes) else None

    def put_aside(self, number: int) -> None:
        """Move what was taken out of the way, where the server can; else mark it as seen."""
        if not self._client.has_capability("MOVE"):
            self._client.add_flags([number], [rb"\Seen"], silent=True)
            return
        try:
            self._client.move([number], self._taken)
        except IMAPClientAbortError:
            raise
        except IMAPClientError:  # there is no such folder yet
            self._client.create_folder(self._taken)
            self._client.move([number], self._taken)

    def close(self) -> None:
        """End the connection."""
        try:
            self._client.logout()
        except FAILURES:
            with suppress(*FAILURES):
                self._client.shutdown()


def is_lost(error: Exception) -> bool:
    """Whether the connection is gone; else one command was refused."""
    return isinstance(error, (IMAPClientAbortError, OSError, EOFError))


def what_is_wrong(error: Exception, settings: NotificationsSettings) -> Fault:
    """What is wrong with the settings, or with what they name."""
    where = f"{settings.imap_host}:{settings.imap_port}"
    if isinstance(error, LoginError):
        return Fault(variable("imap_username", "imap_password"), f"{where} refuses the login")
    if isinstance(error, NoFolder):
        reason = f"{where} has no folder {settings.imap_folder!r} for this user"
        return Fault(variable("imap_folder"), reason)
    address, tls = variable("imap_host", "imap_port"), variable("imap_tls")
    if isinstance(error, (OSError, EOFError)):
        return fault_of(error, Names(address, address, tls), where)
    if isinstance(error, IMAPClientAbortError):
        return Fault(address, f"{where} ends the connection", passes=True)
    return Fault(f"{address}, {tls}", f"{where} does not do what it is asked for", passes=True)


def _connected(settings: NotificationsSettings) -> Any:  # noqa: ANN401 - the library has no types
    tls = settings.imap_tls
    context = ssl.create_default_context()
    client = IMAPClient(
        settings.imap_host,
        settings.imap_port,
        ssl=tls == "tls",
        ssl_context=context if tls == "tls" else None,
        timeout=_SECONDS,
    )
    if tls == "starttls":
        try:
            client.starttls(context)
        except BaseException:
            client.shutdown()
            raise
    return client


def _select(client: Any, folder: str) -> dict[bytes, Any]:  # noqa: ANN401 - likewise
    try:
        return dict(client.select_folder(folder))
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        raise NoFolder(folder) from error


def _numbers(selected: dict[bytes, Any]) -> tuple[int, int]:
    """For how long numbers hold, and the next one; not every server says both."""
    try:
        return int(selected[b"UIDVALIDITY"]), int(selected[b"UIDNEXT"])
    except (KeyError, TypeError, ValueError):
        raise IMAPClientError("the messages of the folder have no numbers") from None


def _log_in(client: Any, settings: NotificationsSettings) -> None:  # noqa: ANN401 - likewise
    password = settings.imap_password.get_secret_value() if settings.imap_password else ""
    user = settings.imap_username or ""
    # LOGIN is of ASCII alone, and the library would fail; PLAIN is of UTF-8 (RFC 4616).
    log_in = client.login if f"{user}{password}".isascii() else client.plain_login
    log_in(user, password)
