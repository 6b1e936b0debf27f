"""The context attributes of a CloudEvent: names, kinds and bounds (CloudEvents 1.0.2, 2 and 3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shared import rfc3339
from shared.tracing.context import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_ATTRIBUTE: Final = 512
"""Characters of a context attribute."""
_TEXTS: Final = frozenset(
    {
        *("specversion", "id", "source", "type", "subject", "time"),
        *("datacontenttype", "dataschema", "partitionkey"),
    }
)
"""The attributes that CloudEvents has as texts; of an extension nobody here knows the type."""
_NAME: Final = re.compile("[a-z0-9]+")
_USUAL: Final = frozenset(
    {
        *("id", "source", "type", "subject", "time", "datacontenttype", "dataschema"),
        *("partitionkey", "sequence", "stream", "causesource", "causeid", "causecount"),
    }
)
"""Names that need not be looked at each time."""
_NEVER_EMPTY: Final = ("subject", "time", "dataschema", "partitionkey")
_INTEGERS: Final = range(-(2**31), 2**31)


class Unreadable(Exception):
    """What arrived is no event that this service knows.

    Args:
        code: a short stable word for programs: `body`, `envelope`, `type` or `contract`.
        reason: one line for people.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def is_attribute(text: str) -> bool:
    """Whether a reader takes a text as a context attribute: short enough, and printable."""
    return len(text) <= MAX_ATTRIBUTE and text.isprintable()


def canonical(name: str, value: object) -> str:
    """An attribute as text, in the canonical form of its CloudEvents type.

    Raises:
        Unreadable: it has none.
    """
    if isinstance(value, str):
        return value
    if name in _TEXTS:
        raise Unreadable("envelope", f"the attribute {name} is not a text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value in _INTEGERS:
        return str(value)
    if name in NAMES:
        return ""  # a trace is no reason to refuse an event
    kinds = "a text, a boolean or an integer of 32 bits"
    raise Unreadable("envelope", f"the attribute {name[:40]!a} is not {kinds}")


def check(attributes: Mapping[str, str]) -> None:
    """See that the attributes are such as the specification allows, and within our bounds.

    Raises:
        Unreadable: one is not; the reason names it.
    """
    for name, text in attributes.items():
        if not is_attribute(text):
            raise Unreadable("envelope", f"{name[:40]!a} is too long or has control characters")
    if not attributes.keys() <= _USUAL:
        _check_names(attributes.keys() - _USUAL)
    if "" in attributes.values():
        _check_filled(attributes)
    if " " in attributes["source"]:
        raise Unreadable("envelope", "source is a URI reference and has no blanks")
    if "time" in attributes:
        try:
            rfc3339.check(attributes["time"])
        except ValueError as error:
            raise Unreadable("envelope", f"time {error}") from None


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name) or name == "data":
            allowed = "lower-case letters a to z and digits, and `data` is none"
            raise Unreadable("envelope", f"{name[:40]!a} is no attribute's name: {allowed}")


def _check_filled(attributes: Mapping[str, str]) -> None:
    for name in _NEVER_EMPTY:
        if attributes.get(name) == "":
            raise Unreadable("envelope", f"{name} is empty: leave it out, or say it")
