"""Links that are signed: who has one may do the one thing that it is for, until it is revoked."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer
from pydantic import ValidationError

from shared.contracts.base import Model

if TYPE_CHECKING:
    from services.notifications.settings import NotificationsSettings

MOST: Final = 500
"""Characters of a token; what is longer is not looked at."""


class Purpose(StrEnum):
    """What a link is for; the token of one is none for another."""

    UNSUBSCRIBE = "unsubscribe"
    PAGE = "page"
    CALENDAR = "calendar"


class Link(Model):
    """What a token says; nothing in it is about a person but the id of the subscription.

    Attributes:
        subscription: whose it is.
        revision: the subscription's `links`; it is raised to revoke all links made before.
        rule: which rule an unsubscribing ends; None ends all.
    """

    subscription: str
    revision: int
    rule: str | None = None


class NoLink(Exception):
    """The token was not made here for this purpose, or with a key that is not valid any more."""


class Signer(NamedTuple):
    """Makes addresses with signed tokens, and reads the tokens.

    Attributes:
        base: the public address of notifications, without a slash at its end.
        keys: the first signs; a token of any of them is valid.
    """

    base: str
    keys: tuple[str, ...]

    @property
    def host(self) -> str:
        """The name of the host at which people reach us."""
        return _host(self.base)

    def address(self, purpose: Purpose, link: Link) -> str:
        """The address that does what the purpose says; a calendar's ends as its format has it."""
        ending = ".ics" if purpose is Purpose.CALENDAR else ""
        return f"{self.base}/{purpose}/{self.token(purpose, link)}{ending}"

    def token(self, purpose: Purpose, link: Link) -> str:
        """The token alone."""
        said = (link.subscription, link.revision, *([link.rule] if link.rule else []))
        return _token(self.keys, purpose, said)

    def read(self, purpose: Purpose, token: str) -> Link:
        """What a token says.

        Raises:
            NoLink: it says nothing to us.
        """
        if len(token) > MOST:
            raise NoLink
        try:
            said = serializer(self.keys, purpose).loads(token)
            return Link(**dict(zip(Link.model_fields, said, strict=False)))
        except (BadData, ValidationError, TypeError):
            raise NoLink from None


def signer_of(settings: NotificationsSettings) -> Signer | None:
    """The signer that the settings make; None where there is no public address."""
    if not (settings.public_url and settings.link_keys):
        return None
    return Signer(settings.public_url, settings.keys)


@lru_cache(10_000)
def _token(keys: tuple[str, ...], purpose: Purpose, said: tuple[str | int, ...]) -> str:
    """A person's links are the same in each e-mail, and dear beside the rest of it."""
    return serializer(keys, purpose).dumps(said)


@lru_cache(16)
def serializer(keys: tuple[str, ...], purpose: Purpose) -> URLSafeSerializer:
    """What signs for a purpose, with the first of the keys, and reads what any of them signed."""
    return URLSafeSerializer(
        list(reversed(keys)),  # the library signs with the last
        salt=f"coalition.notifications.{purpose}",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


@lru_cache(16)
def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
