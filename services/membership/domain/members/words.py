"""How a member is found by its name: by the beginnings of its words, in any script.

Letters are compared without their accents, and as people write them who lack the script: Nürnberg
is found by "nurn", Москва by "москва" and by "moskva".
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from slugify import slugify

from shared.contracts.identity import normalized

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from services.membership.domain.members.state import Member

LONGEST: Final = 20
"""Letters of a word that are compared."""
_MOST: Final = 1_000
"""Beginnings that are kept of one member."""
_WANTED: Final = 10


def beginnings(member: Member) -> Sequence[str]:
    """What a member is found by, each once: its name of today before all that it was called."""
    found = (start for name in names(member) for start in _beginnings(name))
    kept = dict.fromkeys(found)
    return tuple(kept)[:_MOST]


def names(member: Member) -> Iterator[str]:
    """All that a member is and was called, in any language."""
    for one in (member.name_now, *member.called):
        yield from filter(None, (one.name, one.local_name, *one.names.values()))


def wanted(text: str) -> Sequence[str]:
    """The beginnings that a member has to have for a text that is looked for, longest first."""
    words = {word[:LONGEST] for word in _folded(text).split()}
    return sorted(words, key=lambda word: (-len(word), word))[:_WANTED]


@lru_cache(10_000)
def _beginnings(name: str) -> Sequence[str]:
    words = {*_folded(name).split(), *slugify(name, separator=" ").split()}
    return tuple(word[:end] for word in sorted(words) for end in _ends(word))


def _ends(word: str) -> Iterable[int]:
    return range(1, min(len(word), LONGEST) + 1)


def _folded(text: str) -> str:
    """A text as it is compared: without capitals, punctuation and accents."""
    letters = unicodedata.normalize("NFD", normalized(text))
    bare = "".join(one for one in letters if unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFC", bare)
