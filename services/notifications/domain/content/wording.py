"""How an event is put into words: the pattern of a headline and details, and how text is fitted."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_AGAINST: Final = {"ltr": frozenset({"R", "AL"}), "rtl": frozenset({"L"})}
"""The letters that run against a direction (UAX 9)."""
_ISOLATE: Final = "\u2068"
_END: Final = "\u2069"
_ELLIPSIS: Final = "\u2026"


@dataclass(frozen=True, slots=True)
class Wording:
    """The wording for one type of event, in English; other languages have it in their catalogues.

    Attributes:
        headline: one line, with fields of the event in braces.
        details: what else is worth reading: a label for people, and the field that it names.
        several: the headline where `counted`, a field, is not 1.
    """

    headline: str
    details: Mapping[str, str] = field(default_factory=dict)
    several: str = ""
    counted: str = ""


def isolated(text: str, direction: str = "ltr") -> str:
    """A text that turns nothing around it: what runs the other way is put into an isolate (UAX 9).

    Without it, "الرباط, commitment 3" is shown with its parts in the wrong order.
    """
    against = _AGAINST[direction]
    if any(unicodedata.bidirectional(letter) in against for letter in text):
        return f"{_ISOLATE}{text}{_END}"
    return text


def shortened(text: str, limit: int) -> str:
    """A text of so many characters at most; where it was cut, an ellipsis ends it."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 2].rstrip()
    is_open = kept.count(_ISOLATE) > kept.count(_END)
    return f"{kept}{_ELLIPSIS}{_END if is_open else ''}"
