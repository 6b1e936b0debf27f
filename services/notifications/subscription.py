"""What a subscription says: a person, their language and time, and what they want to be told."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, ConfigDict, EmailStr, Field, model_validator

from services.notifications.domain import NOT_NOTIFIED, NOTIFIED
from services.notifications.domain.preferences import (
    WEEKDAYS,
    WORKING_DAYS,
    Preference,
    Weekday,
)
from shared.contracts.base import Country, Model, Slug, Text
from shared.contracts.catalogue import called
from shared.contracts.notifications import AnnouncementQueued, EventKind, How, Role, Urgency
from shared.contracts.numbers import WHOLE
from shared.contracts.text import EACH_ONCE
from shared.nearest import meant

ReadersLanguage = Literal["en", "fr", "es", "ar"]
"""The languages in which e-mails are written."""
_NAMES: Final = sorted(
    [*(called(event.type) for event in NOTIFIED), called(AnnouncementQueued.type)]
)
_WITHOUT: Final = {called(event.type): why for event, why in NOT_NOTIFIED.items()}
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


Slugs = Annotated[tuple[Slug, ...], Field(max_length=50), EACH_ONCE]
Point = Annotated[int, Field(ge=1, le=10), WHOLE]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]


class Wish(Model):
    """A rule as somebody gives it; whatever it does not name may be any.

    `own` means only what concerns the person's own member, or a coalition that they work for.
    """

    model_config = ConfigDict(extra="forbid")

    own: Literal["member", "coalition"] | None = None
    coalitions: Slugs = ()
    countries: Annotated[tuple[Country, ...], Field(max_length=50), EACH_ONCE] = ()
    members: Slugs = ()
    points: Annotated[tuple[Point, ...], Field(max_length=10), EACH_ONCE] = ()
    kinds: Annotated[tuple[NotifiedKind, ...], Field(max_length=200), EACH_ONCE] = ()
    urgency: Annotated[tuple[Urgency, ...], Field(max_length=3), EACH_ONCE] = ()
    how: How


class Quiet(Model):
    """When somebody wants no e-mail, by the clock where they are; it may be over midnight."""

    model_config = ConfigDict(extra="forbid")

    start: ClockTime
    end: ClockTime

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours that end when they begin are none: leave them out")
        return self


Name = Text
Address = Annotated[EmailStr, Field(max_length=254)]
Hour = Annotated[int, Field(ge=0, le=23), WHOLE]
MOST_RULES: Final = 50
"""Rules of a person's own, whoever gives them."""
Wishes = Annotated[tuple[Wish, ...], Field(max_length=MOST_RULES), EACH_ONCE]


class NewSubscription(Model):
    """A person of the staff, and what they want to be told, how and when.

    The first of the rules that fits an event counts; where none does, what the role says.
    """

    model_config = ConfigDict(extra="forbid")

    name: Name
    address: Address
    role: Role
    coalitions: Slugs = ()
    members: Slugs = ()
    language: ReadersLanguage = "en"
    zone: Zone = "UTC"
    digest_hour: Hour = 7
    digest_weekdays: Weekdays = WORKING_DAYS
    quiet_hours: Quiet | None = None
    rules: Wishes = ()

    @property
    def key(self) -> str:
        """What the address is compared by: case makes no other mailbox."""
        return self.address.casefold()


_UNSAID: Final[Any] = Field(default_factory=str)
"""May be left out; what it would be then is not looked at, and is not in the schema."""


class SubscriptionChange(Model):
    """What is to be changed of a subscription; what is left out stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    name: Name = _UNSAID
    address: Address = _UNSAID
    role: Role = _UNSAID
    coalitions: Slugs = _UNSAID
    members: Slugs = _UNSAID
    language: ReadersLanguage = _UNSAID
    zone: Zone = _UNSAID
    digest_hour: Hour = _UNSAID
    digest_weekdays: Weekdays = _UNSAID
    quiet_hours: Quiet | None = _UNSAID
    rules: Wishes = _UNSAID

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what is to be changed")
        return self


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


def changed(before: Subscription, change: SubscriptionChange) -> NewSubscription:
    """All that a subscription says after a change.

    Raises:
        pydantic.ValidationError: what it said before, and is not changed, is refused today.
    """
    known = before.model_dump(include={*NewSubscription.model_fields})
    return NewSubscription.model_validate({**known, **change.model_dump(exclude_unset=True)})
