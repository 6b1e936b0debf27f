"""E-mails sealed with DKIM (RFC 6376), where a key is set; else the relay may do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import dkim

if TYPE_CHECKING:
    from collections.abc import Callable

    from services.notifications.settings import NotificationsSettings

    Seal = Callable[[bytes], bytes]

SEALED: Final = (
    *("From", "To", "Subject", "Date", "Message-ID", "References", "MIME-Version"),
    *("Content-Type", "Content-Language", "Auto-Submitted", "List-Id"),
    *("List-Unsubscribe", "List-Unsubscribe-Post"),
)
"""All fields that a reader or a mail client goes by; RFC 8058 wants the last two."""
_ONCE_MORE: Final = ("From", "To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post")
"""Named once more than they are there, so that nobody on the way adds a second one."""


class Dkim(NamedTuple):
    """What e-mails are sealed with.

    Attributes:
        key: a private key of RSA in PEM. Ed25519 is not verified everywhere yet.
    """

    domain: bytes
    selector: bytes
    key: bytes

    def seal(self, content: bytes) -> bytes:
        """An e-mail with its `DKIM-Signature` before all other fields."""
        field = dkim.sign(
            content,
            self.selector,
            self.domain,
            self.key,
            # What changes on the way without harm: blanks, and how fields are folded.
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in (*SEALED, *_ONCE_MORE)],
        )
        return bytes(field) + content


def seal_of(settings: NotificationsSettings) -> Seal | None:
    """How e-mails are sealed, by the settings; None where they are not."""
    if settings.mail_dkim_key is None or settings.mail_dkim_selector is None:
        return None
    key = settings.mail_dkim_key.get_secret_value().encode()
    return Dkim(settings.dkim_domain.encode(), settings.mail_dkim_selector.encode(), key).seal
