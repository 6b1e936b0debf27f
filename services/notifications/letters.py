"""E-mails as SMTP takes them: what all who are told the same get, and what is each one's own."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from email_validator import validate_email
from jinja2 import Environment, PackageLoader, select_autoescape

if TYPE_CHECKING:
    from services.notifications.views import Delivery, Subscription
    from shared.contracts.notifications import Detail

_templates: Final = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=select_autoescape(["html"]),
    keep_trailing_newline=True,
)


class Letter(NamedTuple):
    """An e-mail as SMTP takes it."""

    sender: str
    recipient: str
    content: bytes


class Unwritable(Exception):
    """The address has no form in ASCII, which is all that every mail server understands."""


def render(delivery: Delivery, subscription: Subscription, sender: str, now: datetime) -> Letter:
    """Make the e-mail, HTML and plain text; the same delivery has the same Message-ID always.

    Raises:
        Unwritable: the name before the `@` is not ASCII.
    """
    domain = sender.rpartition("@")[2]
    own = f"Date: {format_datetime(now)}\r\nMessage-ID: <{delivery.id}@{domain}>\r\n"
    address, to = _to(subscription.name, subscription.address)
    content = to + own.encode() + _content(delivery.headline, delivery.details, sender)
    return Letter(sender, address, content)


@lru_cache(1024)
def _to(name: str, address: str) -> tuple[str, bytes]:
    """A person's address in ASCII, and the header that names them in any script: dear to make."""
    plain = validate_email(address, check_deliverability=False).ascii_email
    if plain is None:
        raise Unwritable
    person = Address(name, addr_spec=plain)
    return plain, SMTP.fold_binary(*SMTP.header_store_parse("To", person))


@lru_cache(256)
def _content(headline: str, details: tuple[Detail, ...], sender: str) -> bytes:
    """What all who are told the same get: made once, since making it is dear."""
    words = {"headline": headline, "details": details, "sender": sender}
    message = EmailMessage()
    message["From"] = Address("Coalition of Cities against Racism", addr_spec=sender)
    message["Subject"] = headline
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_templates.get_template("instant.txt").render(words))
    message.add_alternative(_templates.get_template("instant.html").render(words), subtype="html")
    return message.as_bytes(policy=SMTP)
