"""What an e-mail says that came to the address for bounces: that one of ours came back, and why.

RFC 3464's reports are read by the standard library, what older servers write by flufl.bounce. An
automatic reply is no bounce, and nor is a word that something is only late.
"""

from __future__ import annotations

import logging
import re
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from flufl.bounce import all_failures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.notifications.verp import Returns

logging.getLogger("flufl.bounce").disabled = True  # it would log what is in a message

MOST_BYTES: Final = 1024 * 1024
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_ENVELOPE: Final = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
"""Where a mail server says to which address it delivered a message."""
_AUTOMATIC: Final = ("X-Autoreply", "X-Autorespond")
_MOST_PARTS: Final = 50
_MOST_FIELDS: Final = 20
_MOST_OF_A_FIELD: Final = 2000
"""Characters; who writes more to us would have us read addresses for seconds."""
_NOBODY: Final = "MAILER-DAEMON@localhost"
"""Who sent a message that does not say it: without a sender flufl.bounce fails (its `yale`)."""
_OURS: Final = re.compile(r"<([\w.-]{1,150})@[^<>@\s]{1,255}>", re.ASCII)


class MessageKind(StrEnum):
    """What came."""

    BOUNCE = "bounce"
    LATE = "late"
    AUTOMATIC_REPLY = "automatic_reply"
    OTHER = "other"


class Returned(NamedTuple):
    """What a message says.

    Attributes:
        subscription: whose e-mail it was; None where no address of it is one of ours.
        status: RFC 3463's code, for a bounce; `5.0.0` where none was given.
        delivery: the e-mail that came back, where the message has its id.
    """

    kind: MessageKind
    subscription: str | None = None
    status: str = ""
    delivery: str | None = None


def read(content: bytes, returns: Returns, recipient: str = "") -> Returned:
    """Read a message, which may be anything.

    Args:
        content: as it came.
        returns: tells whose it is.
        recipient: to which address it came, where the mail server says so; else the header says it.
    """
    try:
        return _read(message_from_bytes(content), returns, recipient)
    except Exception:  # noqa: BLE001 - anybody may write here, and it would be read for ever
        return Returned(MessageKind.OTHER)  # nothing that a mail server wrote


def _read(message: Message, returns: Returns, recipient: str) -> Returned:
    subscription = _whose(message, returns, recipient)
    kind, status = _report(message) or _older(message)
    if subscription is None or kind is not MessageKind.BOUNCE:
        return Returned(kind, subscription)
    return Returned(kind, subscription, status, _delivery(message, subscription))


def _whose(message: Message, returns: Returns, recipient: str) -> str | None:
    found = (value for name in _ENVELOPE for value in message.get_all(name, []))
    fields = [str(value)[:_MOST_OF_A_FIELD] for value in islice(found, _MOST_FIELDS)]
    given = [recipient] if recipient else [address for _, address in getaddresses(fields)]
    return next(filter(None, map(returns.whose, given)), None)


def _report(message: Message) -> tuple[MessageKind, str] | None:
    """What RFC 3464's part says; None where there is none."""
    for part in _parts(message):
        if part.get_content_type() != "message/delivery-status":
            continue
        groups = part.get_payload()
        found = [one for one in groups if isinstance(one, Message)] if groups else []
        actions = {str(one.get("Action", "")).partition(";")[0].strip().lower() for one in found}
        if "failed" in actions:
            failed = [one for one in found if "failed" in str(one.get("Action", "")).lower()]
            return MessageKind.BOUNCE, _status(failed)
        return (MessageKind.LATE, "") if "delayed" in actions else (MessageKind.OTHER, "")
    return None


def _status(groups: list[Message]) -> str:
    """The code: what the last server said of it is more than what the one before made of that."""
    for name in ("Diagnostic-Code", "Status"):
        for group in groups:
            match = _STATUS.search(str(group.get(name, "")))
            if match and match[1][0] in "45":
                return match[1]
    return "5.0.0"


def _older(message: Message) -> tuple[MessageKind, str]:
    """What servers say that know no RFC 3464."""
    if _is_automatic(message):
        return MessageKind.AUTOMATIC_REPLY, ""
    if len([*islice(message.walk(), _MOST_PARTS + 1)]) > _MOST_PARTS:
        return MessageKind.OTHER, ""  # flufl.bounce would walk through all of them, and often
    if not getaddresses([str(message.get("From", ""))]):
        del message["From"]
        message["From"] = _NOBODY
    late, failed = all_failures(message)
    if failed:
        return MessageKind.BOUNCE, _in_words(message)
    return (MessageKind.LATE, "") if late else (MessageKind.OTHER, "")


def _in_words(message: Message) -> str:
    for part in _parts(message):
        if part.get_content_type() == "text/plain":
            body = part.get_payload(decode=True)
            text = body.decode(errors="replace") if isinstance(body, bytes) else ""
            if match := re.search(r"\b5\d\d[ -#]+(5\.\d{1,3}\.\d{1,3})\b", text):
                return match[1]
    return "5.0.0"


def _is_automatic(message: Message) -> bool:
    """Whether it is somebody's absence or a machine's thanks (RFC 3834)."""
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    if submitted == "auto-replied":
        return not _is_from_nobody(message)
    precedence = str(message.get("Precedence", "")).strip().lower()
    return precedence == "auto_reply" or any(message.get(name) for name in _AUTOMATIC)


def _is_from_nobody(message: Message) -> bool:
    """Whether a mail server wrote it: some say of their bounces that they are automatic replies."""
    path = str(message.get("Return-Path", "")).strip()
    return path == "<>" and message.get_content_type() == "multipart/report"


def _delivery(message: Message, subscription: str) -> str | None:
    """The id of the e-mail that came back, by the header of it that the bounce has."""
    for part in _parts(message):
        if part.get_content_type() in {"message/rfc822", "text/rfc822-headers"} or part is message:
            payload = part.get_payload()
            inner = payload[0] if isinstance(payload, list) and payload else payload
            text = inner.as_string()[:20_000] if isinstance(inner, Message) else str(inner)[:20_000]
            for id_ in _OURS.findall(text):
                if id_.endswith(f".{subscription}"):
                    return str(id_)
    return None


def _parts(message: Message) -> Iterator[Message]:
    yield from islice(message.walk(), _MOST_PARTS)
