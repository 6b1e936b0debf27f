"""Events over HTTP: put on the inbox, and what became of them."""

from __future__ import annotations

import uuid
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import unquote

from fastapi import Header, Path, Request, Response

from shared import cloudevents
from shared.access.scopes import Scope
from shared.bodies import NotJson, read_json
from shared.cloudevents import BATCH, MAX_BODY, STRUCTURED
from shared.context_attributes import MAX_ATTRIBUTE, Unreadable
from shared.contracts import catalogue
from shared.tracing.context import REQUEST
from shared.web.authentication import caller_of, needs
from shared.web.batches import DOCUMENTED, MAX_BYTES, Answered, also_batches, is_batch
from shared.web.binding import attribute_headers
from shared.web.intake import MAX_WAIT, READING, Taken, seconds_of
from shared.web.openapi import data_body, failure, request_body
from shared.web.outcomes import EventOutcome
from shared.web.paging import Listing
from shared.web.problems import Problem
from shared.web.routing import Route, Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.base import Event
    from shared.journal.store import Journal
    from shared.manifest import Manifest
    from shared.web.batches import Batches
    from shared.web.intake import Intake
    from shared.web.waiting import OutcomeWatcher

Prefer = Annotated[
    str,
    Header(
        description=f"RFC 7240: how long to wait for the outcome, {MAX_WAIT} seconds at most.",
        examples=["wait=5"],
        max_length=MAX_ATTRIBUTE,
    ),
]
IdempotencyKey = Annotated[str, Header(max_length=MAX_ATTRIBUTE)]
_JSON: Final = "application/json"
_TAKES: Final[dict[str, Any]] = {
    "status_code": HTTPStatus.ACCEPTED,
    "dependencies": [needs(Scope.PUBLISH), READING],
    "responses": {
        200: {"model": EventOutcome, "description": "It was decided while we waited."},
        202: {"model": Taken, "description": "It is on its way; `href` tells the outcome."},
        409: failure("A rule refused it."),
        422: failure("It is no event that is taken here, or it breaks its contract."),
        503: failure(
            "Kafka did not confirm it in time, too many wait for outcomes already, or the service "
            "has halted; `taken` is `unknown` where Kafka may have it."
        ),
    },
}


class _Several(Route):
    """A route that may take several events at once."""

    most_bytes = MAX_BYTES


def routes(
    manifest: Manifest,
    journal: Journal,
    watcher: OutcomeWatcher,
    intake: Intake,
    batches: Batches,
) -> Router:
    """The routes by which events come in, and which tell what became of them."""
    router = Router(_Several, tags=["events"])
    if manifest.inbox:
        _whole(router, manifest.inbox, intake, batches)
        _data_alone(router, manifest, intake)
    _outcomes(router, journal, watcher)
    return router


def _whole(
    router: Router, types: Mapping[str, type[Event]], intake: Intake, batches: Batches
) -> None:
    body = {"requestBody": also_batches(request_body(types))}
    answers = {"responses": _also_lists(_TAKES["responses"]) | DOCUMENTED}

    @router.post("/events", openapi_extra=body, **(_TAKES | answers))
    async def take(request: Request, prefer: Prefer = "") -> Response:
        """Take a CloudEvent, structured or binary; `Prefer: wait=5` waits for its outcome.

        Or take a batch of up to 100 in 1 MiB, with an answer for each.
        """
        see_type(request, STRUCTURED, _JSON, BATCH)
        place = partial(intake.place_for, caller_of(request))
        if is_batch(request):
            return await batches.take(await request.body(), place, seconds_of(prefer))
        headers = attribute_headers(request.headers.items())
        envelope = cloudevents.read(headers, await json_body(request))
        event = cloudevents.parse(envelope, types, to_record=True)
        return await intake.put(place(envelope, event), envelope, prefer)


def _also_lists(responses: dict[int, Any]) -> dict[int, Any]:
    """The answers to one event, which to a batch are lists of answers under the same status."""
    several = {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Answered"}}}
    listed = {403: failure("The caller may not say this."), **responses}
    for status, one in listed.items():
        if "model" in one:
            listed[status] = {**one, "model": one["model"] | list[Answered]}
        else:
            listed[status] = {**one, "content": {**one["content"], _JSON: several}}
    return listed


def _data_alone(router: Router, manifest: Manifest, intake: Intake) -> None:
    types = manifest.inbox
    kinds = sorted(catalogue.called(type_) for type_ in types)

    @router.post("/events/{kind}", openapi_extra={"requestBody": data_body(types)}, **_TAKES)
    async def say(
        request: Request,
        kind: str = Path(json_schema_extra={"enum": kinds}),
        prefer: Prefer = "",
        idempotency_key: IdempotencyKey = "",
    ) -> Response:
        """Say one thing without an envelope: to `/events/CitySigned`, that event's data as JSON.

        With an `Idempotency-Key`, the same request sent again changes nothing; without one, each
        request is an event of its own.
        """
        see_type(request, _JSON)
        id_, type_ = idempotency_key or str(uuid.uuid4()), catalogue.typed(manifest.name, kind)
        source = intake.source_for(caller_of(request), type_)
        headers = cloudevents.binary_headers(source=source, id_=id_, type_=type_)
        envelope = cloudevents.read(headers, await json_body(request))
        event = cloudevents.parse(envelope, types, to_record=True)
        topic = intake.inbox_for(caller_of(request), envelope, event)
        envelope = envelope._replace(extensions={"subject": event.subject}, trace=REQUEST.get())
        return await intake.put(topic, envelope, prefer)


def _outcomes(router: Router, journal: Journal, watcher: OutcomeWatcher) -> None:
    @router.get("/events/{path:path}")
    async def became(request: Request, path: str, prefer: Prefer = "") -> Listing[EventOutcome]:
        """What became of an event, and of its replays: `/events/{source}/{id}`, URL-encoded.

        With `Prefer: wait=5` it waits for the event, and until reading here shows what it did: also
        for one that another service has published.
        """
        del path
        # The decoded path no longer tells a slash within the source from the one behind it.
        raw = request.scope["raw_path"].decode("ascii").partition("?")[0]
        parts = raw.removeprefix("/events/").split("/")
        if len(parts) != 2:  # noqa: PLR2004 - source and id
            raise Problem(HTTPStatus.NOT_FOUND, "give source and id, each URL-encoded")
        source, id_ = map(unquote, parts)
        if seconds := seconds_of(prefer):
            with watcher.waiting(source, id_, digest=None) as waiter:
                await waiter.outcome(seconds)
        entries = await journal.get(source, id_)
        if not entries:
            raise Problem(HTTPStatus.NOT_FOUND, "no such event has been decided here (yet)")
        return Listing(items=[await watcher.outcomes.of(entry) for entry in entries])


async def json_body(request: Request) -> bytes:
    """The body, which is JSON in each mode, though not in each read as such at once."""
    body = await request.body()
    if len(body) > MAX_BODY:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"an event has at most {MAX_BODY} bytes")
    try:
        read_json(body)
    except NotJson as error:
        raise Unreadable("body", str(error)) from None
    return body


def see_type(request: Request, *types: str) -> None:
    """Refuse a body of another type than these; without one, it is of the first."""
    media = request.headers.get("content-type", types[0]).partition(";")[0].strip().lower()
    if media not in types:
        reason = f"Content-Type is {' or '.join(types)}"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)
