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

_BYTES: Final = 32
"""Of a secret; Standard Webhooks asks for 24 to 64."""


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


def signed(id_: str, body: str, all_of_them: Iterable[Secret], now: datetime) -> dict[str, str]:
    """The headers of a message: with a signature for each secret that is in use, newest first."""
    used = [one.secret for one in all_of_them if one.until is None or one.until > now]
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(one).sign(id_, now, body) for one in used),
    }
