"""Signatures after Standard Webhooks: of the message's id, the time, and the body as it is sent."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Final

from standardwebhooks import Webhook as Signer

from shared.contracts.base import Model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

_BYTES: Final = 32
"""Of a secret; Standard Webhooks asks for 24 to 64."""
_MOST: Final = 3
"""In use at a time: more rotations than that in one overlap end the oldest."""


class Secret(Model):
    """What a receiver checks signatures with.

    Attributes:
        until: it is used so long; None where it is the newest.
    """

    secret: str
    until: datetime | None = None


def new_secret() -> str:
    """A secret that nobody can guess, as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"


def rotated(before: Iterable[Secret], now: datetime, overlap: timedelta) -> list[Secret]:
    """A new secret, and those before it that are used for a while yet, newest first."""
    until = now + overlap
    ending = [
        one.model_copy(update={"until": min(one.until or until, until)})
        for one in before
        if one.until is None or one.until > now
    ]
    return [Secret(secret=new_secret()), *ending][:_MOST]


def signed(id_: str, body: str, all_of_them: Iterable[Secret], now: datetime) -> dict[str, str]:
    """The headers of a message: with a signature for each secret that is in use, newest first."""
    used = [one.secret for one in all_of_them if one.until is None or one.until > now]
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(one).sign(id_, now, body) for one in used),
    }
