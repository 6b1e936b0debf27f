"""Announcements: what an office writes to many, and may take back for a while after its release."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from shared.contracts.base import EdtfDate, Event, LongText, Remark, Slug, Text
from shared.contracts.notifications.queued import Recipients
from shared.contracts.notifications.words import Role, SubscriptionId
from shared.contracts.numbers import WHOLE
from shared.contracts.text import EACH_ONCE

Tongue = Literal["en", "fr", "es", "ar"]
"""A language in which e-mails are written."""
Edition = Annotated[
    int, Field(ge=1, le=1_000_000, description="Which draft of an announcement, from 1."), WHOLE
]


class AnnouncementEvent(Event):
    """Something about an announcement."""

    announcement: Slug

    @property
    def subject(self) -> str:
        """The announcement's id."""
        return self.announcement


class Announced(AnnouncementEvent):
    """What an announcement says: who speaks, and the texts in each language."""

    office: Remark
    titles: Annotated[dict[Tongue, Text], Field(min_length=1)]
    texts: Annotated[dict[Tongue, LongText], Field(min_length=1)]

    @model_validator(mode="after")
    def _in_the_same_languages(self) -> Self:
        if lacking := sorted(self.titles.keys() ^ self.texts.keys()):
            raise ValueError(f"in {lacking[0]} there is a title or a text, and not both")
        return self


class AnnouncementDrafted(Announced):
    """An office, never a person, wrote an announcement, in full; again, it replaces the draft.

    It is for those who have one of the roles and work for one of the coalitions; without any, for
    all. `edition` is filled in by notifications.
    """

    type: ClassVar[str] = "coalition.notifications.AnnouncementDrafted.v1"
    drafted: EdtfDate
    coalitions: Annotated[tuple[Slug, ...], Field(max_length=50), EACH_ONCE] = ()
    roles: Annotated[tuple[Role, ...], Field(max_length=4), EACH_ONCE] = ()
    edition: Edition | None = None


class AnnouncementTested(AnnouncementEvent):
    """An announcement is sent to one subscription alone, that of whoever tries it.

    What it says, and an id of the test, are filled in by notifications.
    """

    type: ClassVar[str] = "coalition.notifications.AnnouncementTested.v1"
    subscription: SubscriptionId
    test: Text | None = None
    tested: AwareDatetime | None = None
    office: Remark | None = None
    titles: dict[Tongue, Text] = Field(default_factory=dict)
    texts: dict[Tongue, LongText] = Field(default_factory=dict)


class AnnouncementReleased(AnnouncementEvent):
    """An announcement goes out, ten minutes later: until then it can be cancelled.

    With `edition` only if it is still that one. When it goes out is filled in by notifications.
    """

    type: ClassVar[str] = "coalition.notifications.AnnouncementReleased.v1"
    edition: Edition | None = None
    goes_out: AwareDatetime | None = None


class AnnouncementCancelled(AnnouncementEvent):
    """An announcement does not go out; drafted again, it may."""

    type: ClassVar[str] = "coalition.notifications.AnnouncementCancelled.v1"
    reason: Text | None = None


class AnnouncementFellDue(AnnouncementEvent):
    """The clock says that an announcement may go out; the decision looks at the clock itself."""

    type: ClassVar[str] = "coalition.notifications.AnnouncementFellDue.v1"


class AnnouncementQueued(Announced):
    """An announcement went out: one e-mail to each of the recipients is due.

    Where they are many, there are several such events, each whole in itself.
    """

    type: ClassVar[str] = "coalition.notifications.AnnouncementQueued.v1"
    edition: Edition
    decided: AwareDatetime
    recipients: Annotated[tuple[Recipients, ...], Field(max_length=10_000)] = ()
