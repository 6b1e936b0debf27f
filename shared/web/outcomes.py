"""What became of an event, as HTTP tells it, and the history of an aggregate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

import structlog
from fastapi import Query
from pydantic_core import from_json
from pymongo.errors import PyMongoError

from shared.contracts.base import Model
from shared.domain.stream import Stream
from shared.journal.entry import Outcome
from shared.pipeline.outbound import sequence_of
from shared.web.paging import Limit
from shared.web.parameters import ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from shared.journal.entry import Entry
    from shared.journal.store import Journal

log = structlog.get_logger()


class PublishedEvent(Model):
    """An event that was published because of another."""

    id: str
    type: str
    subject: str
    data: dict[str, Any]


Warn = Callable[["Event"], Awaitable[Sequence[str]]]
"""What whoever sent an event should look at, since something begins with it."""


class EventOutcome(Model):
    """What became of an event.

    Attributes:
        sequence: the version of its stream, written as events and copies have it, so that they can
            be compared.
        warnings: what to look at, though it was accepted: a new member may be one that is recorded.
    """

    source: str
    id: str
    type: str
    outcome: Outcome
    reason: str | None = None
    recorded: datetime
    sequence: str
    origin: str
    replay: str | None = None
    published: tuple[PublishedEvent, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Entry) -> EventOutcome:
        """Say what the journal says."""
        key = entry.about or entry.key
        return cls(
            source=key.source,
            id=key.id,
            type=entry.type,
            outcome=entry.outcome,
            reason=entry.reason or None,
            recorded=entry.recorded,
            sequence=sequence_of(entry.version),
            origin=str(entry.origin),
            replay=entry.key.replay or None,
            published=tuple(
                PublishedEvent(
                    id=p.id,
                    type=p.type,
                    subject=p.subject,
                    data=from_json(p.body),
                )
                for p in entry.events
            ),
        )


async def _nothing(_: Event) -> Sequence[str]:
    return ()


class Outcomes:
    """Tells what became of events, with warnings where one began something.

    Args:
        warn: asked only then, and only for whoever asks.
    """

    def __init__(self, warn: Warn | None = None) -> None:
        self._warn = warn or _nothing

    async def of(self, entry: Entry) -> EventOutcome:
        """Say what the journal says, and what to look at."""
        outcome = EventOutcome.of(entry)
        if entry.version != 1 or not entry.events:
            return outcome
        event = entry.events[0].event
        return outcome.model_copy(update={"warnings": await self.warnings(event)})

    async def warnings(self, event: Event | None) -> tuple[str, ...]:
        """What to look at because of an event with which something begins.

        What cannot be looked up is left out: the event is recorded nevertheless.
        """
        try:
            return tuple(await self._warn(event)) if event else ()
        except PyMongoError as error:
            log.warning("not_warned", error=type(error).__name__)
            return ()


class History(Model):
    """Some of what was said of one thing, oldest first; `next` is the `after` of the next page."""

    items: tuple[EventOutcome, ...]
    next: str | None = None


Behind = Annotated[
    str,
    Query(pattern="^([0-8][0-9]{18})?$", description="`next` of the page before: a `sequence`."),
]


def history(journal: Journal, kind: str) -> Router:
    """`GET /<kind>/{id}/history`: what was decided for an aggregate, from the journal."""
    router = Router(tags=["history"])

    @router.get(f"/{kind}/{{id}}/history")
    async def read(id_: ItsId, after: Behind = "", limit: Limit = 50) -> History:
        """What was said of it, oldest first: by which event, with which outcome."""
        version = int(after or 0)
        found = await journal.history(Stream(kind, id_), after=version, limit=limit + 1)
        if not found and not version:
            raise Problem(HTTPStatus.NOT_FOUND, f"nothing was ever said of {id_!r} here")
        page = found[:limit]
        # What has no version that can be read leads nowhere, and must not lead back.
        is_more = len(found) > limit and page[-1].version > version
        items = tuple(EventOutcome.of(entry) for entry in page)
        return History(items=items, next=items[-1].sequence if is_more else None)

    return router
