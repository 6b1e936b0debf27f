"""Bearer tokens of a file: who may do what, with the token's digest in place of the token.

A token is 32 random bytes, so a plain SHA-256 of it cannot be turned back by guessing; what people
choose themselves would need a slow one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import structlog
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    ValidationError,
    model_validator,
)

from shared.access import scopes
from shared.access.scopes import Caller
from shared.files import read_text
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Self

log = structlog.get_logger()

MAX_BYTES: Final = 256 * 1024
_PREFIX: Final = "coalition_"
"""Begins each token that we make, so that scanners for lost secrets can know it."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]


class Grant(BaseModel):
    """What one token lets its owner do.

    Attributes:
        sha256: the digest of the token, in hexadecimal.
        scopes: see `Scope`; `publish:NAME` is to publish as that publisher only.
        services: where it counts; empty is everywhere.
        until: the last day (UTC) on which it counts; None is for ever.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    scopes: Annotated[
        tuple[Annotated[str, AfterValidator(scopes.check)], ...], Field(min_length=1, max_length=50)
    ]
    services: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    until: date | None = None


class Tokens(RootModel[dict[Name, Grant]]):
    """The grants of a file by the names of their tokens."""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        seen: dict[str, str] = {}
        for name, grant in self.root.items():
            if other := seen.get(grant.sha256):
                raise ValueError(f"{other} and {name} are the same token")
            seen[grant.sha256] = name
        return self

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file with a line for each token.

        Raises:
            ValueError: it cannot be read, or something is wrong in it; the message says what.
        """
        try:
            text = read_text(path, MAX_BYTES)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of such a file.

        Raises:
            ValueError: something is wrong in it; the message says what.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise ValueError(f"is no TOML: {error}") from None
        except ValidationError as error:
            found = error.errors(include_url=False, include_context=False, include_input=False)
            raise ValueError("; ".join(_reason(one) for one in found[:10])) from None

    def check_services(self, names: Collection[str]) -> None:
        """See that each service of the file is one that there is.

        Raises:
            ValueError: one is not; the message names the nearest.
        """
        for name, grant in self.root.items():
            for service in grant.services:
                if service not in names:
                    hint = meant(service, [*names])
                    raise ValueError(f"{name}: {service!r} is no service; {hint}")

    def publishers(self) -> dict[str, str]:
        """The publishers that tokens publish as, each with the name of such a token."""
        named = ((name, scope) for name, grant in self.root.items() for scope in grant.scopes)
        return {s.removeprefix(scopes.AS): n for n, s in named if s.startswith(scopes.AS)}

    def find(self, token: str, service: str) -> Caller | None:
        """Whose a token is; None where it is nobody's, or its time is over.

        At another service than its own, its owner is known and may do nothing.
        """
        digest, found = digest_of(token), None
        for name, grant in self.root.items():  # all of them: the time tells nothing
            if hmac.compare_digest(grant.sha256, digest):
                found = name, grant
        if found is None or (found[1].until and datetime.now(UTC).date() > found[1].until):
            return None
        name, grant = found
        here = not grant.services or service in grant.services
        return Caller.of(name, grant.scopes if here else ())


class TokenFile:
    """Tokens of a file that is read again once it has changed.

    Args:
        path: of the file.

    Raises:
        ValueError: see `Tokens.load`. A change that cannot be read later is put into the log, and
            what stood there before counts on.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = _state(path)
        self._tokens = Tokens.load(path)

    @property
    def tokens(self) -> Tokens:
        """What the file says now."""
        if (state := _state(self._path)) != self._seen:
            self._seen = state
            try:
                self._tokens = Tokens.load(self._path)
                log.info("tokens_read", count=len(self._tokens.root))
            except ValueError as error:
                log.error("tokens_not_read", error=str(error))  # noqa: TRY400 - no trace is needed
        return self._tokens


def new() -> str:
    """A token that nobody guesses."""
    return _PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What a file keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _reason(error: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        return f"{where}: no such key; {meant(str(error['loc'][-1]), [*Grant.model_fields])}"
    what = error["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
