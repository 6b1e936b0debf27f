"""Whose e-mail came back: the address to which it does names the subscription, and is signed.

Everything that is sent to it can be from anybody, so nobody can make up an address of another
subscription: it ends with a code that only we can make (VERP, variable envelope return path).
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from base64 import b32decode, b32encode
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from services.notifications.settings import NotificationsSettings

_PURPOSE: Final = b"coalition.notifications.bounce"
_ID_LENGTH: Final = 26
_CODE_BYTES: Final = 5


class Returns(NamedTuple):
    """Where e-mails come back to.

    Attributes:
        address: without what is added for each subscription.
        keys: the first signs; a code of any of them is valid.
    """

    address: str
    keys: tuple[str, ...]

    def of(self, subscription: str) -> str:
        """The address to which e-mails to a person come back."""
        return _of(self.address, self.keys[0], subscription)

    def whose(self, address: str) -> str | None:
        """The subscription whose e-mails come back to an address; None for any other address."""
        local, _, domain = self.address.lower().partition("@")
        given, _, given_domain = address.strip().strip("<>").lower().rpartition("@")
        name, _, token = given.partition("+")
        id_, code = token[:_ID_LENGTH].upper(), token[_ID_LENGTH:].upper()
        if (name, given_domain) != (local, domain) or not token.isascii():
            return None
        if not any(hmac.compare_digest(_code(key, id_), code) for key in self.keys):
            return None
        return str(uuid.UUID(bytes=b32decode(f"{id_}======")))


def returns_of(settings: NotificationsSettings) -> Returns | None:
    """Where e-mails come back to, by the settings; None where they come back to the sender."""
    if not settings.mail_bounce_address:
        return None
    return Returns(settings.mail_bounce_address, settings.keys)


@lru_cache(10_000)
def _of(address: str, key: str, subscription: str) -> str:
    """A person's e-mails all come back to one address, and it is dear beside the rest of one."""
    local, _, domain = address.partition("@")
    token = b32encode(uuid.UUID(subscription).bytes).decode().rstrip("=")
    return f"{local}+{token}{_code(key, token)}@{domain}".lower()


def _code(key: str, token: str) -> str:
    digest = hmac.new(key.encode(), _PURPOSE + token.encode(), hashlib.sha256).digest()
    return b32encode(digest[:_CODE_BYTES]).decode()
