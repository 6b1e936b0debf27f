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
from shared.contracts.numbers import WHOLE
from shared.domain.stream import Stream
from shared.journal.entry import Outcome
from shared.web.parameters import Its, Skip
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
        warnings: what to look at, though it was accepted: a new member may be one that is recorded.
    """

    source: str
    id: str
    type: str
    outcome: Outcome
    reason: str | None = None
    recorded: datetime
    version: int
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
            version=entry.version,
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


Most = Annotated[int, Query(ge=1, le=500), WHOLE]


def history(journal: Journal, kind: str) -> Router:
    """`GET /<kind>/{id}/history`: what was decided for an aggregate, from the journal."""
    router = Router(tags=["history"])

    @router.get(f"/{kind}/{{id_}}/history")
    async def read(id_: Its, skip: Skip = 0, limit: Most = 100) -> list[EventOutcome]:
        """What was said of it, oldest first: by which event, with which outcome."""
        entries = await journal.history(Stream(kind, id_), skip=skip, limit=limit)
        if not entries and not skip:
            raise Problem(HTTPStatus.NOT_FOUND, f"nothing was ever said of {id_!r} here")
        return [EventOutcome.of(entry) for entry in entries]

    return router
