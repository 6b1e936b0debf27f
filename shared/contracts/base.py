"""What every contract is made of: strict texts, dates as precise as their source, references."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

import pycountry
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EDTF: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_COUNTRIES: Final = frozenset(country.alpha_2 for country in pycountry.countries)
_PRECISION: Final = {4: "year", 7: "month", 10: "day"}
_LANGUAGE: Final = re.compile(r"([a-z]{2})(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_LANGUAGES: Final = frozenset(
    language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")
)


@lru_cache(10_000)
def earliest(value: str) -> date:
    """The first day that an EDTF level 0 date may mean (`2006-08` → 1 August 2006)."""
    year, month, day = (int(part) for part in f"{value}-01-01"[:10].split("-"))
    return date(year, month, day)


@lru_cache(10_000)
def latest(value: str) -> date:
    """The last day that an EDTF level 0 date may mean (`2006-08` → 31 August 2006)."""
    match _PRECISION[len(value)]:
        case "year":
            return date(int(value), 12, 31)
        case "month":
            year, month = int(value[:4]), int(value[5:])
            return date(year, month, monthrange(year, month)[1])
        case _:
            return date.fromisoformat(value)


def covers(wide: str, narrow: str) -> bool:
    """Whether two dates can mean the same day, `wide` being the less precise or equal one."""
    return narrow.startswith(wide)


def _real_date(value: str) -> str:
    if not _EDTF.fullmatch(value):
        msg = "a date is YYYY, YYYY-MM or YYYY-MM-DD (EDTF level 0), as precise as its source"
        raise ValueError(msg)
    earliest(value)  # raises ValueError for a month or day that does not exist
    return value


def _one_line(value: str) -> str:
    if _CONTROL.search(value):
        msg = "control characters and line breaks are not allowed"
        raise ValueError(msg)
    return value


def _country(value: str) -> str:
    if value not in _COUNTRIES:
        msg = "not an ISO 3166-1 alpha-2 country code"
        raise ValueError(msg)
    return value


def _language(value: str) -> str:
    match = _LANGUAGE.fullmatch(value)
    if match is None or match[1] not in _LANGUAGES:
        msg = "not a language tag such as fr, pt-BR or zh-Hant (BCP 47 with an ISO 639-1 language)"
        raise ValueError(msg)
    return value


EdtfDate = Annotated[
    str,
    StringConstraints(min_length=4, max_length=10),
    AfterValidator(_real_date),
    Field(
        description="EDTF level 0: YYYY, YYYY-MM or YYYY-MM-DD.",
        examples=["2006-08"],
        json_schema_extra={"pattern": r"^\d{4}(-\d{2}(-\d{2})?)?$"},
    ),
]
"""A date as precise as its source; a day or month that no source gives is left out."""

Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, strip_whitespace=True),
    AfterValidator(_one_line),
]
"""One line of text in any script."""

LongText = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
"""A paragraph or two; line breaks are allowed."""

Country = Annotated[
    str, AfterValidator(_country), Field(description="ISO 3166-1 alpha-2.", examples=["DE"])
]
Language = Annotated[
    str,
    AfterValidator(_language),
    Field(description="BCP 47: ISO 639-1, perhaps with script and region.", examples=["fr"]),
]
Texts = Annotated[dict[Language, Text], Field(max_length=40)]
"""The same line in several languages; what it is in the language of the record stands beside."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=200)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$", max_length=500)]
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


class Model(BaseModel):
    """A frozen value; fields that a newer publisher added are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As pydantic's; a shallow one, which every decision makes, in a third of the time."""
        if deep:
            return super().model_copy(update=update, deep=True)
        copied = type(self).__new__(type(self))
        changes = update or {}
        set_ = object.__setattr__
        set_(copied, "__dict__", {**self.__dict__, **changes})
        set_(copied, "__pydantic_fields_set__", self.__pydantic_fields_set__.union(changes))
        set_(copied, "__pydantic_extra__", None)
        set_(copied, "__pydantic_private__", None)
        return copied


class Event(Model):
    """The body of a CloudEvent. `type` is `coalition.<owner>.<PastTense>.v1`."""

    type: ClassVar[str]

    @property
    def subject(self) -> str:
        """The id of the aggregate that the event is about: `subject` and Kafka key."""
        raise NotImplementedError


def member_id(country: str | None, kind: str, name: str, local_name: str | None = None) -> str:
    """The stable id of a member, from country, kind and its own name for itself.

    The local name counts where one is given, so that "Nuremberg" (locally "Nürnberg") and
    "Nürnberg" are one member, while the canton and the city of Fribourg are two.

    Raises:
        ValueError: the name has no letter or digit to make an id of.
    """
    own_name = slugify(local_name or name, max_length=120)
    if not own_name:
        msg = "the name has no letter or digit"
        raise ValueError(msg)
    return f"{(country or 'int').lower()}-{kind}-{own_name}"


class MemberRef(Model):
    """Names a member: by its id, or by country, kind and name, from which the id follows."""

    id: Slug | None = None
    name: Text | None = None
    local_name: Text | None = None
    country: Country | None = None
    kind: Kind | None = None

    @model_validator(mode="after")
    def _identified(self) -> MemberRef:
        if self.name is None or self.kind is None:
            if self.id is None:
                msg = "give the member's id, or its name, kind and country"
                raise ValueError(msg)
            return self
        if self.country is None and self.kind != "association":
            msg = "only an association may be without a country"
            raise ValueError(msg)
        if self.id is None:
            derived = member_id(self.country, self.kind, self.name, self.local_name)
            # The model is frozen for its users; its own validator completes it.
            object.__setattr__(self, "id", derived)
        return self

    @property
    def key(self) -> str:
        """The member's id; always known once the reference is valid."""
        assert self.id is not None  # noqa: S101 - the validator above saw to it
        return self.id
