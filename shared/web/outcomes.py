"""What became of an event, as HTTP tells it, and the history of an aggregate."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query
from pydantic_core import from_json

from shared.contracts.base import Model
from shared.contracts.numbers import WHOLE
from shared.domain.stream import Stream
from shared.journal.entry import Outcome
from shared.web.parameters import Its, Skip
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.journal.entry import Entry
    from shared.journal.store import Journal


class PublishedEvent(Model):
    """An event that was published because of another."""

    id: str
    type: str
    subject: str
    data: dict[str, Any]


class EventOutcome(Model):
    """What became of an event."""

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
