"""Tokens of an OpenID Connect issuer, asked over HTTP: what is taken, and what is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from joserfc.jwk import ECKey, OctKey

from shared.access.oidc import Issuer, IssuerAway, check_url
from shared.access.scopes import Scope
from tests.issuer import AUDIENCE, LittleIssuer, forged_with_the_public_key, rsa, running, unsigned

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = rsa("one")
OTHER = rsa("two")
HOUR = 3600


class Clock:
    """Seconds that only grow when they are told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def little() -> Iterator[LittleIssuer]:
    with running() as issuer:
        issuer.keys = [KEY]
        yield issuer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(little: LittleIssuer, clock: Clock) -> Issuer:
    return Issuer(little.url, AUDIENCE, clock)


async def test_a_good_token_says_who_calls_and_what_they_may(
    little: LittleIssuer, issuer: Issuer
) -> None:
    caller = await issuer.caller(little.token(KEY, scope="openid people:read publish:berlin"))
    assert caller
    assert caller.scopes == {Scope.READ_PEOPLE, Scope.PUBLISH}
    assert caller.publishers == frozenset({"berlin"})
    assert "somebody" not in caller.name
    listed = await issuer.caller(
        little.token(KEY, scope=None, scp=["operate"], aud=["x", AUDIENCE])
    )
    assert listed
    assert (listed.name, listed.scopes) == (caller.name, frozenset({Scope.OPERATE}))
    assert little.asked == ["/.well-known/openid-configuration", "/keys"]


async def test_a_signature_on_an_elliptic_curve_is_taken(
    little: LittleIssuer, issuer: Issuer
) -> None:
    key = ECKey.generate_key("P-256", {"kid": "ec"})
    little.keys = [KEY, key]
    assert await issuer.caller(little.token(key, {"alg": "ES256"}))


NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "audience": {"aud": "another"},
    "no audience": {"aud": None},
    "expired beyond the leeway": {"exp": NOW - 120},
    "no expiry": {"exp": None},
    "expiry as text": {"exp": "never"},
    "from the future": {"nbf": NOW + HOUR},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG)
async def test_a_token_with_a_wrong_claim_is_refused(
    little: LittleIssuer, issuer: Issuer, claims: dict[str, Any]
) -> None:
    assert await issuer.caller(little.token(KEY, **claims)) is None


async def test_clocks_may_be_a_minute_apart(little: LittleIssuer, issuer: Issuer) -> None:
    now = int(time.time())
    assert await issuer.caller(little.token(KEY, exp=now - 30))
    assert await issuer.caller(little.token(KEY, nbf=now + 30, iat=now + 30))


async def test_an_algorithm_that_proves_nothing_is_refused(
    little: LittleIssuer, issuer: Issuer
) -> None:
    good = little.token(KEY)
    assert await issuer.caller(unsigned(good, KEY)) is None
    assert await issuer.caller(forged_with_the_public_key(good, KEY)) is None
    assert await issuer.caller(good)


async def test_a_signature_of_somebody_else_is_refused(
    little: LittleIssuer, issuer: Issuer
) -> None:
    stranger = rsa("one")
    assert await issuer.caller(little.token(stranger)) is None
    head, claims, _ = little.token(KEY).split(".")
    assert await issuer.caller(f"{head}.{claims}.AAAA") is None
    for text in ("..", "a.b.c", "é.é.é", f"{head}.{claims}."):
        assert await issuer.caller(text) is None


async def test_a_secret_among_the_public_keys_is_not_used(
    little: LittleIssuer, issuer: Issuer
) -> None:
    secret = OctKey.generate_key(256, {"kid": "secret"})
    little.keys = [KEY, secret]
    assert await issuer.caller(little.token(secret, {"alg": "HS256"})) is None


async def test_a_new_key_is_found_and_an_old_one_ends(
    little: LittleIssuer, issuer: Issuer, clock: Clock
) -> None:
    assert await issuer.caller(little.token(KEY))
    little.keys = [OTHER]
    clock.now += 60
    assert await issuer.caller(little.token(OTHER))
    assert await issuer.caller(little.token(KEY)) is None


async def test_keys_that_nobody_has_cost_one_question_in_half_a_minute(
    little: LittleIssuer, issuer: Issuer, clock: Clock
) -> None:
    assert await issuer.caller(little.token(KEY))
    for _ in range(20):
        assert await issuer.caller(little.token(OTHER)) is None
    assert little.asked.count("/keys") == 1
    clock.now += 31
    for _ in range(20):
        assert await issuer.caller(little.token(OTHER)) is None
    assert little.asked.count("/keys") == 2


async def test_an_issuer_that_is_away_is_done_without_for_a_day(
    little: LittleIssuer, issuer: Issuer, clock: Clock
) -> None:
    assert await issuer.caller(little.token(KEY))
    little.broken = True
    clock.now += 23 * HOUR
    assert await issuer.caller(little.token(KEY))
    clock.now += 2 * HOUR
    with pytest.raises(IssuerAway):
        await issuer.caller(little.token(KEY))
    little.broken = False
    clock.now += 31
    assert await issuer.caller(little.token(KEY))


@pytest.mark.parametrize(
    "wrong",
    [
        {"broken": True},
        {"says": "https://another.example"},
        {"padding": "x" * 300_000},
        {"keys": []},
        {"keys": [KEY] * 101},
    ],
)
async def test_an_issuer_that_does_not_answer_as_it_should_is_away(
    little: LittleIssuer, issuer: Issuer, wrong: dict[str, Any]
) -> None:
    for name, value in wrong.items():
        setattr(little, name, value)
    with structlog.testing.capture_logs() as logs, pytest.raises(IssuerAway):
        await issuer.caller(little.token(KEY))
    assert logs[0]["event"] == "oidc_keys_not_read"


async def test_a_token_is_never_in_the_log(little: LittleIssuer, issuer: Issuer) -> None:
    token = little.token(OTHER)
    with structlog.testing.capture_logs() as logs:
        assert await issuer.caller(token) is None
    assert logs
    assert all(part not in str(logs) for part in token.split("."))


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://login.example.org/realms/a", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://login.example.org", False),
        ("https://login.example.org/?a=b", False),
        ("file:///etc/passwd", False),
        ("https://", False),
    ],
)
def test_keys_come_over_tls_or_from_this_machine(url: str, *, good: bool) -> None:
    if good:
        assert check_url(url) == url
    else:
        with pytest.raises(ValueError, match="https"):
            check_url(url)
