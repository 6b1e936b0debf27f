"""E-mails as SMTP takes them: what all recipients of a notification share, and each one's own."""

from __future__ import annotations

import binascii
import html
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from email_validator import validate_email

from services.notifications import drawing, headers, letters
from services.notifications.domain import NO_NAMES, Names, Reader, known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.notifications.delivery import Delivery
    from services.notifications.domain import Letter
    from services.notifications.subscription import Subscription
    from shared.addresses import Mailbox

_BOUNDARY: Final = "=_coalition"
"""Between the parts of an e-mail: `=_` never is in what is quoted-printable (RFC 2045)."""
_SOFT_BREAK: Final = b"=\r\n"
"""Ends a line of what is quoted-printable without ending one of the text."""


class Email(NamedTuple):
    """An e-mail as SMTP takes it, all of it ASCII."""

    sender: str
    recipient: str
    content: bytes


class NoAddress(Exception):
    """The address has no form in ASCII, which is all that every mail server understands."""


class Body(NamedTuple):
    """A text as it is sent, but for its slots: every second piece is the name of one."""

    pieces: tuple[bytes, ...]

    def filled(self, own: Mapping[str, bytes]) -> bytes:
        """The whole of it, with what is a recipient's own."""
        pieces = self.pieces
        each = (own[one.decode()] if n % 2 else one for n, one in enumerate(pieces))
        return _SOFT_BREAK.join(each)


class Drawn(NamedTuple):
    """A letter as it is sent, but for what is each recipient's own."""

    fields: bytes
    plain: Body
    html: Body


def render(
    delivery: Delivery,
    subscription: Subscription,
    sender: Mailbox,
    now: datetime,
    names: Names = NO_NAMES,
) -> Email:
    """Make the e-mail in the person's language, HTML and plain text.

    The same delivery has the same Message-ID always.

    Raises:
        NoAddress: the name before the `@` is not ASCII.
        Exception: whatever the libraries make of what is in it; it concerns this e-mail alone.
    """
    recipient, to = _to(subscription.name, subscription.address)
    domain = sender.address.rpartition("@")[2]
    fields = f"{to}\r\nDate: {format_datetime(now)}\r\nMessage-ID: <{delivery.id}@{domain}>\r\n"
    reader = Reader(known(subscription.language), names)
    drawn = _drawn(letters.letter(delivery, subscription, reader), sender, reader)
    own = {
        "why": letters.why(delivery, subscription, reader),
        "change": letters.change(sender.address, reader),
    }
    content = fields.encode("ascii") + drawn.fields + _body(drawn, own)
    return Email(sender.address, recipient, content)


@lru_cache(1024)
def _to(name: str, address: str) -> tuple[str, str]:
    """A person's address in ASCII, and the field that names them in any script: dear to make."""
    plain = validate_email(address, check_deliverability=False).ascii_email
    if plain is None:
        raise NoAddress
    return plain, headers.mailbox("To", name, plain)


@lru_cache(256)
def _drawn(letter: Letter, sender: Mailbox, reader: Reader) -> Drawn:
    """What all who read one language get of a letter: made once, since that is dear."""
    fields = (
        headers.mailbox("From", sender.name, sender.address),
        headers.subject(letter.subject),
        f"Content-Language: {reader.language}",
        "Auto-Submitted: auto-generated",
        # Exchange looks at this instead; bounces (DR) are wanted.
        "X-Auto-Response-Suppress: OOF, AutoReply",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"',
    )
    return Drawn(
        "\r\n".join([*fields, "", ""]).encode("ascii"),
        _prepared(drawing.plain(letter, reader)),
        _prepared(drawing.html(letter, reader)),
    )


def _prepared(text: str) -> Body:
    """A text in pieces, encoded but for the names of its slots."""
    pieces = drawing.SLOT.split(text)
    return Body(tuple(one.encode() if n % 2 else _quoted(one) for n, one in enumerate(pieces)))


def _quoted(text: str) -> bytes:
    """A text as quoted-printable: ASCII, in lines of 76 characters, whatever it holds."""
    quoted = binascii.b2a_qp(text.encode("utf-8", "replace"), istext=True)
    return quoted.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _body(drawn: Drawn, own: Mapping[str, str]) -> bytes:
    plain = drawn.plain.filled({name: _quoted(text) for name, text in own.items()})
    escaped = {name: _quoted(html.escape(text)) for name, text in own.items()}
    return b"".join([*_part("plain", plain), *_part("html", drawn.html.filled(escaped)), _LAST])


def _part(kind: str, content: bytes) -> Sequence[bytes]:
    return (_FIELDS_OF_PART.format(kind=kind).encode(), content)


_FIELDS_OF_PART: Final = (
    f'\r\n--{_BOUNDARY}\r\nContent-Type: text/{{kind}}; charset="utf-8"\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_LAST: Final = f"\r\n--{_BOUNDARY}--\r\n".encode()
