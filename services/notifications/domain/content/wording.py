"""How an event is put into words: the pattern of a headline and details, and how text is fitted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_ISOLATE: Final = "\u2068"
_END: Final = "\u2069"
_ELLIPSIS: Final = "\u2026"


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording for one type of event.

    Attributes:
        headline: one line, with fields of the event in braces.
        details: what else is worth reading: a label for people, and the field that it names.
    """

    headline: str
    details: Mapping[str, str] = field(default_factory=dict)


def isolated(text: str) -> str:
    """A text that turns nothing around it: one from right to left is put into an isolate (UAX 9).

    Without it, "الرباط, commitment 3" is shown with its parts in the wrong order.
    """
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text):
        return f"{_ISOLATE}{text}{_END}"
    return text


def shortened(text: str, limit: int) -> str:
    """A text of so many characters at most; where it was cut, an ellipsis ends it."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 2].rstrip()
    is_open = kept.count(_ISOLATE) > kept.count(_END)
    return f"{kept}{_ELLIPSIS}{_END if is_open else ''}"
