"""CloudEvents' batched mode over HTTP: many events in one request, an answer for each of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import JSONResponse

from shared import cloudevents
from shared.bodies import NotJson, read_json
from shared.cloudevents import BATCH, STRUCTURED, Envelope
from shared.context_attributes import Unreadable
from shared.contracts.base import Event, Model
from shared.fingerprint import fingerprint
from shared.journal.entry import Outcome
from shared.kafka.producer import NotDelivered, Outgoing
from shared.tracing.context import REQUEST
from shared.web.outcomes import EventOutcome
from shared.web.problems import RETRY_SECONDS, Problem

if TYPE_CHECKING:
    from shared.journal.entry import Entry
    from shared.kafka.producer import Publisher
    from shared.web.waiting import OutcomeWatcher

MAX_EVENTS: Final = 100
"""Events in a batch at most."""
MAX_BYTES: Final = 1024 * 1024
"""Bytes of a batch at most; each event in it has its own bound besides."""

Place = Callable[[Envelope, Event], str]
"""Says on which topic an event is put; a `Problem` says why its caller may not say it."""


class Answered(Model):
    """What became of one event of a batch.

    Attributes:
        status: what it would be answered alone: 200 decided, 202 on its way, 409 refused by a rule,
            422 no event that is taken here, 503 not confirmed by Kafka; `taken` then says whether
            it may have it.
    """

    status: int
    source: str | None = None
    id: str | None = None
    href: str | None = None
    outcome: EventOutcome | None = None
    code: str | None = None
    detail: str | None = None
    taken: Literal["no", "unknown"] | None = None


class _Good(NamedTuple):
    envelope: Envelope
    topic: str


DOCUMENTED: Final[dict[int | str, dict[str, Any]]] = {
    HTTPStatus.MULTI_STATUS.value: {
        "model": list[Answered],
        "description": "To a batch: an answer for each event, in their order. Where all have the "
        "same status, the whole has it, too, with the same list as its body.",
    }
}


def also_batches(body: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI of a request's body that may also be a batch of what it may be."""
    one = body["content"][STRUCTURED]["schema"]
    several = {"type": "array", "items": one, "maxItems": MAX_EVENTS}
    return {**body, "content": {**body["content"], BATCH: {"schema": several}}}


def is_batch(request: Request) -> bool:
    """Whether a request is in the batched mode."""
    return request.headers.get("content-type", "").lower().startswith(BATCH)


class Batches:
    """Takes batches: what is good in one is put on its way together, whatever else is in it."""

    def __init__(
        self, types: Mapping[str, type[Event]], watcher: OutcomeWatcher, publisher: Publisher
    ) -> None:
        self._types, self._watcher, self._publisher = types, watcher, publisher

    async def take(self, body: bytes, place: Place, seconds: int) -> JSONResponse:
        """Take a batch, and wait some seconds at most for all outcomes.

        Raises:
            Unreadable: it is no batch.
            Problem: it has too many events, or too many wait for outcomes; nothing was taken.
        """
        read = [self._read(document, place) for document in _documents(body)]
        became = iter(await self._became([one for one in read if isinstance(one, _Good)], seconds))
        return _answer([one if isinstance(one, Answered) else next(became) for one in read])

    def _read(self, document: object, place: Place) -> _Good | Answered:
        named: dict[str, str] = {}
        try:
            envelope = cloudevents.from_document(document)
            named = _named(envelope)
            topic = place(envelope, cloudevents.parse(envelope, self._types, to_record=True))
        except Unreadable as refusal:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return Answered(status=status, code=refusal.code, detail=refusal.reason, **named)
        except Problem as problem:
            code = str(problem.more["code"]) if "code" in problem.more else None
            return Answered(
                status=problem.status_code, code=code, detail=str(problem.detail), **named
            )
        # An event's own trace is nearer to it than that of the request with many.
        return _Good(envelope._replace(trace=envelope.trace or REQUEST.get()), topic)

    async def _became(self, good: Sequence[_Good], seconds: int) -> list[Answered]:
        outgoing = [Outgoing.forwarded(one.topic, one.envelope) for one in good]
        with ExitStack() as stack:
            waiting = self._watcher.waiting
            waiters = [
                stack.enter_context(waiting(e.source, e.id, fingerprint(e.type, e.data)))
                for e, _ in (good if seconds else ())
            ]
            try:
                await self._publisher.send(outgoing)
            except NotDelivered as error:
                return [
                    _taken(one) if n < error.delivered else _undelivered(one, error)
                    for n, one in enumerate(good)
                ]
            entries = await asyncio.gather(*(waiter.outcome(seconds) for waiter in waiters))
        pairs = zip(good, entries or [None] * len(good), strict=True)
        return [await self._decided(one, entry) for one, entry in pairs]

    async def _decided(self, one: _Good, entry: Entry | None) -> Answered:
        if entry is None:
            return _taken(one)
        named = _named(one.envelope)
        if entry.outcome is Outcome.REJECTED:
            status = HTTPStatus.CONFLICT
            return Answered(status=status, code=entry.code, detail=entry.reason, **named)
        outcome = await self._watcher.outcomes.of(entry)
        return Answered(status=HTTPStatus.OK, outcome=outcome, **named)


def _documents(body: bytes) -> list[Any]:
    try:
        found = read_json(body)
    except NotJson as error:
        raise Unreadable("body", str(error)) from None
    if not isinstance(found, list):
        raise Unreadable("body", "a batch is a list of CloudEvents in the JSON format")
    if len(found) > MAX_EVENTS:
        reason = f"a batch has at most {MAX_EVENTS} events, this one {len(found)}: send several"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
    return found


def _named(envelope: Envelope) -> dict[str, str]:
    href = f"/events/{quote(envelope.source, safe='')}/{quote(envelope.id, safe='')}"
    return {"source": envelope.source, "id": envelope.id, "href": href}


def _taken(one: _Good) -> Answered:
    return Answered(status=HTTPStatus.ACCEPTED, **_named(one.envelope))


def _undelivered(one: _Good, error: NotDelivered) -> Answered:
    detail = f"{error.args[0]}; send it again: what was taken is known by its id"
    return Answered(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        detail=detail,
        taken="unknown" if error.unsure else "no",
        **_named(one.envelope),
    )


def _answer(answers: Sequence[Answered]) -> JSONResponse:
    statuses = {one.status for one in answers} or {HTTPStatus.OK.value}
    status = statuses.pop() if len(statuses) == 1 else HTTPStatus.MULTI_STATUS.value
    body = [one.model_dump(mode="json", exclude_none=True) for one in answers]
    unavailable = any(one.status == HTTPStatus.SERVICE_UNAVAILABLE for one in answers)
    headers = {"Retry-After": str(RETRY_SECONDS)} if unavailable else None
    return JSONResponse(body, status, headers=headers)
