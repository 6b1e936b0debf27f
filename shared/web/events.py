"""Events over HTTP: put on the inbox, and what became of them."""

from __future__ import annotations

import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from shared import cloudevents
from shared.cloudevents import MAX_ATTRIBUTE, MAX_BODY, Unreadable
from shared.contracts import catalogue
from shared.contracts.base import Model
from shared.fingerprint import fingerprint
from shared.journal.entry import Outcome
from shared.kafka.producer import NotDelivered, Outgoing, Publisher
from shared.web.authentication import writer
from shared.web.batches import DOCUMENTED, MAX_BYTES, Batches, also_batches, is_batch
from shared.web.binding import attribute_headers
from shared.web.callers import source_of_caller
from shared.web.openapi import data_body, failure, request_body
from shared.web.outcomes import EventOutcome
from shared.web.problems import Problem, problem, undelivered

if TYPE_CHECKING:
    from shared.journal.store import Journal
    from shared.manifest import Manifest
    from shared.settings import Settings
    from shared.web.waiting import OutcomeWatcher


_MAX_WAIT: Final = 30
Prefer = Annotated[
    str,
    Header(
        description=f"RFC 7240: how long to wait for the outcome, {_MAX_WAIT} seconds at most.",
        examples=["wait=5"],
    ),
]


class Taken(Model):
    """An event is on its way; `href` tells later what became of it."""

    source: str
    id: str
    href: str


def routes(
    manifest: Manifest,
    journal: Journal,
    watcher: OutcomeWatcher,
    publisher: Publisher,
    settings: Settings,
) -> APIRouter:
    """The routes by which events come in, and which tell what became of them."""
    router = APIRouter(tags=["events"])
    name, types = manifest.name, manifest.inbox
    inbox, batches = catalogue.inbox(name), Batches(types, watcher, publisher)

    documented: dict[str, Any] = {
        "status_code": HTTPStatus.ACCEPTED,
        "dependencies": [Depends(writer(settings))],
        "responses": {
            200: {"model": EventOutcome, "description": "It was decided while we waited."},
            202: {"model": Taken, "description": "It is on its way; `href` tells the outcome."},
            409: failure("A rule refused it."),
            422: failure("It is no event that is taken here, or it breaks its contract."),
            503: failure(
                "Kafka did not confirm it in time, or too many wait for outcomes already; `taken` "
                "is `unknown` where Kafka may have it."
            ),
        },
    }

    also = {"requestBody": also_batches(request_body(types))}
    answers = {"responses": documented["responses"] | DOCUMENTED}

    @router.post("/events", openapi_extra=also, **{**documented, **answers})
    async def take(request: Request, prefer: Prefer = "") -> Response:
        """Take a CloudEvent, structured or binary; `Prefer: wait=5` waits for its outcome.

        Or take a batch of up to 100 in 1 MiB, with an answer for each.
        """
        try:
            if is_batch(request):
                body = await _body(request, MAX_BYTES)
                return await batches.take(body, lambda *_: inbox, _seconds(prefer))
            headers = attribute_headers(request.headers.items())
            envelope = cloudevents.read(headers, await _body(request))
            cloudevents.parse(envelope, types, to_record=True)
        except Unreadable as refusal:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.reason, code=refusal.code)
        return await _told(name, watcher, publisher, envelope, prefer)

    @router.post("/events/{kind}", openapi_extra={"requestBody": data_body(types)}, **documented)
    async def say(
        kind: str,
        request: Request,
        prefer: Prefer = "",
        idempotency_key: Annotated[str, Header(max_length=MAX_ATTRIBUTE)] = "",
    ) -> Response:
        """Say one thing without an envelope: to `/events/CitySigned`, that event's data as JSON.

        With an `Idempotency-Key`, the same request sent again changes nothing; without one, each
        request is an event of its own.
        """
        id_, type_ = idempotency_key or str(uuid.uuid4()), f"coalition.{name}.{kind}.v1"
        source = source_of_caller(name, None)
        try:
            body = await _body(request)
            headers = cloudevents.binary_headers(source=source, id_=id_, type_=type_)
            envelope = cloudevents.read(headers, body)
            subject = cloudevents.parse(envelope, types, to_record=True).subject
        except Unreadable as refusal:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.reason, code=refusal.code)
        envelope = envelope._replace(extensions={"subject": subject})
        return await _told(name, watcher, publisher, envelope, prefer)

    @router.get("/events/{path:path}")
    async def became(request: Request, path: str) -> list[EventOutcome]:
        """What became of an event, and of its replays: `/events/{source}/{id}`, URL-encoded."""
        del path
        # The decoded path no longer tells a slash within the source from the one behind it.
        raw = request.scope["raw_path"].decode("ascii").partition("?")[0]
        parts = raw.removeprefix("/events/").split("/")
        if len(parts) != 2:  # noqa: PLR2004 - source and id
            raise Problem(HTTPStatus.NOT_FOUND, "give source and id, each URL-encoded")
        entries = await journal.get(unquote(parts[0]), unquote(parts[1]))
        if not entries:
            raise Problem(HTTPStatus.NOT_FOUND, "no such event has been decided here (yet)")
        return [EventOutcome.of(entry) for entry in entries]

    return router


async def _told(
    name: str,
    watcher: OutcomeWatcher,
    publisher: Publisher,
    envelope: cloudevents.Envelope,
    prefer: str,
) -> Response:
    """Put an event on the inbox, wait for its outcome if that is preferred, and answer."""
    href = f"/events/{quote(envelope.source, safe='')}/{quote(envelope.id, safe='')}"
    outgoing = [Outgoing.forwarded(catalogue.inbox(name), envelope)]
    entry = None
    try:
        if seconds := _seconds(prefer):
            said = fingerprint(envelope.type, envelope.data)
            with watcher.waiting(envelope.source, envelope.id, said) as waiter:
                await publisher.send(outgoing)
                entry = await waiter.outcome(seconds)
        else:
            await publisher.send(outgoing)
    except NotDelivered as error:
        # Whoever has named no id learns here under which one to send it again.
        return undelivered(error, source=envelope.source, id=envelope.id, href=href)
    location = {"Location": href}
    if entry is None:
        taken = Taken(source=envelope.source, id=envelope.id, href=href)
        return JSONResponse(taken.model_dump(), HTTPStatus.ACCEPTED, headers=location)
    if entry.outcome is Outcome.REJECTED:
        return problem(HTTPStatus.CONFLICT, entry.reason, code=entry.code, href=href)
    outcome = EventOutcome.of(entry)
    return JSONResponse(outcome.model_dump(mode="json"), HTTPStatus.OK, headers=location)


async def _body(request: Request, most: int = MAX_BODY) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {most} bytes")
    return body


def _seconds(prefer: str) -> int:
    match = re.search(r"\bwait=([0-9]{1,4})\b", prefer)
    return min(int(match[1]), _MAX_WAIT) if match else 0
