"""Any text is carried by a header to a strict reader as it was, and never becomes mail syntax."""

from __future__ import annotations

import re
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifications import headers
from tests import strict

INJECTED: Final = "=?utf-8?q?x=0D=0ABcc:evil@example.org=0D=0A=0D=0AHello?="
TEXTS: Final = {
    "plain": "Bonn signed",
    "french": "Saint-Étienne a réalisé l'engagement n° 3 : « un office pour l'égalité »" * 3,
    "vietnamese": "Thành phố Hồ Chí Minh đã ký kết với liên minh các thành phố chống phân biệt" * 3,
    "arabic": "وقّعت مدينة تونس على خطة العمل ذات النقاط العشر لمناهضة العنصرية" * 4,
    "bidi": "\u2068تونس\u2069, commitment 3: stalled",
    "emoji": "👩🏽‍🚒 Feuerwehr 🏳️‍🌈" * 15,
    "long": "x" * 300,
    "long words": "word " * 60,
    "injected": INJECTED,
    "injected twice": f"{INJECTED} {INJECTED}",
    "lone encoded word": "=?utf-8?q?Jo=E3o?=",
    "half an encoded word": "is 3 =? 4 or ?= 5",
    "next line": "São\x85Paulo",
    "controls": "".join(map(chr, range(0x20))) + "".join(map(chr, range(0x7F, 0xA0))),
    "lines": "a\r\nBcc: evil@example.org\r\n\r\nbody",
    "separators": "a\u2028b\u2029c",
    "commas": ", ".join(["Association of Cities, Districts and Cantons"] * 6),
    "quotes": 'Jane "Jay" O\'Neil \\ <jay@example.org>, (x); y: z',
    "blanks": "  two  blanks  ",
    "no-break": "\u00a0",
    "surrogate": "a\ud800b",
}
ANY: Final = st.text(st.characters(exclude_categories=[]), max_size=300)


def carried(text: str) -> str:
    """What is to arrive: blanks for control characters and line breaks."""
    without = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    return re.sub(r"[\ud800-\udfff]", "\ufffd", without)


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
