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
_MOST: Final = 100
"""Words that are kept of one member."""
_WANTED: Final = 10


def words(member: Member) -> Sequence[str]:
    """What a member is found by, each once: its name of today before all that it was called."""
    found = dict.fromkeys(word for name in names(member) for word in _words(name))
    return tuple(found)[:_MOST]


def beginnings(found: Iterable[str]) -> Sequence[str]:
    """How words begin, each once."""
    return tuple(dict.fromkeys(word[: end + 1] for word in found for end in range(len(word))))


def names(member: Member) -> Iterator[str]:
    """All that a member is and was called, in any language."""
    for one in (member.name_now, *member.called):
        yield from filter(None, (one.name, one.local_name, *one.names.values()))


def wanted(text: str) -> Sequence[str]:
    """The beginnings that a member has to have for a text that is looked for, longest first."""
    found = {word[:LONGEST] for word in _folded(text).split()}
    return sorted(found, key=lambda word: (-len(word), word))[:_WANTED]


@lru_cache(10_000)
def _words(name: str) -> Sequence[str]:
    found = {*_folded(name).split(), *slugify(name, separator=" ").split()}
    return tuple(word[:LONGEST] for word in sorted(found))


def _folded(text: str) -> str:
    """A text as it is compared: without capitals, punctuation and accents."""
    letters = unicodedata.normalize("NFD", normalized(text))
    bare = "".join(one for one in letters if unicodedata.category(one) != "Mn")
    return unicodedata.normalize("NFC", bare)
