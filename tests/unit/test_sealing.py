"""What of an e-mail is sealed, and with what key; tests/integration/test_dkim.py asks others."""

from __future__ import annotations

from typing import Any

import dkim
import pytest

from services.notifications.sealing import Dkim, seal_of
from services.notifications.settings import NotificationsSettings
from tests.seals import SELECTOR, sealing_key

KEY = sealing_key()
EMAIL = (
    b"To: nour@example.org\r\nFrom: C <news@mail.coalition.example>\r\nSubject: S\r\n"
    b"List-Unsubscribe: <https://coalition.example/u/1>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nBonn signed.\r\n"
)
SEALED = Dkim(b"coalition.example", SELECTOR.encode(), KEY.pem.encode()).seal(EMAIL)


def holds(content: bytes) -> bool:
    def record(name: bytes, timeout: float = 0) -> bytes | None:
        del timeout
        own = f"{SELECTOR}._domainkey.coalition.example.".encode()
        return KEY.record.encode() if name == own else None

    return bool(dkim.verify(content, dnsfunc=record))


def test_an_e_mail_is_sealed_as_it_is() -> None:
    assert SEALED.endswith(EMAIL)
    assert holds(SEALED)
    assert holds(SEALED.replace(b"Subject: S\r\n", b"subject:   S\r\n")), "folded on the way"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Bonn", b"Bern"),
        (b"Subject: S", b"Subject: T"),
        (b"/u/1", b"/u/2"),
        (b"=One-Click", b"=Two-Clicks"),
        (b"Subject: S", b"Subject: S\r\nSubject: S"),
        (b"Subject: S", b"Subject: S\r\nFrom: another@example.org"),
        (b"Subject: S", b"Subject: S\r\nList-Unsubscribe: <https://elsewhere.example/>"),
    ],
)
def test_what_is_changed_or_added_on_the_way_breaks_the_seal(before: bytes, after: bytes) -> None:
    changed = SEALED.replace(before, after)
    assert changed != SEALED
    assert not holds(changed)


def settings(**more: Any) -> NotificationsSettings:
    known = {"mail_from": "news@mail.coalition.example", "mail_dkim_selector": SELECTOR}
    return NotificationsSettings.model_validate({**known, "mail_dkim_key": KEY.pem, **more})


def test_the_sender_s_domain_answers_for_an_e_mail_or_one_above_it() -> None:
    assert settings().dkim_domain == "mail.coalition.example"
    assert settings(mail_dkim_domain="coalition.example").dkim_domain == "coalition.example"
    seal = seal_of(settings(mail_dkim_domain="coalition.example"))
    assert seal is not None
    assert holds(seal(EMAIL))


def test_without_a_key_nothing_is_sealed() -> None:
    assert seal_of(NotificationsSettings()) is None


@pytest.mark.parametrize("pem", [KEY.pem.replace("\n", "\r\n"), sealing_key(old=True).pem])
def test_a_key_is_taken_as_any_openssl_writes_it(pem: str) -> None:
    assert seal_of(settings(mail_dkim_key=pem)) is not None


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"mail_dkim_selector": None}, "MAIL_DKIM_SELECTOR is not set"),
        ({"mail_dkim_key": None}, "MAIL_DKIM_KEY is not set"),
        ({"mail_dkim_domain": "example.org"}, "MAIL_DKIM_DOMAIN is neither"),
        ({"mail_dkim_domain": "l.coalition.example"}, "MAIL_DKIM_DOMAIN is neither"),
        ({"mail_dkim_key": KEY.pem[:400]}, "no private key of RSA"),
        ({"mail_dkim_key": KEY.pem.replace("A", "B")}, "no private key of RSA"),
        ({"mail_dkim_key": "geheim"}, "no private key of RSA"),
    ],
)
def test_a_key_that_could_not_work_is_refused_and_nothing_of_it_repeated(
    wrong: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as error:
        settings(**wrong)
    assert "geheim" not in str(error.value).partition("[type=")[0]


def test_a_short_key_is_refused() -> None:
    short = sealing_key(1024).pem
    assert settings(mail_dkim_key=short).mail_dkim_key is not None
    with pytest.raises(ValueError, match="1024 bits"):
        settings(mail_dkim_key=SHORT)


SHORT = """-----BEGIN RSA PRIVATE KEY-----
MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu
KUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQJAIJLixBy2qpFoS4DSmoEm
o3qGy0t6z09AIJtH+5OeRV1be+N4cDYJKffGzDa88vQENZiRm0GRq6a+HPGQMd2k
TQIhAKMSvzIBnni7ot/OSie2TmJLY4SwTQAevXysE2RbFDYdAiEBCUEaRQnMnbp7
9mxDXDf6AU0cN/RPBjb9qSHDcWZHGzUCIG2Es59z8ugGrDY+pxLQnwfotadxd+Uy
v/Ow5T0q5gIJAiEAyS4RaI9YG8EWx/2w0T67ZUVAw8eOMB6BIUg0Xcu+3okCIBOs
/5OiPgoTdSy7bcF9IGpSE8ZgGKzgYQVZeN97YE00
-----END RSA PRIVATE KEY-----
"""
"""Of 512 bits, from documentation; the libraries make no such key any more."""
