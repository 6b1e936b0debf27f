"""An announcement, from its first draft until it went out or was cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from shared.domain.state import State
from shared.domain.stream import Stream

KIND: Final = "announcements"
HOMES: Final = "homes"
"""The kind under which rules look at where members belong; it has no journal."""
ALL_HOMES: Final = Stream(HOMES, "all")
COALITIONS: Final = "coalitions"
"""Likewise, for which coalitions there are."""
ALL_COALITIONS: Final = Stream(COALITIONS, "all")
AnnouncementState = Literal["draft", "released", "cancelled", "sent"]


class Announcement(State):
    """What an office has to say, to whom, and how far it is.

    Attributes:
        office: that speaks.
        titles: by language, and so are the texts.
        coalitions: whose people it is for; none means all.
        roles: of those it is for; none means all.
        edition: which draft it is, from 1.
        goes_out: when, once it was released; until then it can be cancelled.
        recipients: to how many it went out.
    """

    id: str
    office: str
    titles: dict[str, str] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict)
    coalitions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    drafted: str
    edition: int = 1
    state: AnnouncementState
    goes_out: datetime | None = None
    reason: str | None = None
    recipients: int = 0


class Homes(State):
    """To which coalitions the members belong that are people's own.

    Attributes:
        of: the coalition, by the member.
    """

    of: dict[str, str] = Field(default_factory=dict)


class Coalitions(State):
    """The coalitions that notifications has read of, by id."""

    ids: tuple[str, ...] = ()
