"""What a subscription says: a person, their language and time, and what they want to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ConfigDict, EmailStr, Field, model_validator

from services.notifications.domain import NOT_NOTIFIED, NOTIFIED
from services.notifications.domain.preferences import (
    WEEKDAYS,
    WORKING_DAYS,
    Preference,
    QuietHours,
    Weekday,
)
from services.notifications.domain.rules import Members, Regions, Rule
from shared.contracts.base import Model, Text
from shared.contracts.notifications import AnnouncementQueued, EventKind, Role
from shared.contracts.text import EACH_ONCE
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

ReadersLanguage = Literal["en", "fr", "es", "ar"]
"""The languages in which e-mails are written."""
_NAMES: Final = sorted([*(event.__name__ for event in NOTIFIED), AnnouncementQueued.__name__])
_WITHOUT: Final = {event.__name__: why for event, why in NOT_NOTIFIED.items()}
_ZONES: Final = sorted(available_timezones())


def _notified(kind: str) -> str:
    if kind in _WITHOUT:
        msg = f"nobody is notified of it: {_WITHOUT[kind]}"
        raise ValueError(msg)
    if kind not in _NAMES:
        msg = f"there is no such event; {meant(kind, _NAMES)}"
        raise ValueError(msg)
    return kind


def _zone(name: str) -> str:
    if name not in _ZONES:
        msg = f"there is no such time zone; {meant(name, _ZONES)}"
        raise ValueError(msg)
    return name


def _one_of(names: Sequence[str]) -> BeforeValidator:
    """Names the nearest of the words, where none of them is given."""

    def check(value: Any) -> Any:  # noqa: ANN401 - as it came
        if isinstance(value, str) and value not in names:
            msg = f"there is no {value!r}; {meant(value, names)}"
            raise ValueError(msg)
        return value

    return BeforeValidator(check)


def _in_order(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    return tuple(sorted(days, key=WEEKDAYS.index))


NotifiedKind = Annotated[
    EventKind, AfterValidator(_notified), Field(json_schema_extra={"enum": [*_NAMES]})
]
"""A kind of event of which people are notified."""
Zone = Annotated[
    str,
    AfterValidator(_zone),
    Field(description="IANA's name of a time zone.", examples=["Africa/Dakar"]),
]
Weekdays = Annotated[
    tuple[Weekday, ...],
    Field(min_length=1, max_length=7, description="A weekly digest comes on the first of them."),
    EACH_ONCE,
    AfterValidator(_in_order),
]


class Wish(Rule):
    """A rule as somebody gives it: each kind is one of which people are notified."""

    model_config = ConfigDict(extra="forbid")

    kinds: Annotated[tuple[NotifiedKind, ...], Field(max_length=200), EACH_ONCE] = ()


class Quiet(QuietHours):
    """Quiet hours as somebody gives them."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours that end when they begin are none: leave them out")
        return self


class NewSubscription(Model):
    """A person of the staff, and what they want to be told, how and when.

    The first of the rules that fits an event counts; where none does, what the role says.
    """

    model_config = ConfigDict(extra="forbid")

    name: Text
    address: Annotated[EmailStr, Field(max_length=254)]
    role: Role
    regions: Regions = ()
    members: Members = ()
    language: ReadersLanguage = "en"
    zone: Zone = "UTC"
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 7
    digest_weekdays: Weekdays = WORKING_DAYS
    quiet_hours: Quiet | None = None
    rules: Annotated[tuple[Wish, ...], Field(max_length=50), EACH_ONCE] = ()

    @property
    def key(self) -> str:
        """What the address is compared by: case makes no other mailbox."""
        return self.address.casefold()


class Subscription(Preference):
    """A subscription with its id, the only thing of it that events ever name.

    It is read without the bounds of a new one: what was taken once can be read for ever.

    Attributes:
        address: as its owner wrote it.
        version: another one after each change.
        links: the revision of the links in e-mails; those of an earlier one are valid no more.
    """

    id: str
    name: str
    address: str
    language: str = "en"
    version: int = 1
    links: int = 1
