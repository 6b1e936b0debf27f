"""What changed, over all services: by the day it was recorded, and as the timeline of a member.

Notifications reads what every service publishes, so it alone can answer for all of them. It keeps
each event as it was published; what people read is made of it when they ask.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query
from pydantic import Field
from pymongo import ASCENDING, ReplaceOne

from services.notifications.domain import ENGLISH, Reader, details, headline
from services.notifications.domain.changes import concerned, when
from services.notifications.letters import event_of
from shared import mongo
from shared.contracts import catalogue
from shared.contracts.base import Day, EdtfDate, Model
from shared.contracts.membership import MemberCorrected, MembersMerged
from shared.contracts.notifications import Detail
from shared.nearest import meant
from shared.web.paging import Limit, Page, page
from shared.web.parameters import After, Id, ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.names import NameBook
    from shared.contracts.base import Event
    from shared.journal.entry import Document
    from shared.pipeline.inbound import InboundMessage

_AT_ONCE: Final = 500
"""Changes in one write."""
_A_WEEK: Final = timedelta(days=7)
_INDEXES: Final = (("members", "place"), ("coalition", "_id"))
_ON_MERGERS: Final = (MembersMerged.type, MemberCorrected.type)
_MOST_MERGERS: Final = 100
_OTHERWISE: Final = frozenset(
    {"specversion", "id", "source", "type", "subject", "dataschema", "causesource"}
)
"""Attributes that are kept in a field of their own, or follow from the type."""
Since = Annotated[
    Day | None,
    Query(description="Recorded from this day on; else of a week.", examples=["2026-11-19"]),
]
Until = Annotated[
    Day | None,
    Query(description="Recorded up to the end of this day.", examples=["2026-11-26"]),
]


class Kept(Model):
    """An event as it is kept: as it was published, with what it is found by.

    Attributes:
        place: in the timeline of a member: by its date, or the day on which it was recorded.
        by: the source of the event that it was published because of.
        attributes: the others of its CloudEvent, but for those that follow from its type.
        key: where it stands among all that is kept: when it was recorded, to the microsecond.
        offset: by which those come in their order that were recorded together.
    """

    key: Annotated[str, Field(validation_alias="_id")] = ""
    id: str
    recorded: datetime
    type: str
    about: str
    coalition: str | None = None
    members: tuple[str, ...] = ()
    dated: EdtfDate | None = None
    place: str
    by: str = ""
    data: str
    attributes: dict[str, str] = Field(default_factory=dict)
    offset: int = 0


class Change(Model):
    """Something that was recorded, for people to read.

    Attributes:
        dated: when it happened, as precise as its source.
        recorded_by: the CloudEvents source that said it.
        service: whose event it is.
    """

    id: str
    recorded: datetime
    dated: str | None
    kind: str
    service: str
    about: str
    coalition: str | None
    members: tuple[str, ...]
    headline: str
    details: tuple[Detail, ...]
    recorded_by: str


class Changes:
    """Keeps what was published, and answers what changed.

    Args:
        names: what everything is called.
        today: tells the day, in UTC.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        names: NameBook,
        today: Callable[[], date] = lambda: datetime.now(UTC).date(),
    ) -> None:
        self._kept, self._names = database["changes"], names
        self._today = today

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await mongo.index(self._kept, *([(f, ASCENDING) for f in fields] for fields in _INDEXES))

    async def keep(self, read: Sequence[InboundMessage]) -> None:
        """Keep what was published, each event once."""
        documents = [kept(message) for message in read]
        for start in range(0, len(documents), _AT_ONCE):
            writes = [
                ReplaceOne({"_id": one["_id"]}, one, upsert=True)
                for one in documents[start : start + _AT_ONCE]
            ]
            await mongo.bulk_upsert(self._kept, writes)
        await self._names.keep(message.event for message in read if message.event)

    async def listed(
        self,
        since: str | None,
        until: str | None,
        coalition: str | None,
        after: str,
        limit: int,
    ) -> Page[Change]:
        """A page of what was recorded between two days, in the order of its recording."""
        first = since or (self._today() - _A_WEEK).isoformat()
        recorded = {"$gte": first}
        if until:
            recorded["$lt"] = (date.fromisoformat(until) + timedelta(days=1)).isoformat()
        if coalition:
            await self._refuse_unknown(coalition)
        where = {"_id": recorded, "coalition": coalition}
        return await self._page(where, after, limit, "_id")

    async def timeline(self, member: str, after: str, limit: int) -> Page[Change]:
        """A page of all that is recorded of a member and its duplicates, by date."""
        return await self._page(
            {"members": {"$in": [member, *await self._merged(member)]}}, after, limit, "place"
        )

    async def _page(self, where: Document, after: str, limit: int, by: str) -> Page[Change]:
        found = await page(self._kept, Kept, where, after, limit, by=by)
        items, unreadable = [], list(found.unreadable)
        events = (event_of(one.type, one.data) for one in found.items)
        reader = Reader(names=await self._names.look_up(event for event in events if event))
        for one in found.items:
            if change := read(one, reader):
                items.append(change)
            else:
                unreadable.append(one.id)
        return Page(items=items, total=found.total, next=found.next, unreadable=tuple(unreadable))

    async def _merged(self, member: str) -> Sequence[str]:
        """The ids of those that were merged into a member, and still are."""
        where = {"members": member, "about": member, "type": {"$in": [*_ON_MERGERS]}}
        found = self._kept.find(where).sort("_id", ASCENDING).limit(_MOST_MERGERS)
        return merged(
            [event async for one in found if (event := event_of(one["type"], one["data"]))]
        )

    async def _refuse_unknown(self, coalition: str) -> None:
        if await self._kept.find_one({"coalition": coalition}, {"_id": 1}):
            return
        recorded = sorted(one for one in await self._kept.distinct("coalition") if one)
        reason = f"nothing is recorded here of the coalition {coalition!r}: "
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason + meant(coalition, recorded))


def kept(message: InboundMessage) -> Document:
    """An event that was read, as it is kept."""
    event, headers = message.event, dict(message.record.headers)
    assert event is not None  # noqa: S101 - what holds none was rejected
    recorded = _moment(headers.get("ce_time"))
    place, dated = f"{recorded:%Y-%m-%dT%H:%M:%S.%f} {message.key.id}", when(event)
    return {
        "_id": place,
        "id": message.key.id,
        "recorded": recorded,
        "type": message.type,
        "about": event.subject,
        "coalition": getattr(event, "coalition", None),
        "members": list(concerned(event)),
        "dated": dated,
        "place": f"{dated or place[:10]} {place}",
        "by": (headers.get("ce_causesource") or b"").decode(errors="replace"),
        "data": (message.record.value or b"").decode(errors="replace"),
        "attributes": {
            name[3:]: (text or b"").decode(errors="replace")
            for name, text in message.record.headers
            if name.startswith("ce_") and name[3:] not in _OTHERWISE
        },
        "offset": message.origin.offset,
    }


def _moment(written: bytes | None) -> datetime:
    """When an event was recorded; what does not say so was, long ago."""
    try:
        return datetime.fromisoformat((written or b"").decode()).astimezone(UTC)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def merged(events: Iterable[Event]) -> Sequence[str]:
    """The ids of those that are merged into a member after its mergers and their corrections."""
    found: dict[str, None] = {}
    for event in events:
        if isinstance(event, MembersMerged):
            found[event.merged.key] = None
        elif isinstance(event, MemberCorrected) and event.fact == "merged":
            found.pop(event.recorded, None)
            found.update(dict.fromkeys([event.correct] if event.correct else []))
    return tuple(found)


def read(one: Kept, reader: Reader = ENGLISH) -> Change | None:
    """What people read of an event; None where it cannot be read."""
    event = event_of(one.type, one.data)
    if event is None:
        return None
    return Change(
        id=one.id,
        recorded=one.recorded,
        dated=one.dated,
        kind=catalogue.called(one.type),
        service=one.type.split(".")[1],
        about=one.about,
        coalition=one.coalition,
        members=one.members,
        headline=headline(event, reader),
        details=details(event, reader),
        recorded_by=one.by,
    )


def routes(changes: Changes) -> Router:
    """The routes that say what changed."""
    router = Router(tags=["changes"])

    @router.get("/changes")
    async def changed(
        since: Since = None,
        until: Until = None,
        coalition: Id | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Change]:
        """What was recorded, over all services, in the order of its recording; paged."""
        return await changes.listed(since, until, coalition, after, limit)

    @router.get("/members/{id}/timeline")
    async def timeline(id_: ItsId, after: After = "", limit: Limit = 50) -> Page[Change]:
        """All that is recorded of a member, over all services, by its date; paged."""
        found = await changes.timeline(id_, after, limit)
        if not found.total:
            raise Problem(HTTPStatus.NOT_FOUND, f"nothing is recorded of a member {id_!r}")
        return found

    return router
