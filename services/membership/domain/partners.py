"""Civil-society partners of a member: who works with it, in which role, from when until when."""

from __future__ import annotations

from services.membership.domain.dates import agree, finer, replaced
from shared.contracts.base import EdtfDate, Model, Text, earliest, latest
from shared.contracts.membership import PartnerJoined, PartnerLeft
from shared.domain.decider import Refused


class Partner(Model):
    """An organisation's time as a partner."""

    organisation: Text
    role: Text | None = None
    joined: EdtfDate
    left: EdtfDate | None = None


Partners = tuple[Partner, ...]


def joined(partners: Partners, event: PartnerJoined) -> Partners:
    """The partners, with one more or with what is known better of one.

    Raises:
        Refused: the organisation is a partner since another date, and has not left.
    """
    for known in _of(partners, event.organisation):
        if agree(known.joined, event.joined):
            more = {
                "joined": finer(event.joined, known.joined, "its joining"),
                "role": known.role or event.role,
            }
            return _checked(partners, known, known.model_copy(update=more))
    new = Partner(organisation=event.organisation, role=event.role, joined=event.joined)
    for known in _of(partners, event.organisation):
        if known.left is None or earliest(new.joined) < earliest(known.left):
            raise Refused(f"{known.organisation} is a partner since {known.joined}")
    return (*partners, new)


def left(partners: Partners, event: PartnerLeft) -> Partners:
    """The partners, one of which has left.

    Raises:
        Refused: it is no partner, or left on another date, or before it joined.
    """
    stints = _of(partners, event.organisation)
    if not stints:
        raise Refused(f"{event.organisation} is no partner")
    for known in stints:
        if known.left and agree(known.left, event.left):
            date = finer(event.left, known.left, "its leaving")
            return _checked(partners, known, known.model_copy(update={"left": date}))
    last = stints[-1]
    if last.left:
        raise Refused(f"{last.organisation} left in {last.left} already")
    return _checked(partners, last, last.model_copy(update={"left": event.left}))


def _of(partners: Partners, organisation: str) -> list[Partner]:
    name = organisation.casefold()
    return [p for p in partners if p.organisation.casefold() == name]


def _checked(partners: Partners, old: Partner, new: Partner) -> Partners:
    if new.left and latest(new.left) < earliest(new.joined):
        raise Refused(f"{new.left} lies before {new.organisation} joined in {new.joined}")
    return replaced(partners, old, new)
