"""Calendars: what is kept of conferences and deadlines, and its form in iCalendar (RFC 5545).

Calendars rarely update what was only mailed, so there is a feed besides: both are made of the same
occasions, with the same UID and SEQUENCE.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from icalendar import Calendar, Event
from pymongo import ASCENDING, DESCENDING, ReplaceOne

from services.notifications.domain.calendars import (
    FOLLOWED,
    Occasion,
    followed,
    occasion_id,
    waived_before,
)
from shared import mongo
from shared.contracts.membership import ConferenceEvent
from shared.contracts.plans import EarlierReportsWaived, ReportEvent
from shared.pipeline.tolerant import read_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.domain.calendars import Dated
    from shared.pipeline.inbound import InboundMessage

Document = dict[str, Any]
MEDIA_TYPE: Final = "text/calendar"
MOST: Final = 1000
"""Occasions in a feed at most, of those that concern its person: those that end last."""
_AT_ONCE: Final = 500
_KEPT: Final = timedelta(days=366)
"""How long a feed has what is over."""
_EACH: Final = timedelta(hours=6)
"""How often a calendar is asked to look again."""


class Calendars:
    """The occasions in the service's store, kept by what is read of other services."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._occasions = database["calendar"]

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        by_kind = [("kind", ASCENDING), ("members", ASCENDING)]
        await mongo.index(self._occasions, "last_day", by_kind)

    async def keep(self, read: Sequence[InboundMessage]) -> None:
        """Follow what was published; twice, or late, is harmless."""
        dated = [one for one in read if isinstance(one.event, FOLLOWED)]
        for start in range(0, len(dated), _AT_ONCE):
            await self._follow(dated[start : start + _AT_ONCE])

    async def of(self, ids: Iterable[str]) -> dict[str, Occasion]:
        """Those of the occasions that there are and that a calendar can show, by id."""
        wanted = sorted(set(ids))
        if not wanted:
            return {}
        found = self._occasions.find({"_id": {"$in": wanted}, "day": {"$ne": None}})
        return {one.id: one async for one in read_each(Occasion, found)}

    async def since(self, today: date, wanted: Callable[[Occasion], bool]) -> list[Occasion]:
        """What a feed has of what is wanted: not over for longer than a year, by its days."""
        where = {"last_day": {"$gte": (today - _KEPT).isoformat()}}
        found = self._occasions.find(where).sort("last_day", DESCENDING)
        last: list[Occasion] = []
        async for one in read_each(Occasion, found):
            if len(last) == MOST:
                break
            if wanted(one):
                last.append(one)
        return last[::-1]

    async def _follow(self, messages: Sequence[InboundMessage]) -> None:
        events: list[Any] = [one.event for one in messages]
        occasions = {one.id: one async for one in self._concerned(events)}
        before = dict(occasions)
        for message, event in zip(messages, events, strict=True):
            at = _said(message)
            if isinstance(event, EarlierReportsWaived):
                of_member = [one for one in occasions.values() if event.member.key in one.members]
                occasions |= {one.id: one for one in waived_before(of_member, event, *at)}
            elif after := followed(occasions.get(occasion_id(event)), event, *at):
                occasions[after.id] = after
        changed = [one for one in occasions.values() if before.get(one.id) != one]
        if changed:
            await mongo.bulk_upsert(self._occasions, [_write(one) for one in changed])

    def _concerned(self, events: Sequence[Dated]) -> Any:  # noqa: ANN401 - an iterator of occasions
        ids = {occasion_id(event) for event in events if isinstance(event, ConferenceEvent)}
        members = {event.member.key for event in events if isinstance(event, ReportEvent)}
        reports = {"kind": "report", "members": {"$in": sorted(members)}}
        found = self._occasions.find({"$or": [{"_id": {"$in": sorted(ids)}}, reports]})
        return read_each(Occasion, found)


def _said(message: InboundMessage) -> tuple[int, datetime]:
    """The version of the stream that an event stands in, and when it was recorded."""
    headers = dict(message.record.headers)
    sequence = (headers.get("ce_sequence") or b"0").decode(errors="replace")
    try:
        recorded = datetime.fromisoformat((headers.get("ce_time") or b"").decode())
    except ValueError:
        recorded = datetime(1970, 1, 1, tzinfo=UTC)
    return int(sequence) if sequence.isdecimal() else 0, recorded.astimezone(UTC)


def _write(occasion: Occasion) -> ReplaceOne[Document]:
    document = {
        **occasion.model_dump(mode="json"),
        "_id": occasion.id,
        "recorded": occasion.recorded,
    }
    where = {"_id": occasion.id, "sequence": {"$lte": occasion.sequence}}
    return ReplaceOne(where, document, upsert=True)


def icalendar(
    occasions: Iterable[Occasion],
    summary: Callable[[Occasion], str],
    host: str,
    *,
    name: str | None = None,
) -> bytes:
    """Occasions as iCalendar has them; the same ones give the same bytes.

    Args:
        occasions: those that were ever known to the day.
        summary: the title of one in the reader's language.
        host: makes the ids of the occasions ours.
        name: of the feed; None for what is attached to an e-mail.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//International Coalition of Cities against Racism//Coalition//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if name is None:
        calendar.add("method", "PUBLISH")
    else:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("refresh-interval", _EACH, parameters={"value": "DURATION"})
        calendar.add("x-published-ttl", "PT6H")
    for occasion in occasions:
        if occasion.day and occasion.last_day:
            calendar.add_component(_event(occasion, summary(occasion), host))
    return bytes(calendar.to_ical())


def _event(occasion: Occasion, summary: str, host: str) -> Event:
    event = Event()
    event.add("uid", f"{occasion.id}@{host}")
    event.add("sequence", occasion.sequence)
    event.add("dtstamp", occasion.recorded)
    event.add("last-modified", occasion.recorded)
    event.add("summary", summary)
    event.add("dtstart", date.fromisoformat(occasion.day or ""))
    event.add("dtend", date.fromisoformat(occasion.last_day or "") + timedelta(days=1))
    event.add("status", "CANCELLED" if occasion.is_off else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # it makes nobody busy
    if occasion.place:
        event.add("location", occasion.place)
    return event
