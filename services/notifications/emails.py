"""E-mails as SMTP takes them: what all recipients of a notification share, and each one's own."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from email_validator import validate_email
from jinja2 import Environment, PackageLoader, select_autoescape

from services.notifications import headers, links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.notifications.delivery import Delivery, Detail
    from services.notifications.subscription import Subscription
    from shared.addresses import Mailbox

_templates: Final = Environment(
    loader=PackageLoader("services.notifications"),
    autoescape=select_autoescape(["html"]),
    keep_trailing_newline=True,
)
_POLICY: Final = SMTP.clone(cte_type="7bit")
"""Not every server takes 8-bit bodies, and none is asked whether it does."""


class Email(NamedTuple):
    """An e-mail as SMTP takes it, all of it ASCII."""

    sender: str
    recipient: str
    content: bytes


class NoAddress(Exception):
    """The address has no form in ASCII, which is all that every mail server understands."""


def render(delivery: Delivery, subscription: Subscription, sender: Mailbox, now: datetime) -> Email:
    """Make the e-mail, HTML and plain text; the same delivery has the same Message-ID always.

    Raises:
        NoAddress: the name before the `@` is not ASCII.
        Exception: whatever the libraries make of what is in it; it concerns this e-mail alone.
    """
    recipient, to = _to(subscription.name, subscription.address)
    domain = sender.address.rpartition("@")[2]
    own = f"{to}\r\nDate: {format_datetime(now)}\r\nMessage-ID: <{delivery.id}@{domain}>\r\n"
    content = own.encode("ascii") + _content(delivery.headline, delivery.details, sender)
    return Email(sender.address, recipient, content)


@lru_cache(1024)
def _to(name: str, address: str) -> tuple[str, str]:
    """A person's address in ASCII, and the field that names them in any script: dear to make."""
    plain = validate_email(address, check_deliverability=False).ascii_email
    if plain is None:
        raise NoAddress
    return plain, headers.mailbox("To", name, plain)


@lru_cache(256)
def _content(headline: str, details: tuple[Detail, ...], sender: Mailbox) -> bytes:
    """What all recipients of one notification get: made once, since that is dear."""
    rows = [(one.label, links.shown(one.label, one.text)) for one in details]
    words = {"headline": links.unlinked(headline), "details": rows, "sender": sender.address}
    fields = (
        headers.mailbox("From", sender.name, sender.address),
        headers.subject(headline),
        "Auto-Submitted: auto-generated",
        # Exchange looks at this instead; bounces (DR) are wanted.
        "X-Auto-Response-Suppress: OOF, AutoReply",
    )
    body = EmailMessage(policy=_POLICY)
    body.set_content(_text("instant.txt", words))
    body.add_alternative(_text("instant.html", words), subtype="html")
    return "\r\n".join([*fields, ""]).encode("ascii") + body.as_bytes()


def _text(template: str, words: Mapping[str, object]) -> str:
    rendered = _templates.get_template(template).render(words)
    return "\n".join(headers.one_line(line) for line in rendered.split("\n"))
