"""E-mails as SMTP takes them: what all recipients of a notification share, and each one's own."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from email_validator import validate_email
from markupsafe import Markup, escape

from services.notifications import drawing, headers, letters, listing
from services.notifications.calendars import icalendar
from services.notifications.domain import NO_NAMES, Names, Reader, known
from services.notifications.domain.calendars import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from services.notifications.delivery import Delivery
    from services.notifications.domain import Letter
    from services.notifications.signing import Signer
    from services.notifications.subscription import Subscription
    from shared.addresses import Mailbox

_BOUNDARY: Final = "=_coalition"
"""Between the parts of an e-mail: `=_` never is in what is quoted-printable (RFC 2045)."""
_LINK: Final = Markup('<a href="{address}">{words}</a>')
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

    def filled(self, own: Mapping[bytes, bytes]) -> bytes:
        """The whole of it, with what is a recipient's own."""
        each = list(self.pieces)
        each[1::2] = [own[name] for name in each[1::2]]
        return _SOFT_BREAK.join(each)


class Own(NamedTuple):
    """What is a recipient's own, by the names of the slots, encoded for each form of a letter."""

    plain: Mapping[bytes, bytes]
    html: Mapping[bytes, bytes]


class Drawn(NamedTuple):
    """A letter as it is sent, but for what is each recipient's own."""

    fields: bytes
    plain: Body
    html: Body


def render(  # noqa: PLR0913, PLR0917 - what an e-mail is made of
    delivery: Delivery,
    subscription: Subscription,
    sender: Mailbox,
    now: datetime,
    names: Names = NO_NAMES,
    signer: Signer | None = None,
) -> Email:
    """Make the e-mail in the person's language, HTML and plain text.

    The same delivery has the same Message-ID always.

    Raises:
        NoAddress: the name before the `@` is not ASCII.
        Exception: whatever the libraries make of what is in it; it concerns this e-mail alone.
    """
    recipient, to = _to(subscription.name, subscription.address)
    domain = sender.address.rpartition("@")[2]
    fields = (
        to,
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{delivery.id}@{domain}>",
        *listing.fields(delivery, subscription, sender, signer),
    )
    reader = Reader(known(subscription.language), names)
    drawn = _drawn(letters.letter(delivery, subscription, reader), sender, reader)
    own = _own(
        letters.why(delivery, subscription, reader), _change(subscription, reader, sender, signer)
    )
    host = signer.host if signer else domain  # as the feed has it, so that both have one UID
    body = _with_calendar(_body(drawn, own), _calendar(delivery, reader, host))
    content = "\r\n".join([*fields, ""]).encode("ascii") + drawn.fields + body
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
    )
    return Drawn(
        "\r\n".join([*fields, ""]).encode("ascii"),
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


def _change(
    subscription: Subscription, reader: Reader, sender: Mailbox, signer: Signer | None
) -> tuple[str, str]:
    """Where they change what they get: on their page, where there is one, else by writing to us.

    Returns:
        the words, and the address of the page; empty where there is none.
    """
    if signer is None:
        return letters.change(sender.address, reader), ""
    return reader.phrase("See and change what you get"), listing.page(subscription, signer)


@lru_cache(10_000)
def _own(why: str, change: tuple[str, str]) -> Own:
    """What is a recipient's own, alike in most of their e-mails and dear beside the rest of one."""
    words, address = change
    link = _LINK.format(address=address, words=words) if address else escape(words)
    return Own(
        {b"why": _quoted(why), b"change": _quoted(f"{words}: {address}" if address else words)},
        {b"why": _quoted(escape(why)), b"change": _quoted(link)},
    )


def _body(drawn: Drawn, own: Own) -> bytes:
    """Both forms of a letter, with what is a recipient's own."""
    plain = _part("plain", drawn.plain.filled(own.plain))
    return b"".join([_ALTERNATIVE, *plain, *_part("html", drawn.html.filled(own.html)), _LAST])


def _calendar(delivery: Delivery, reader: Reader, host: str) -> bytes:
    """What an e-mail tells that has a day, as iCalendar; nothing where there is no such thing."""
    occasions = [one.occasion for one in (*delivery.items, delivery) if one.occasion]
    return icalendar(occasions, lambda one: in_words(one, reader), host) if occasions else b""


def _with_calendar(body: bytes, calendar: bytes) -> bytes:
    """A body, and a calendar beside it."""
    if not calendar:
        return body
    between = f"\r\n--{_OUTER}".encode()
    parts = (body, _FIELDS_OF_CALENDAR + base64.encodebytes(calendar).replace(b"\n", b"\r\n"))
    return _MIXED + b"".join(between + b"\r\n" + part for part in parts) + between + b"--\r\n"


def _part(kind: str, content: bytes) -> Sequence[bytes]:
    return (_FIELDS_OF_PART.format(kind=kind).encode(), content)


_FIELDS_OF_PART: Final = (
    f'\r\n--{_BOUNDARY}\r\nContent-Type: text/{{kind}}; charset="utf-8"\r\n'
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_ALTERNATIVE: Final = (
    f'Content-Type: multipart/alternative; boundary="{_BOUNDARY}"\r\n\r\n'.encode()
)
_OUTER: Final = f"{_BOUNDARY}_and"
_MIXED: Final = f'Content-Type: multipart/mixed; boundary="{_OUTER}"\r\n\r\n'.encode()
_FIELDS_OF_CALENDAR: Final = (
    b'Content-Type: text/calendar; charset="utf-8"; method=PUBLISH; name="coalition.ics"\r\n'
    b'Content-Disposition: attachment; filename="coalition.ics"\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\n"
)
_LAST: Final = f"\r\n--{_BOUNDARY}--\r\n".encode()
