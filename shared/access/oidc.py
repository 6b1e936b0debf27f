"""Tokens of an OpenID Connect issuer: signed by one of its keys, for us, and not expired."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic_core import from_json

from shared import addresses, cloudevents
from shared.access.scopes import Caller

log = structlog.get_logger()

ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "EdDSA"),
)
"""Signatures with a pair of keys only: neither `none`, nor a secret that we would share."""
_LEEWAY: Final = 60
"""Seconds that the issuer's clock and ours may be apart."""
_FRESH: Final = 3600
"""Seconds after which keys are fetched again."""
_STALE: Final = 24 * 3600
"""Seconds for which keys count while the issuer does not answer."""
_PAUSE: Final = 30
"""Seconds between two fetches at least, however many unknown keys are named to us."""
_TIMEOUT: Final = 5
_DISCOVERY: Final = "/.well-known/openid-configuration"
_MAX_BYTES: Final = 256 * 1024
_MAX_KEYS: Final = 100


class IssuerAway(Exception):
    """The issuer's keys are not known, since it does not answer as it should."""


@dataclass(slots=True)
class _Keys:
    all: KeySet | None = None
    fetched: float = -_STALE
    tried: float = -_STALE


class Issuer:
    """The issuer whose tokens are taken.

    Args:
        url: its identifier, as `iss` names it, where its discovery document is found.
        audience: what `aud` has to name.
        clock: seconds that only grow.
    """

    def __init__(self, url: str, audience: str, clock: Any = time.monotonic) -> None:  # noqa: ANN401 - tests move it
        self._url, self._clock = url, clock
        self._claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": url},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._keys = _Keys()
        self._fetching = asyncio.Lock()

    async def caller(self, token: str) -> Caller | None:
        """Whose a token is; None where it is not one of this issuer for us, at this time.

        Raises:
            IssuerAway: it cannot be seen whether it is.
        """
        try:
            claims = await self._verified(token)
            self._claims.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            log.info("oidc_refused", error=type(error).__name__)
            return None
        # The subject may be a person: what stands in events and counts is a digest of it.
        return Caller.of(
            f"oidc-{cloudevents.derived_id(self._url, claims['sub'])}", _scopes(claims)
        )

    async def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token with a good signature; an unknown key is looked for once."""
        keys = await self._keys_of_issuer()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (InvalidKeyIdError, BadSignatureError):
            newer = await self._keys_of_issuer(of=keys)
            if newer is keys:
                raise
            return jwt.decode(token, newer, algorithms=ALGORITHMS).claims

    async def _keys_of_issuer(self, of: KeySet | None = None) -> KeySet:
        """The issuer's keys; others than `of`, if there may be others by now."""
        async with self._fetching:
            now, keys = self._clock(), self._keys
            wanted = keys.all is of or now - keys.fetched > _FRESH
            if wanted and now - keys.tried > _PAUSE:
                keys.tried = now
                await self._fetch(now)
            if keys.all is None or now - keys.fetched > _STALE:
                raise IssuerAway(self._url)
            return keys.all

    async def _fetch(self, now: float) -> None:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                about = await _json(client, self._url.rstrip("/") + _DISCOVERY)
                found = await _json(client, _place_of_keys(about, self._url))
            self._keys.all, self._keys.fetched = _key_set(found), now
        except (httpx.HTTPError, ValueError, JoseError) as error:
            log.warning("oidc_keys_not_read", error=f"{type(error).__name__}: {error}"[:200])


def _place_of_keys(about: dict[str, Any], issuer: str) -> str:
    if about.get("issuer") != issuer:
        raise ValueError("its discovery document names another issuer")
    return check_url(str(about.get("jwks_uri")))


def check_url(url: str) -> str:
    """See that nobody on the way can change what an address answers.

    Raises:
        ValueError: it is neither https nor on this machine.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname and not (parts.query or parts.fragment):
        return url
    if parts.scheme == "http" and addresses.is_loopback(parts.hostname or ""):
        return url
    raise ValueError("https://… without query and fragment; http:// only on this machine")


def _key_set(document: dict[str, Any]) -> KeySet:
    """The keys of a document that verify signatures; one that we cannot read is passed over."""
    listed = document.get("keys")
    if not isinstance(listed, list) or len(listed) > _MAX_KEYS:
        raise ValueError(f"its key set is no list of at most {_MAX_KEYS} keys")
    keys: list[Any] = []
    for one in listed:
        # A secret in a public list is no key to trust.
        if isinstance(one, dict) and one.get("kty") != "oct" and one.get("use", "sig") == "sig":
            try:
                keys += KeySet.import_key_set({"keys": [one]}).keys
            except (JoseError, ValueError, KeyError, TypeError):
                log.warning("oidc_key_not_read", kid=str(one.get("kid"))[:80])
    if not keys:
        raise ValueError("its key set has no key that we can use")
    return KeySet(keys)


async def _json(client: httpx.AsyncClient, url: str) -> dict[str, Any]:
    body = b""
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > _MAX_BYTES:
                raise ValueError(f"{url} answers more than {_MAX_BYTES} bytes")
    found = from_json(body)
    if not isinstance(found, dict):
        raise ValueError(f"{url} answers no JSON object")  # noqa: TRY004 - of another's document
    return found


def _scopes(claims: dict[str, Any]) -> list[str]:
    """The scopes of a token: `scope` with blanks between (RFC 9068), or `scp`, also as a list."""
    found = claims.get("scope", claims.get("scp", ""))
    return found.split() if isinstance(found, str) else [str(one) for one in found]
