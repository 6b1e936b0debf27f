"""Texts of contracts: of one line, of several, links, and the tags of countries and languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Literal

import pycountry
from pydantic import AfterValidator, Field, StringConstraints

from shared.contracts.invisible import misplaced

_COUNTRIES: Final = frozenset(country.alpha_2 for country in pycountry.countries)
_CURRENCIES: Final = frozenset(currency.alpha_3 for currency in pycountry.currencies)
_LANGUAGE: Final = re.compile(r"([a-z]{2})(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_LANGUAGES: Final = frozenset(
    language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")
)
_NONCHARACTERS: Final = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
# Controls (C0, DEL, C1), surrogates and noncharacters say nothing, and break what prints, mails or
# stores them. The two overrides show text in another order than it is written; what else is not
# seen is looked at in `invisible`.
_NEVER: Final = f"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{_NONCHARACTERS}\u202d\u202e"
_IN_LINES: Final = re.compile(f"[{_NEVER}]")
_IN_A_LINE: Final = re.compile(f"[{_NEVER}\t\n\r\u2028\u2029]")
_LINE_BREAKS: Final = frozenset("\t\n\r\u2028\u2029")
_LINK_BYTES: Final = 1000


def _free_of(forbidden: re.Pattern[str]) -> Callable[[str], str]:
    def check(value: str) -> str:
        # What is printable holds none of them; to look is ten times as fast as to search.
        if not value.isprintable() and (found := forbidden.search(value)):
            raise ValueError(_explained(found[0]))
        return value

    return check


def _explained(character: str) -> str:
    name = f"U+{ord(character):04X}"
    if character in _LINE_BREAKS:
        return f"line breaks and tabs are not allowed: {name}"
    if "\x80" <= character <= "\x9f":
        return f"control characters are not allowed: {name}; was it read in the right encoding?"
    return f"control characters are not allowed: {name}"


def _seen(value: str) -> str:
    # Not all of it counts as unprintable, but none of it is ASCII.
    if not value.isascii() and (found := misplaced(value)):
        raise ValueError(
            f"invisible characters are allowed only where a script needs them: U+{ord(found):04X}"
        )
    return value


def _short_enough(value: str) -> str:
    if len(value.encode()) > _LINK_BYTES:
        msg = f"a link has at most {_LINK_BYTES} bytes in UTF-8"
        raise ValueError(msg)
    return value


def _country(value: str) -> str:
    if value not in _COUNTRIES:
        msg = "not an ISO 3166-1 alpha-2 country code"
        raise ValueError(msg)
    return value


def _currency(value: str) -> str:
    if value not in _CURRENCIES:
        msg = "not an ISO 4217 currency code"
        raise ValueError(msg)
    return value


def _language(value: str) -> str:
    match = _LANGUAGE.fullmatch(value)
    if match is None or match[1] not in _LANGUAGES:
        msg = "not a language tag such as fr, pt-BR or zh-Hant (BCP 47 with an ISO 639-1 language)"
        raise ValueError(msg)
    return value


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, strip_whitespace=True),
    AfterValidator(_free_of(_IN_A_LINE)),
]
"""One line of text in any script, without control characters: what we compose."""

Text = Annotated[Line, AfterValidator(_seen)]
"""A name or another line that a publisher gives: nothing in it is invisible without need."""

LongText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, strip_whitespace=True),
    AfterValidator(_free_of(_IN_LINES)),
]
"""A paragraph or two; line breaks and tabs are allowed, other control characters are not."""

Country = Annotated[
    str, AfterValidator(_country), Field(description="ISO 3166-1 alpha-2.", examples=["DE"])
]
Currency = Annotated[str, AfterValidator(_currency), Field(examples=["EUR"])]
Language = Annotated[
    str,
    AfterValidator(_language),
    Field(description="BCP 47: ISO 639-1, perhaps with script and region.", examples=["fr"]),
]
MAX_LANGUAGES: Final = 40
Texts = Annotated[dict[Language, Text], Field(max_length=MAX_LANGUAGES)]
"""The same line in several languages; what it is in the language of the record stands beside."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=200)]
Link = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500),
    AfterValidator(_free_of(_IN_A_LINE)),
    AfterValidator(_seen),
    AfterValidator(_short_enough),
]
"""An address on the web; in scripts other than Latin it may have 1,000 bytes at most."""

Kind = Literal["city", "district", "canton", "municipality", "association"]


def in_language(texts: Mapping[str, str], wanted: Sequence[str], otherwise: str) -> str:
    """The text in the first wanted language that there is, else the one of the record.

    A wanted `pt-BR` is served by `pt`, but not the other way round (RFC 4647, lookup).
    """
    for tag in wanted:
        parts = tag.split("-")
        for length in range(len(parts), 0, -1):
            if text := texts.get("-".join(parts[:length])):
                return text
    return otherwise
