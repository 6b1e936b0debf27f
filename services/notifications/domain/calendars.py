"""What stands in calendars: conferences that are known to the day, and the deadlines of reports."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from pydantic import Field

from services.notifications.domain.preferences import choice
from services.notifications.domain.rules import Facts, urgency_of
from shared.contracts.base import EdtfDate, in_language
from shared.contracts.catalogue import called
from shared.contracts.membership import (
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceCancelled,
    ConferenceChanged,
    ConferenceCorrected,
    ConferenceEvent,
    ConferenceRegistered,
)
from shared.contracts.plans import (
    EarlierReportsWaived,
    ReportAccepted,
    ReportCorrected,
    ReportEvent,
    ReportExtended,
    ReportFellDue,
    ReportFellOverdue,
    ReportGivenBack,
    ReportReminded,
    ReportReviewed,
    ReportSubmitted,
    ReportTakenOver,
    ReportWaived,
)
from shared.domain.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeAlias

    from services.notifications.domain.content.reader import Reader
    from services.notifications.domain.preferences import Preference
    from shared.contracts.base import Event, MemberRef

Dated: TypeAlias = "ConferenceEvent | ReportEvent"

FOLLOWED: Final[tuple[type[Event], ...]] = (
    ConferenceAnnounced,
    ConferenceChanged,
    ConferenceCancelled,
    ConferenceRegistered,
    ConferenceAttended,
    ConferenceCorrected,
    ReportReminded,
    ReportFellDue,
    ReportExtended,
    ReportFellOverdue,
    ReportSubmitted,
    ReportReviewed,
    ReportAccepted,
    ReportWaived,
    ReportCorrected,
    ReportTakenOver,
    ReportGivenBack,
    EarlierReportsWaived,
)
"""The events that change a calendar."""
_ENDING: Final = (ReportSubmitted, ReportTakenOver, ReportAccepted, ReportWaived)
"""After which a report is not awaited."""
MAILED: Final = (
    ConferenceAnnounced,
    ConferenceChanged,
    ConferenceCancelled,
    ConferenceCorrected,
    ReportReminded,
    ReportFellDue,
    ReportExtended,
    ReportReviewed,
    ReportWaived,
)
"""Those whose e-mail has the occasion with it."""
_MAILED_TYPES: Final = frozenset(event.type for event in MAILED)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


class Occasion(State):
    """A conference or a deadline, as calendars show it.

    Attributes:
        kind: whom it concerns is found by the event that first says so.
        members: the ids of the members that it is about, and the countries in which they are.
        titles: of a conference, by language; of a deadline none.
        member: the name of the member whose report it is.
        begins: as precise as its source; a deadline has no end.
        day: the first day as it was last known to the day; None until it was.
        last_day: the last day likewise.
        is_off: it does not take place, its day is not known any more, or nothing is due.
        sequence: the version of the stream that said so last.
        recorded: when it was said.
    """

    id: str
    kind: Literal["conference", "report"]
    coalition: str
    members: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    title: str | None = None
    titles: dict[str, str] = Field(default_factory=dict)
    place: str | None = None
    member: str | None = None
    begins: EdtfDate
    ends: EdtfDate | None = None
    is_cancelled: bool = False
    day: str | None = None
    last_day: str | None = None
    is_off: bool = False
    sequence: int
    recorded: datetime


def occasion_id(event: Dated) -> str:
    """The id of the occasion that an event is about; it never changes."""
    if isinstance(event, ConferenceEvent):
        return f"conference.{event.conference}"
    return f"report.{event.member.key}.{event.due}"


def occasion_of(event_type: str, about: str, data: Mapping[str, Any]) -> str | None:
    """The id of the occasion that goes with the e-mail about an event; None where none does."""
    if event_type not in _MAILED_TYPES:
        return None
    due = data.get("due")
    return f"report.{about}.{due}" if due else f"conference.{about}"


def followed(
    occasion: Occasion | None, event: Dated, sequence: int, recorded: datetime
) -> Occasion | None:
    """An occasion after an event; None where nothing is known that could stand in a calendar."""
    if occasion and sequence < occasion.sequence:
        return occasion
    after = _conference(occasion, event) if isinstance(event, ConferenceEvent) else None
    if isinstance(event, ReportEvent):
        after = _report(occasion, event)
    if after is None or after == occasion:
        return occasion
    return _on_its_day(after).model_copy(update={"sequence": sequence, "recorded": recorded})


def waived_before(
    occasions: Iterable[Occasion], event: EarlierReportsWaived, sequence: int, recorded: datetime
) -> list[Occasion]:
    """The deadlines of a member that are off since only a later report is asked for."""
    said = {"is_cancelled": True, "is_off": True, "sequence": sequence, "recorded": recorded}
    mark = occasion_id(event)
    return [
        occasion.model_copy(update=said)
        for occasion in occasions
        if occasion.id < mark and not occasion.is_cancelled and sequence >= occasion.sequence
    ]


def concerns(occasion: Occasion, preference: Preference) -> bool:
    """Whether somebody wants to know of it: whether they are told, in whatever way."""
    kind = called((ConferenceAnnounced if occasion.kind == "conference" else ReportFellDue).type)
    facts = Facts(
        kind,
        urgency_of(kind),
        frozenset([occasion.coalition]),
        frozenset(occasion.countries),
        frozenset(occasion.members),
    )
    _, how, _ = choice(preference, facts, preference.scope(facts))
    return how != "never"


def in_words(occasion: Occasion, reader: Reader) -> str:
    """What it is called in a calendar."""
    if occasion.kind == "conference":
        return in_language(occasion.titles, [reader.language], occasion.title or occasion.id)
    member = reader.names.of("members", occasion.members[0], reader.language) or occasion.member
    words = reader.phrase("{member}: a report is due")
    return words.format(member=reader.isolated(member or occasion.members[0]))


def _conference(occasion: Occasion | None, event: ConferenceEvent) -> Occasion | None:
    if isinstance(event, ConferenceAnnounced):
        there = occasion or Occasion(
            id=occasion_id(event),
            kind="conference",
            coalition=event.coalition,
            begins=event.begins,
            sequence=0,
            recorded=datetime.min,  # noqa: DTZ901 - replaced by whoever calls
        )
        return _updated(there, event, "title", "titles", "place", "begins", "ends")
    if occasion is None:
        return None
    if isinstance(event, ConferenceChanged):
        return _updated(occasion, event, "title", "place", "begins", "ends")
    if isinstance(event, ConferenceCancelled):
        return occasion.model_copy(update={"is_cancelled": True})
    if isinstance(event, ConferenceRegistered | ConferenceAttended):
        return occasion.model_copy(update=_with_members(occasion, event.members))
    return _corrected(occasion, event) if isinstance(event, ConferenceCorrected) else occasion


def _updated(occasion: Occasion, event: Event, *fields: str) -> Occasion:
    given: dict[str, Any] = {field: getattr(event, field) for field in fields}
    given = {field: value for field, value in given.items() if value is not None}
    if (
        "begins" in given
        and "ends" not in given
        and occasion.ends
        and occasion.ends < given["begins"]
    ):
        given["ends"] = None
    host = getattr(event, "host", None)
    if host:
        given |= _with_members(occasion, (host,))
    return occasion.model_copy(update=given)


def _with_members(occasion: Occasion, refs: Iterable[MemberRef]) -> dict[str, Any]:
    """Whom it is about, with more of them, each once."""
    there = tuple(refs)
    members = (*occasion.members, *(one.key for one in there))
    countries = (*occasion.countries, *(one.country for one in there if one.country))
    return {
        "members": tuple(dict.fromkeys(members)),
        "countries": tuple(dict.fromkeys(countries)),
    }


def _corrected(occasion: Occasion, event: ConferenceCorrected) -> Occasion:
    if event.fact in {"title", "place", "begins", "ends"}:
        return occasion.model_copy(update={event.fact: event.correct})
    if event.fact == "cancelled":
        return occasion.model_copy(update={"is_cancelled": event.correct is not None})
    return occasion


def _report(occasion: Occasion | None, event: ReportEvent) -> Occasion | None:
    deadline = _deadline(event, is_first=occasion is None)
    if occasion is None:
        if deadline is None:
            return None
        occasion = Occasion(
            id=occasion_id(event),
            kind="report",
            coalition=event.coalition,
            begins=deadline,
            sequence=0,
            recorded=datetime.min,  # noqa: DTZ901 - replaced by whoever calls
        )
    said: dict[str, Any] = {
        "coalition": event.coalition,
        "member": event.member.name or occasion.member,
        **_with_members(occasion, (event.member,)),
    }
    if deadline:
        said |= {"begins": deadline, "is_cancelled": False}
    elif isinstance(event, _ENDING):
        said["is_cancelled"] = True
    elif isinstance(event, ReportGivenBack):
        said["is_cancelled"] = False
    elif isinstance(event, ReportCorrected) and event.step in {"submitted", "waived"}:
        said["is_cancelled"] = event.correct is not None
    return occasion.model_copy(update=said)


def _deadline(event: ReportEvent, *, is_first: bool) -> str | None:
    """Until when a report is awaited since an event; None where the event does not change that."""
    if isinstance(event, ReportReminded | ReportFellOverdue):
        return event.by or event.due
    if isinstance(event, ReportExtended | ReportReviewed):
        return event.until
    if isinstance(event, ReportCorrected):
        return (event.correct or event.due) if event.step == "extended" else None
    return event.due if is_first and isinstance(event, ReportFellDue) else None


def _on_its_day(occasion: Occasion) -> Occasion:
    """With its days as calendars have them; where they are not known any more, it is off."""
    if not _DAY.fullmatch(occasion.begins):
        return occasion.model_copy(update={"is_off": True})
    ends = occasion.ends if occasion.ends and _DAY.fullmatch(occasion.ends) else occasion.begins
    days = {"day": occasion.begins, "last_day": max(ends, occasion.begins)}
    return occasion.model_copy(update={**days, "is_off": occasion.is_cancelled})
