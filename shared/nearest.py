"""The nearest of some words to one that is not among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process, utils

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NEAR: Final = 60
"""Of a hundred: below, a word is no help."""
_MOST: Final = 20


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The nearest of the words, however written; None where none is near."""
    # Letter by letter: scorers that look at words alone call SMTP_TLS near to SMTP_HOSTNAME.
    found = process.extractOne(
        word, list(names), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_NEAR
    )
    return str(found[0]) if found else None


def meant(word: str, names: Sequence[str]) -> str:
    """For a message: the nearest of the words, else all of them, or the first ones."""
    if found := nearest(word, names):
        return f"the nearest is {found!r}"
    more = " …" if len(names) > _MOST else ""
    return f"there are {', '.join(names[:_MOST])}{more}" if names else "there are none"
