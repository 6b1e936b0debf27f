"""A link does what it was made for, and nothing else; keys change, and links are revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.notifications.settings import NotificationsSettings
from services.notifications.signing import Link, NoLink, Purpose, Signer, serializer, signer_of
from tests.environment import load, reasons, unset

if TYPE_CHECKING:
    from typing import Any

BASE = "https://coalition.example.org/people"
OLD, NEW, OTHER = (f"{name}-{'0' * 40}" for name in ("old", "new", "other"))
LINK = Link(subscription="9d5b4c56-0b4e-4f0a-8a0a-2f5f7f1a2b3c", revision=2, rule="signatures")


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("link", [LINK, LINK.model_copy(update={"rule": None})])
def test_a_link_says_what_was_put_into_it(purpose: Purpose, link: Link) -> None:
    signer = Signer(BASE, (NEW,))
    token = signer.token(purpose, link)
    assert signer.read(purpose, token) == link
    assert signer.address(purpose, link).startswith(f"{BASE}/{purpose}/{token}")
    assert len(token) < 150
    assert token.replace("-", "").replace("_", "").replace(".", "").isalnum()


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_for_one_purpose_is_none_for_another(purpose: Purpose) -> None:
    signer = Signer(BASE, (NEW,))
    token = signer.token(purpose, LINK)
    for other in set(Purpose) - {purpose}:
        with pytest.raises(NoLink):
            signer.read(other, token)


def test_links_of_an_older_key_hold_until_it_is_taken_out() -> None:
    made_before = Signer(BASE, (OLD,)).token(Purpose.PAGE, LINK)
    both = Signer(BASE, (NEW, OLD))
    assert both.read(Purpose.PAGE, made_before) == LINK
    made_now = both.token(Purpose.PAGE, LINK)
    assert Signer(BASE, (NEW,)).read(Purpose.PAGE, made_now) == LINK
    for token in (made_before, made_now):
        with pytest.raises(NoLink):
            Signer(BASE, (OTHER,)).read(Purpose.PAGE, token)
    with pytest.raises(NoLink):
        Signer(BASE, (NEW,)).read(Purpose.PAGE, made_before)


def test_nothing_else_is_a_link() -> None:
    signer = Signer(BASE, (NEW,))
    token = signer.token(Purpose.PAGE, LINK)
    for wrong in ("", ".", "x", token[:-1], f"x{token}", f"{token}x", token * 9, "é", "\0"):
        with pytest.raises(NoLink):
            signer.read(Purpose.PAGE, wrong)


@pytest.mark.parametrize("said", [[], ["x"], {"subscription": "x"}, ["x", "y", "z"], 7, None])
def test_what_is_signed_but_no_link_is_refused_as_well(said: Any) -> None:
    signer = Signer(BASE, (NEW,))
    token = serializer(signer.keys, Purpose.PAGE).dumps(said)
    with pytest.raises(NoLink):
        signer.read(Purpose.PAGE, str(token))


def test_without_a_public_address_there_is_no_link() -> None:
    assert signer_of(NotificationsSettings(link_keys=NEW)) is None


def test_a_public_address_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch)
    needed = ["COALITION_LINK_KEYS is not set, but COALITION_PUBLIC_URL is"]
    assert reasons(monkeypatch, PUBLIC_URL=BASE) == needed
    settings = load(monkeypatch, PUBLIC_URL=f"{BASE}/", LINK_KEYS=f"{NEW}\n{OLD}")
    assert signer_of(settings) == Signer(BASE, (NEW, OLD))
    assert NEW not in repr(settings)
