"""What a caller over HTTP may do: scopes, the same for a token of a file and for one of OIDC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.nearest import meant, nearest


class Scope(StrEnum):
    """One thing that a caller may do."""

    PUBLISH = "publish"
    READ_PEOPLE = "people:read"
    WRITE_PEOPLE = "people:write"
    OPERATE = "operate"
    WRITE_BOUNCES = "bounces:write"


AS: Final = f"{Scope.PUBLISH}:"
"""Begins a scope that lets a caller publish as one publisher only: `publish:berlin`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes a request.

    Attributes:
        name: of the token, never the token itself.
        scopes: what the caller may do.
        publishers: as whom the caller may publish; None is as anybody.
    """

    name: str
    scopes: frozenset[Scope]
    publishers: frozenset[str] | None = None

    @classmethod
    def of(cls, name: str, scopes: Iterable[str]) -> Caller:
        """A caller with the scopes of these names; a name that is none is passed over."""
        given = list(scopes)
        named = frozenset(one.removeprefix(AS) for one in given if one.startswith(AS))
        found = {scope for scope in Scope if scope in given}
        anybody = Scope.PUBLISH in found or not named
        return cls(
            name,
            frozenset(found | ({Scope.PUBLISH} if named else set())),
            None if anybody else named,
        )


def check(name: str) -> str:
    """See that there is a scope of a name.

    Raises:
        ValueError: there is none; the message names the nearest.
    """
    if name in set(Scope) or (name.startswith(AS) and name != AS):
        return name
    kind, _, rest = name.partition(":")
    if rest and nearest(kind, [Scope.PUBLISH]):
        raise ValueError(f"{name!r} is no scope; {AS}{rest} is one")
    raise ValueError(f"{name!r} is no scope; {meant(name, [*Scope, f'{AS}NAME'])}")
