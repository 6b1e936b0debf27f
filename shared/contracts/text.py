"""Texts of contracts: of one line, of several, links, and the tags of countries and languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import core_schema

from shared.contracts import codes, patterns
from shared.contracts.invisible import misplaced
from shared.contracts.lenient import only_refuses
from shared.contracts.placeholders import content, remark

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
# Archives have the address of what they keep within their own, behind a slash.
_SECOND_LINK: Final = re.compile(r"[,;|]https?://")


def _free_of(forbidden: re.Pattern[str]) -> Callable[[str], str]:
    @only_refuses
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


@only_refuses
def _one_link(value: str) -> str:
    if _SECOND_LINK.search(value):
        raise ValueError("one link, and not several with a comma or semicolon between them")
    return value


@only_refuses
def _seen(value: str) -> str:
    # Not all of it counts as unprintable, but none of it is ASCII.
    if not value.isascii() and (found := misplaced(value)):
        raise ValueError(
            f"invisible characters are allowed only where a script needs them: U+{ord(found):04X}"
        )
    return value


_check_line: Final = _free_of(_IN_A_LINE)


@only_refuses
@lru_cache(4096)  # the same names and titles come again and again, and are short
def _given(value: str) -> str:
    """All that a publisher's line is looked at for, in one call: there are many lines."""
    return content(_seen(_check_line(value)))


@only_refuses
def _short_enough(value: str) -> str:
    if len(value.encode()) > _LINK_BYTES:
        raise ValueError(f"a link has at most {_LINK_BYTES} bytes in UTF-8")
    return value


_A_LINE: Final = StringConstraints(min_length=1, max_length=300, strip_whitespace=True)
_SHOWN_AS_LINE: Final = Field(json_schema_extra={"pattern": patterns.LINE})
Line = Annotated[str, _A_LINE, _SHOWN_AS_LINE, AfterValidator(_check_line)]
"""One line of text in any script, without control characters: what we compose."""

Text = Annotated[str, _A_LINE, _SHOWN_AS_LINE, AfterValidator(_given)]
"""A name or another line that a publisher gives: it says something, and nothing in it is invisible
without need."""

Recorded = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, strip_whitespace=True),
    _SHOWN_AS_LINE,
    AfterValidator(_given),
]
"""What a fact is recorded as: a name or another line, or a link, which may be longer."""

Remark = Annotated[Text, AfterValidator(remark)]
"""One line that means something, where it is there at all: "none" is no condition."""

Lines = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, strip_whitespace=True),
    Field(json_schema_extra={"pattern": patterns.LINES}),
    AfterValidator(_free_of(_IN_LINES)),
]
"""A paragraph or two of what we compose; of control characters it has line breaks and tabs."""

LongText = Annotated[Lines, AfterValidator(remark)]
"""A paragraph or two that a publisher gives, and that say something."""

Country = Annotated[
    str,
    AfterValidator(codes.country),
    Field(
        description="ISO 3166-1 alpha-2.",
        examples=["DE"],
        json_schema_extra={"pattern": patterns.COUNTRY},
    ),
]
Qualifier = Annotated[
    str,
    AfterValidator(codes.qualifier),
    Field(
        description="Which of several cities of the name: an ISO 3166-2 subdivision, or an entry of"
        " Wikidata or GeoNames.",
        examples=["DE-NW", "Q2742", "geonames:2867543"],
        json_schema_extra={"pattern": patterns.QUALIFIER},
    ),
]
Currency = Annotated[
    str,
    AfterValidator(codes.currency),
    Field(examples=["EUR"], json_schema_extra={"pattern": patterns.CURRENCY}),
]
Language = Annotated[
    str,
    AfterValidator(codes.language),
    Field(
        description="BCP 47: a language of ISO 639-1, or of ISO 639-3 where that has none; perhaps"
        " with a script, and a country or a region of UN M49.",
        examples=["fr", "fil", "es-419"],
        json_schema_extra={"pattern": patterns.LANGUAGE},
    ),
]
MAX_LANGUAGES: Final = 40


def _each_key(schema: dict[str, Any]) -> None:
    """Say of all keys what pydantic says of those that a pattern fits."""
    ((pattern, values),) = schema.pop("patternProperties").items()
    schema |= {
        "additionalProperties": values,
        "propertyNames": {**schema["propertyNames"], "pattern": pattern},
    }


Texts = Annotated[
    dict[Language, Text], Field(max_length=MAX_LANGUAGES, json_schema_extra=_each_key)
]
"""The same line in several languages; what it is in the language of the record stands beside."""

Slug = Annotated[str, StringConstraints(pattern=patterns.SLUG, max_length=200)]
"""An id that people can type."""
Follows = Annotated[
    str,
    Field(
        pattern=patterns.KIND,
        description="The type of event of which this one is the consequence, at once.",
        examples=["CitySigned"],
    ),
]
Link = Annotated[
    str,
    StringConstraints(pattern=patterns.LINK, max_length=500),
    AfterValidator(_one_link),
    AfterValidator(_check_line),
    AfterValidator(_seen),
    AfterValidator(_short_enough),
]
"""An address on the web; in scripts other than Latin it may have 1,000 bytes at most."""

Kind = Literal[
    "city",
    "district",
    "canton",
    "municipality",
    "association",
    "metropolitan city",
    "region",
    "union of municipalities",
]
"""What a member is. All but associations have commitments of their own."""


@only_refuses
def _each_once(values: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    seen: set[Hashable] = set()
    for place, value in enumerate(values, 1):
        if value in seen:
            msg = f"what stands at place {place} stands there before"
            raise ValueError(msg)
        seen.add(value)
    return values


class _EachOnce:
    """Refuses repetitions, and says so in the schema."""

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(_each_once, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "uniqueItems": True}


EACH_ONCE: Final = _EachOnce()
"""Belongs into the annotation of a list whose order and repetitions mean nothing."""


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
