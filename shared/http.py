"""HTTP that every service has: events in, what became of them, health; errors as RFC 9457."""

from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from shared import cloudevents
from shared.cloudevents import MAX_ATTRIBUTE, MAX_BODY, Unreadable
from shared.contracts import catalogue
from shared.contracts.base import Model
from shared.journal import Journal, Outcome, digest
from shared.messaging import Outgoing, Publisher, source_of
from shared.openapi import PROBLEM, App, data_body, failure, request_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shared.engine import Progress
    from shared.journal import Entry
    from shared.settings import Settings

_MAX_WAIT: Final = 30
Prefer = Annotated[
    str,
    Header(
        description=f"RFC 7240: how long to wait for the outcome, {_MAX_WAIT} seconds at most.",
        examples=["wait=5"],
    ),
]
_FRESH: Final = timedelta(seconds=15)
"""A consumer that has not polled for so long does not make progress."""


class Problem(HTTPException):
    """An error that is answered as problem+json, with a reason for the honest."""


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
                    type=p.event.type,
                    subject=p.event.subject,
                    data=from_json(p.body),
                )
                for p in entry.events
            ),
        )


class Taken(Model):
    """An event is on its way; `href` tells later what became of it."""

    source: str
    id: str
    href: str


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse({**body, "detail": detail, **more}, status, media_type=PROBLEM)


def writer(settings: Settings) -> Callable[..., Awaitable[None]]:
    """The check that whoever writes has the bearer token."""

    async def check(
        given: Annotated[
            HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))
        ],
    ) -> None:
        if settings.token is None:
            raise Problem(HTTPStatus.FORBIDDEN, "writes are off: no token is configured")
        credentials = given.credentials if given else ""
        expected = settings.token.get_secret_value()
        if not secrets.compare_digest(credentials.encode(), expected.encode()):
            raise Problem(
                HTTPStatus.UNAUTHORIZED,
                "a valid bearer token is needed",
                {"WWW-Authenticate": "Bearer"},
            )

    return check


def build(
    name: str, journal: Journal, publisher: Publisher, progress: Progress, settings: Settings
) -> App:
    """The HTTP application of a service, before its own routes."""
    app = App(catalogue.INBOX[name], title=f"Coalition: {name}")
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.include_router(_health(progress))
    app.include_router(_events(name, journal, publisher, settings))
    return app


async def _on_http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _on_bad_request(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    reasons = [{"where": ".".join(map(str, e["loc"])), "reason": e["msg"]} for e in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", errors=reasons)


def _health(progress: Progress) -> APIRouter:
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz")
    async def alive() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @routes.get("/readyz")
    async def ready() -> Response:
        """The consumer has its partitions, has polled of late, and is not halted."""
        now = datetime.now(UTC)
        late = progress.polled is None or now - progress.polled > _FRESH
        halt = progress.halted
        body = {
            "assigned": progress.assigned,
            "halted": {"reason": halt.reason, "since": halt.since.isoformat()} if halt else None,
            "polled": progress.polled.isoformat() if progress.polled else None,
            "records": progress.records,
            "duplicates": progress.duplicates,
            "redelivered": progress.redelivered,
            **{outcome.value: progress.outcomes[outcome] for outcome in Outcome},
        }
        idle = late or halt or not progress.assigned
        return JSONResponse(body, HTTPStatus.SERVICE_UNAVAILABLE if idle else HTTPStatus.OK)

    return routes


def _events(name: str, journal: Journal, publisher: Publisher, settings: Settings) -> APIRouter:
    routes = APIRouter(tags=["events"])
    types = catalogue.INBOX[name]

    documented: dict[str, Any] = {
        "status_code": HTTPStatus.ACCEPTED,
        "dependencies": [Depends(writer(settings))],
        "responses": {
            200: {"model": EventOutcome, "description": "It was decided while we waited."},
            202: {"model": Taken, "description": "It is on its way; `href` tells the outcome."},
            409: failure("A rule refused it."),
            422: failure("It is no event that is taken here, or it breaks its contract."),
        },
    }

    @routes.post("/events", openapi_extra={"requestBody": request_body(types)}, **documented)
    async def take(request: Request, prefer: Prefer = "") -> Response:
        """Take a CloudEvent, structured or binary; `Prefer: wait=5` waits for its outcome."""
        headers = [(k, v.encode("latin-1")) for k, v in request.headers.items()]
        try:
            envelope = cloudevents.read(headers, await _body(request))
            cloudevents.parse(envelope, types)
        except Unreadable as refusal:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.reason, code=refusal.code)
        return await _told(name, journal, publisher, envelope, prefer)

    @routes.post("/events/{kind}", openapi_extra={"requestBody": data_body(types)}, **documented)
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
        source = f"{source_of(name)}/http"
        try:
            body = await _body(request)
            headers = cloudevents.binary_headers(source=source, id_=id_, type_=type_)
            envelope = cloudevents.read(headers, body)
            subject = cloudevents.parse(envelope, types).subject
        except Unreadable as refusal:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.reason, code=refusal.code)
        envelope = envelope._replace(extensions={"subject": subject})
        return await _told(name, journal, publisher, envelope, prefer)

    @routes.get("/events/{path:path}")
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

    return routes


async def _told(
    name: str, journal: Journal, publisher: Publisher, envelope: cloudevents.Envelope, prefer: str
) -> Response:
    """Put an event on the inbox, wait for its outcome if that is preferred, and answer."""
    await publisher.send([Outgoing.forwarded(catalogue.inbox(name), envelope)])
    entry = await _outcome(journal, envelope, _seconds(prefer))
    href = f"/events/{quote(envelope.source, safe='')}/{quote(envelope.id, safe='')}"
    location = {"Location": href}
    if entry is None:
        taken = Taken(source=envelope.source, id=envelope.id, href=href)
        return JSONResponse(taken.model_dump(), HTTPStatus.ACCEPTED, headers=location)
    if entry.outcome is Outcome.REJECTED:
        return problem(HTTPStatus.CONFLICT, entry.reason, code=entry.code, href=href)
    outcome = EventOutcome.of(entry)
    return JSONResponse(outcome.model_dump(mode="json"), HTTPStatus.OK, headers=location)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {MAX_BODY} bytes")
    return body


def _seconds(prefer: str) -> int:
    match = re.search(r"\bwait=(\d{1,4})\b", prefer)
    return min(int(match[1]), _MAX_WAIT) if match else 0


async def _outcome(journal: Journal, envelope: cloudevents.Envelope, seconds: int) -> Entry | None:
    deadline = asyncio.get_running_loop().time() + seconds
    fingerprint = digest(envelope.data)
    while asyncio.get_running_loop().time() < deadline:
        for entry in reversed(await journal.get(envelope.source, envelope.id)):
            if entry.digest == fingerprint:
                return entry
        await asyncio.sleep(0.05)
    return None


def history(journal: Journal, kind: str) -> APIRouter:
    """`GET /<kind>/{id}/history`: what was decided for an aggregate, from the journal."""
    routes = APIRouter(tags=["history"])

    @routes.get(f"/{kind}/{{id_}}/history")
    async def read(id_: str, skip: int = 0, limit: int = 100) -> list[EventOutcome]:
        """What was said of it, oldest first: by which event, with which outcome."""
        limit, skip = max(1, min(limit, 500)), max(0, skip)
        entries = await journal.history(f"{kind}/{id_}", skip=skip, limit=limit)
        if not entries and not skip:
            raise Problem(HTTPStatus.NOT_FOUND, f"nothing was ever said of {id_!r} here")
        return [EventOutcome.of(entry) for entry in entries]

    return routes
