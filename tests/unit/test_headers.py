"""Any text is carried by a header to a strict reader as it was, and never becomes mail syntax."""

from __future__ import annotations

from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifications import headers
from tests import strict
from tests.texts import INJECTED, TEXTS, carried

ANY: Final = st.text(st.characters(exclude_categories=[]), max_size=300)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_subject_arrives_as_it_was(text: str) -> None:
    check_subject(text)


@settings(deadline=None)
@given(ANY)
@example(INJECTED)
def test_any_subject_arrives_as_it_was(text: str) -> None:
    check_subject(text)


def check_subject(text: str) -> None:
    field = headers.subject(text).encode("ascii") + b"\r\n"
    ((name, body),) = strict.fields(field)
    assert (name, strict.text(body)) == ("Subject", carried(text))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_name_stays_one_mailbox(text: str) -> None:
    check_mailbox(text)


@settings(deadline=None)
@given(ANY)
@example(INJECTED)
def test_any_name_stays_one_mailbox(text: str) -> None:
    check_mailbox(text)


def check_mailbox(text: str) -> None:
    field = headers.mailbox("To", text, "nour@example.org").encode("ascii") + b"\r\n"
    ((name, body),) = strict.fields(field)
    assert name == "To"
    assert strict.mailbox(body) == (carried(text).strip(), "nour@example.org")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_python_s_own_readers_say_the_same(text: str) -> None:
    head = f"{headers.subject(text)}\r\n{headers.mailbox('To', text, 'nour@example.org')}\r\n\r\n"
    old = BytesParser(policy=policy.compat32).parsebytes(head.encode())
    assert old.keys() == ["Subject", "To"]
    subject = old["Subject"].replace("\r\n", "")
    assert str(make_header(decode_header(subject))) == carried(text)
    new = BytesParser(policy=policy.default).parsebytes(head.encode())
    assert new.keys() == ["Subject", "To"]
    (address,) = new["To"].addresses
    assert address.addr_spec == "nour@example.org"


def test_what_is_plain_stays_readable() -> None:
    assert headers.subject("Bonn signed") == "Subject: Bonn signed"
    assert (
        headers.mailbox("To", "Nour Haddad", "n@example.org") == "To: Nour Haddad <n@example.org>"
    )
    assert headers.mailbox("To", " ", "n@example.org") == "To: n@example.org"
