"""Who is meant: one name in its many spellings, and the id that follows from it.

Two spellings that differ in capitals, in apostrophes and other punctuation, in blanks of any kind
or in how a letter with its mark is encoded are one name. Everything else is another name, even
where its transliteration is the same: Münster and Munster are two cities.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, get_args

from slugify import slugify

from shared.contracts.text import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAX_SLUG: Final = 100
# Some are letters to Unicode, and all of them apostrophes to people: quotation marks, primes,
# accents that stand alone, those of Hawaiian, Arabic, Armenian and Hebrew.
_APOSTROPHES: Final = dict.fromkeys(
    map(
        ord,
        "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u055a\u05f3\u2018\u2019\u201b\u2032"
        "\ua78c\uff07",
    ),
    " ",
)
# Both i of Turkish, whose capitals no program can tell from those of the other languages.
_TURKISH: Final = str.maketrans({"\u0131": "i", "\u0307": None})
_HAN: Final = re.compile("[々〆〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


@lru_cache(10_000)
def normalized(name: str) -> str:
    """A name as it is compared: what people do not see as a difference is none."""
    text = unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold()
    if "i\u0307" in text or "\u0131" in text:
        text = text.translate(_TURKISH)
    text = "".join(filter(None, map(_part, unicodedata.normalize("NFKC", text))))
    return " ".join(text.split())


def _part(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":  # zero-width, or a mark of direction
        return ""
    return character if category[0] in "LMN" else " "


def is_called(name: str, names: Iterable[str | None]) -> bool:
    """Whether a name is one of some names, however it is spelt."""
    wanted = normalized(name)
    return any(wanted == normalized(one) for one in names if one)


@lru_cache(10_000)
def member_id(
    country: str | None,
    kind: str,
    name: str,
    local_name: str | None = None,
    qualifier: str | None = None,
) -> str:
    """The stable id of a member, from country, kind, its own name for itself and its qualifier.

    The local name counts where one is given, so that "Nuremberg" (locally "Nürnberg") and
    "Nürnberg" are one member, while the canton and the city of Fribourg are two.

    Raises:
        ValueError: the name has no letter or digit to make an id of.
    """
    own_name = _slug(normalized(local_name or name))
    parts = [(country or "int").lower(), _of_kind(kind), own_name]
    if qualifier:
        parts.append(slugify(qualifier))
    return "-".join(parts)


def id_with(id_: str, part: str, value: str) -> str:
    """An id that follows from a name, were its country or its kind another."""
    country, _, rest = id_.partition("-")
    if part == "country":
        return f"{value.lower()}-{rest}"
    kind = next((one for one in _KINDS if rest.startswith(f"{one}-")), "")
    return f"{country}-{_of_kind(value)}{rest.removeprefix(kind)}" if kind else id_


def _of_kind(kind: str) -> str:
    return kind.replace(" ", "-")


_KINDS: Final = tuple(map(_of_kind, get_args(Kind)))


def _slug(own_name: str) -> str:
    if not own_name:
        msg = "the name has no letter or digit"
        raise ValueError(msg)
    slug = slugify(own_name, max_length=_MAX_SLUG)
    if _is_faithful(own_name, slug):
        return slug
    digest = blake2b(own_name.encode(), digest_size=4).hexdigest()
    return f"{slug}-{digest}" if slug else digest


def _is_faithful(own_name: str, slug: str) -> bool:
    """Whether a transliteration keeps about all of the name.

    Chinese characters by the dozen share one, what is too long is cut, and some scripts have none.
    Among those of an alphabet it is rare that two are alike; what names the second is refused.
    """
    return bool(slug) and len(slug) < _MAX_SLUG and not _HAN.search(own_name)
