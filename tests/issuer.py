"""A little OpenID Connect issuer over HTTP, on this machine."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.jwk import Key, RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDIENCE = "coalition"


@dataclass
class LittleIssuer:
    """What it answers can be changed while it runs.

    Attributes:
        asked: the paths that were asked for.
        broken: whether it answers 500.
    """

    url: str = ""
    keys: list[Key] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    broken: bool = False
    says: str = ""
    padding: str = ""

    def answer(self, path: str) -> dict[str, Any] | None:
        self.asked.append(path)
        if self.broken:
            return None
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.says or self.url, "jwks_uri": f"{self.url}/keys"}
        return {"keys": [key.as_dict(private=False) for key in self.keys], "more": self.padding}

    def token(self, key: Key, header: dict[str, Any] | None = None, **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "somebody",
            "iat": now,
            "exp": now + 300,
            "scope": "openid operate",
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        used = {"alg": "RS256", "kid": key.kid, **(header or {})}
        return jwt.encode(used, kept, key, algorithms=[used["alg"]])


def rsa(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def forged_with_the_public_key(good: str, key: Key) -> str:
    """HS256 with the public key as the secret: what a verifier takes that asks the header only."""
    assert isinstance(key, RSAKey)
    header = json.dumps({"alg": "HS256", "kid": key.kid, "typ": "JWT"}).encode()
    signed = f"{_base64(header)}.{good.split('.')[1]}"
    digest = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{_base64(digest)}"


def unsigned(good: str, key: Key) -> str:
    """The same claims with the algorithm `none` and no signature."""
    header = json.dumps({"alg": "none", "kid": key.kid}).encode()
    return f"{_base64(header)}.{good.split('.')[1]}."


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@contextmanager
def running() -> Iterator[LittleIssuer]:
    issuer = LittleIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = issuer.answer(self.path)
            self.send_response(500 if document is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()
