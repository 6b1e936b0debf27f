"""An e-mail as it comes out at the other end of SMTP."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any, Final

import pytest
from email_validator import EmailSyntaxError
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifications.delivery import Delivery, DeliveryState, RecordedDetail
from services.notifications.domain.content.texts import WORDINGS
from services.notifications.emails import Email, NoAddress, render
from services.notifications.links import LINKED
from services.notifications.subscription import Subscription
from shared.addresses import Mailbox
from tests import strict
from tests.texts import INJECTED, TEXTS, carried

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
SENDER: Final = Mailbox("Coalition", "coalition@example.org")
FIELDS: Final = (
    "To",
    "Date",
    "Message-ID",
    "From",
    "Subject",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "List-Id",
    "References",
    "List-Unsubscribe",
    "Content-Type",
    "MIME-Version",
)


def email(
    name: str = "نور",
    headline: str = "Bonn signed",
    text: str | RecordedDetail = "in 2016",
    address: str = "nour@coalition.example",
    sender: Mailbox = SENDER,
) -> Email:
    delivery = Delivery(
        id="1.a",
        subscription="a",
        state=DeliveryState.SENDING,
        kind="CitySigned",
        about="de-city-bonn",
        headline=headline,
        details=(
            text if isinstance(text, RecordedDetail) else RecordedDetail(label="When", text=text),
        ),
        due=NOW,
    )
    return render(delivery, Subscription(id="a", name=name, address=address), sender, NOW)


def head(content: bytes) -> dict[str, str]:
    """The fields as a strict reader has them; each is there once."""
    found = strict.fields(content.partition(b"\r\n\r\n")[0].replace(b"\r\n\t", b"\r\n ") + b"\r\n")
    assert sorted(name for name, _ in found) == sorted(FIELDS)
    return dict(found)


def test_machines_are_asked_not_to_answer_and_servers_may_still_bounce() -> None:
    found = head(email().content)
    assert found["Auto-Submitted"] == "auto-generated"
    # Exchange looks at this one alone; DR and NDR would keep bounces away as well.
    assert found["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def check(text: str) -> None:
    content = email(name=text, headline=text, text=text, sender=SENDER._replace(name=text)).content
    found = head(content)
    assert strict.text(found["Subject"]) == carried(text)
    assert strict.mailbox(found["To"]) == (carried(text).strip(), "nour@coalition.example")
    assert strict.mailbox(found["From"]) == (carried(text).strip(), SENDER.address)
    assert content.isascii()
    message: Any = message_from_bytes(content, policy=policy.default)
    assert not message.defects
    plain = message.get_body(("plain",)).get_content()
    assert _words(carried(text)) in _words(plain)
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\r" not in content.replace(b"\r\n", b"")


def _words(text: str) -> str:
    """A text but for how it is broken into lines, and kept from being a link."""
    return " ".join(text.replace("\u2060", "").split())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_stays_a_text_wherever_it_stands(text: str) -> None:
    check(text)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=[]), min_size=1, max_size=300))
def test_any_text_stays_a_text_wherever_it_stands(text: str) -> None:
    check(text)


def test_a_person_is_named_in_any_script_and_each_e_mail_has_an_id_of_its_own() -> None:
    message: Any = message_from_bytes(email().content, policy=policy.default)
    assert str(message["To"]) == "نور <nour@coalition.example>"
    assert message["Message-ID"] == "<1.a@example.org>"
    assert message["Date"].datetime == NOW


def test_a_domain_in_any_script_is_written_in_ascii_and_a_name_before_it_is_not() -> None:
    assert email(address="info@köln.example").recipient == "info@xn--kln-sna.example"
    with pytest.raises(NoAddress):
        email(address="jürgen@example.org")


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org\r\nBcc: evil@example.org",
        "a@example.org>\r\nDATA",
        '"a b"@example.org',
        "a b@example.org",
        "a@example.org, evil@example.org",
        "<a@example.org>",
        "",
    ],
)
def test_an_address_that_is_none_is_never_written(address: str) -> None:
    with pytest.raises(EmailSyntaxError):
        email(address=address)


def test_an_address_of_odd_letters_stays_one_address() -> None:
    odd = "=?utf-8?q?a=0D=0Ab?=@example.org"
    assert strict.mailbox(head(email(address=odd, name=INJECTED).content)["To"])[1] == odd


def test_html_in_a_text_is_no_html() -> None:
    message: Any = message_from_bytes(email(text="<b>&</b>").content, policy=policy.default)
    content = message.get_body(("html",)).get_content()
    assert "&lt;b&gt;&amp;&lt;/b&gt;" in content.replace("<wbr>", "")


# What clients make links of, as far as they agree: a scheme, a host of two labels, a mailbox.
LINKS: Final = re.compile(r"\w+://\S|\w[.]\w{2}|\w@\w|www[.]\w")
LURES: Final = [
    *("example.com", "Bonn (www.example.org)", "http://evil.example/x?y=z", "HTTPS://1.2.3.4"),
    *("mayor@example.com", "a@localhost", "пример.рф", "evil.example:8080/x", "ftp://x.y"),
]


def parts(content: bytes) -> list[str]:
    message: Any = message_from_bytes(content, policy=policy.default)
    bodies = [message.get_body((kind,)).get_content() for kind in ("plain", "html")]
    markup = re.compile("<style>.*?</style>|<[^>]*>", re.DOTALL)
    bodies = [body.replace("<wbr>", "") for body in bodies]  # it may break there, and has no blank
    return [html.unescape(markup.sub(" ", body.replace(SENDER.address, ""))) for body in bodies]


@pytest.mark.parametrize("lure", LURES)
def test_a_name_is_no_link(lure: str) -> None:
    assert LINKS.search(lure)
    for body in parts(email(headline=f"{lure} signed", text=f"by {lure}, in 2016").content):
        assert not LINKS.search(body)
        assert lure in body.replace("\u2060", "")


@pytest.mark.parametrize("text", ["e.V. Bonn", "2016.05", "1. Office", "10:30", "a @ b", "Dr. Who"])
def test_what_is_no_link_is_left_as_it_is(text: str) -> None:
    for body in parts(email(headline=text, text=text).content):
        assert body.count(text) >= 2


def test_what_was_given_as_a_link_stays_one_and_alone_in_its_line() -> None:
    link = "https://example.org/a.b?c=d@e"
    content = email(text=RecordedDetail(label="Evidence", text=f"{link}\nsee {link}")).content
    for body in parts(content):
        assert link in body
        assert "see https:\u2060//example.\u2060org" in body
    for body in parts(email(text=RecordedDetail(label="Title", text=link)).content):
        assert link not in body


def test_the_labels_of_links_are_those_of_the_contracts_links() -> None:
    found = {
        label
        for event, wording in WORDINGS.items()
        for label, name in wording.details.items()
        if "Link" in repr(event.__annotations__.get(name))
    }
    assert found
    assert found == LINKED
