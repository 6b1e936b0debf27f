"""What comes back: whose it was, why, and what is no bounce at all."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.answers import status_of
from services.notifications.bounces import MessageKind, Returned, read
from services.notifications.settings import NotificationsSettings
from services.notifications.verp import Returns, returns_of

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY: Final = "k" * 40
RETURNS: Final = Returns("bounces@coalition.example", (KEY,))
WHOSE: Final = "0b9a3a3c-5f3e-4b7e-9a53-2f1f7d6f3c11"
HERE: Final = RETURNS.of(WHOSE)
DELIVERY: Final = f"3f6c1f0f2ab94a5f9d0f7f4f6c1c2f5e.{WHOSE}"


def report(*groups: str, to: str = HERE, more: str = "") -> bytes:
    """A report as RFC 3464 has it, with the header of what came back."""
    status = "\n\n".join(("Reporting-MTA: dns; mx.example", *groups))
    return f"""Return-Path: <>
To: {to}
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail
Auto-Submitted: auto-replied
{more}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

Sorry.

--x
Content-Type: message/delivery-status

{status}

--x
Content-Type: text/rfc822-headers

From: coalition@example.org
To: nour@example.org
Message-ID: <{DELIVERY}@coalition.example>

--x--
""".encode()


FAILED: Final = "Final-Recipient: rfc822; nour@example.org\nAction: failed\nStatus: 5.1.1"


def test_a_report_says_whose_it_was_why_and_which_e_mail() -> None:
    assert read(report(FAILED), RETURNS) == Returned(MessageKind.BOUNCE, WHOSE, "5.1.1", DELIVERY)


@pytest.mark.parametrize(
    ("group", "kind", "status"),
    [
        (FAILED, MessageKind.BOUNCE, "5.1.1"),
        (FAILED.replace("5.1.1", "5.7.26"), MessageKind.BOUNCE, "5.7.26"),
        (FAILED.replace("5.1.1", "4.4.7"), MessageKind.BOUNCE, "4.4.7"),
        (FAILED.replace("Status: 5.1.1", "X: y"), MessageKind.BOUNCE, "5.0.0"),
        (
            FAILED.replace("5.1.1", "5.0.0\nDiagnostic-Code: smtp; 550 5.2.2 full (10.5.1.12)"),
            MessageKind.BOUNCE,
            "5.2.2",
        ),
        (FAILED.replace("failed", "delayed").replace("5.1.1", "4.4.1"), MessageKind.LATE, ""),
        (FAILED.replace("failed", "delivered").replace("5.1.1", "2.0.0"), MessageKind.OTHER, ""),
        (FAILED.replace("failed", "relayed"), MessageKind.OTHER, ""),
    ],
)
def test_only_what_has_failed_is_a_bounce(group: str, kind: MessageKind, status: str) -> None:
    found = read(report(group), RETURNS)
    assert (found.kind, found.subscription, found.status) == (kind, WHOSE, status)


QMAIL: Final = f"""Return-Path: <>
To: {HERE}
From: MAILER-DAEMON@old.example
Subject: failure notice

Hi. This is the qmail-send program at old.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<nour@example.org>:
192.0.2.5 does not like recipient.
Remote host said: 550 5.1.1 no such user

--- Below this line is a copy of the message.

Message-ID: <{DELIVERY}@coalition.example>
"""


def test_what_an_older_server_writes_is_a_bounce_as_well() -> None:
    assert read(QMAIL.encode(), RETURNS) == Returned(MessageKind.BOUNCE, WHOSE, "5.1.1", DELIVERY)
    assert read(QMAIL.replace("550 5.1.1 ", "").encode(), RETURNS).status == "5.0.0"


@pytest.mark.parametrize("sender", ["", "From:\n", "From: <>\n", "From: MAILER-DAEMON\n"])
def test_a_bounce_of_nobody_is_one(sender: str) -> None:
    from_nobody = QMAIL.replace("From: MAILER-DAEMON@old.example\n", sender)
    assert read(from_nobody.encode(), RETURNS).kind is MessageKind.BOUNCE
    nobody = report(FAILED).replace(b"From: MAILER-DAEMON@mx.example\n", sender.encode())
    assert read(nobody, RETURNS).status == "5.1.1"


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-replied; owner-email=nour@example.org",
        "X-Autoreply: yes",
        "Precedence: auto_reply",
    ],
)
def test_an_automatic_reply_is_no_bounce(field: str) -> None:
    away = f"To: {HERE}\nFrom: nour@example.org\n{field}\nSubject: Away\n\nBack on Monday.\n"
    assert read(away.encode(), RETURNS) == Returned(MessageKind.AUTOMATIC_REPLY, WHOSE)


def test_what_a_person_writes_is_none() -> None:
    letter = f"To: {HERE}\nFrom: nour@example.org\nSubject: Thanks\n\nGood to know.\n"
    assert read(letter.encode(), RETURNS) == Returned(MessageKind.OTHER, WHOSE)


def test_the_envelope_says_whose_it_was_where_the_header_does_not() -> None:
    away = report(FAILED, to="undisclosed-recipients:;")
    assert read(away, RETURNS).subscription is None
    assert read(away, RETURNS, HERE).subscription == WHOSE
    delivered = report(FAILED, to="x@example.org", more=f"Delivered-To: {HERE.upper()}\n")
    assert read(delivered, RETURNS).subscription == WHOSE


@given(st.binary(max_size=400))
def test_anything_can_be_sent_to_it(content: bytes) -> None:
    head = b"To: " + HERE.encode() + b"\nContent-Type: multipart/report; boundary=x\n\n--x\n"
    for message in (content, head + content):
        assert read(message, RETURNS).kind in MessageKind


def nested(count: int) -> str:
    opened = (f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(count))
    return "".join(opened)


@pytest.mark.parametrize("inner", [nested(5000), "Content-Type: message/rfc822\n\n" * 5000])
def test_one_that_is_nested_without_end_is_no_bounce_and_no_failure(inner: str) -> None:
    assert read(f"To: {HERE}\n{inner}x\n".encode(), RETURNS).kind is MessageKind.OTHER


def test_one_of_very_many_parts_is_not_searched_for_the_words_of_older_servers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = list[object]()

    def none(one: object) -> tuple[Any, Any]:
        asked.append(one)
        return (), ()

    monkeypatch.setattr("services.notifications.bounces.all_failures", none)
    head = f"To: {HERE}\nFrom: a@example.org\nContent-Type: multipart/mixed; boundary=x\n\n"
    assert read(f"{head}{'--x' + chr(10) * 2} ".encode(), RETURNS).kind is MessageKind.OTHER
    assert len(asked) == 1
    many = (head + "--x\n\nhello\n" * 60).encode()
    assert read(many, RETURNS) == Returned(MessageKind.OTHER, WHOSE)
    assert len(asked) == 1


def test_of_very_many_addresses_only_the_first_are_read() -> None:
    far = f"To: {'a@example.org, ' * 1000}{HERE}\n\nhello\n"
    assert read(far.encode(), RETURNS).subscription is None
    late = f"{'To: a@example.org' + chr(10)}" * 50 + f"To: {HERE}\nFrom: a@example.org\n\nhello\n"
    assert read(late.encode(), RETURNS).subscription is None
    near = f"{'To: a@example.org' + chr(10)}" * 5 + f"To: {HERE}\nFrom: a@example.org\n\nhello\n"
    assert read(near.encode(), RETURNS).subscription == WHOSE


# --- whose it is ----------------------------------------------------------------------------


@given(st.uuids())
def test_an_address_says_whose_e_mail_comes_back_to_it_in_any_case(one: uuid.UUID) -> None:
    address = RETURNS.of(str(one))
    assert len(address.partition("@")[0]) <= 64
    assert RETURNS.whose(address) == RETURNS.whose(f" <{address.upper()}>") == str(one)


def forged() -> Iterator[str]:
    local, _, domain = HERE.partition("@")
    yield "bounces@coalition.example"
    yield f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    yield f"{local}x@{domain}"
    yield f"{local}@elsewhere.example"
    yield Returns(RETURNS.address, ("o" * 40,)).of(WHOSE)
    yield HERE.replace("bounces+", "bounces+é")
    yield ""


@pytest.mark.parametrize("address", [*forged()])
def test_nobody_can_make_one_up(address: str) -> None:
    assert RETURNS.whose(address) is None


def test_an_older_key_holds_until_it_is_taken_out() -> None:
    assert Returns(RETURNS.address, ("n" * 40, KEY)).whose(HERE) == WHOSE
    assert Returns(RETURNS.address, ("n" * 40,)).whose(HERE) is None


def test_without_the_setting_e_mails_come_back_to_the_sender() -> None:
    assert returns_of(NotificationsSettings()) is None
    more = {"mail_bounce_address": "bounces@coalition.example", "link_keys": KEY}
    assert returns_of(NotificationsSettings.model_validate(more)) == RETURNS


@pytest.mark.parametrize(
    "wrong",
    [
        {"mail_bounce_address": "bounces@coalition.example"},
        {"mail_bounce_address": "boun+ces@coalition.example", "link_keys": KEY},
        {"mail_bounce_address": "bounces", "link_keys": KEY},
        {"mail_bounce_address": f"{'b' * 21}@coalition.example", "link_keys": KEY},
    ],
)
def test_an_address_that_could_not_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"LINK_KEYS|address"):
        NotificationsSettings.model_validate(wrong)


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("refused: 550 5.1.1", "5.1.1"),
        ("refused: 550", "5.0.0"),
        ("refused: 554 5.7.1", "5.7.1"),
        ("the subscription is gone", ""),
        ("not taken now: 450 4.2.0, 120 times", ""),
        ("", ""),
    ],
)
def test_a_refusal_at_once_says_the_same_as_a_bounce(reason: str, status: str) -> None:
    assert status_of(reason) == status
