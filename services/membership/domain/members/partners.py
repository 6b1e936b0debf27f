"""Civil-society partners of a member: who works with it, in which role, from when until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.base import EdtfDate, Text
from shared.domain.dates import agree, finer_of, replaced
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.membership import PartnerJoined, PartnerLeft


class Partner(State):
    """An organisation's time as a partner."""

    organisation: Text
    role: Text | None = None
    joined: EdtfDate
    left: EdtfDate | None = None

    @property
    def marks(self) -> dict[str, str]:
        """What tells it from other times."""
        return {"organisation": self.organisation, "joined": self.joined}


Partners = tuple[Partner, ...]


def times_of(partners: Partners, organisation: str) -> Partners:
    """An organisation's times as a partner; it is known in any case of letters."""
    name = organisation.casefold()
    return tuple(p for p in partners if p.organisation.casefold() == name)


def beginning(partners: Partners, event: PartnerJoined) -> Partner | None:
    """The time that began on the event's date, if there is one."""
    times = times_of(partners, event.organisation)
    return next((time for time in times if agree(time.joined, event.joined)), None)


def ending(partners: Partners, event: PartnerLeft) -> Partner | None:
    """The time that ended on the event's date, or else the last one, if there is one."""
    times = times_of(partners, event.organisation)
    ended = (time for time in times if time.left and agree(time.left, event.left))
    return next(ended, times[-1] if times else None)


def joined(partners: Partners, event: PartnerJoined) -> Partners:
    """The partners, with one more or with what is known better of one."""
    current = beginning(partners, event)
    if current is None:
        new = Partner(organisation=event.organisation, role=event.role, joined=event.joined)
        return (*partners, new)
    better = {
        "joined": finer_of(event.joined, current.joined),
        "role": current.role or event.role,
    }
    return replaced(partners, current, current.model_copy(update=better))


def left(partners: Partners, event: PartnerLeft) -> Partners:
    """The partners, one of which has left."""
    current = ending(partners, event)
    if current is None:
        return partners
    date = finer_of(event.left, current.left)
    return replaced(partners, current, current.model_copy(update={"left": date}))
