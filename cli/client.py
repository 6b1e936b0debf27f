"""The system as an outside program uses it: publish through Kafka, read over HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx

from cli import kafka
from services import manifests
from shared import cloudevents
from shared.context_attributes import Unreadable
from shared.kafka.producer import Outgoing, Publisher
from shared.nearest import meant
from shared.publishers import NOBODY, is_reserved, reserved

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from cli.endpoints import Endpoints
    from shared.publishers import Publishers

GROUPS: dict[str, tuple[str, ...]] = {
    f"coalition.{manifest.name}": tuple(source.topic for source in manifest.sources())
    for manifest in manifests.MANIFESTS.values()
}
"""Who reads what, as the contracts name it, besides the inboxes of publishers."""


def groups(endpoints: Endpoints) -> dict[str, tuple[str, ...]]:
    """Who reads what, as this installation names it."""
    kafka = endpoints.connection()
    return {
        kafka.group(manifest.name): tuple(
            kafka.topic(source.topic) for source in manifest.sources(endpoints.publishers)
        )
        for manifest in manifests.MANIFESTS.values()
    }


class NotTaken(Exception):
    """A file has an event that no inbox takes, or one that breaks its contract."""


def check(
    lines: Sequence[bytes], publishers: Publishers = NOBODY
) -> list[tuple[str, cloudevents.Envelope]]:
    """Read structured CloudEvents, one a line, and find the inbox of each.

    Args:
        lines: the events.
        publishers: those whose sources the plain inboxes do not take.

    Raises:
        NotTaken: one is no event, of a type that no inbox takes, or of a source that is not to be
            taken from here; the message names the line.
    """
    try:
        envelopes = cloudevents.structured(lines)
    except Unreadable as error:
        raise NotTaken(error.reason) from None
    checked = []
    for number, envelope in enumerate(envelopes, 1):
        topic = manifests.inbox_of(envelope.type)
        if topic is None:
            near = meant(envelope.type, sorted(manifests.TAKEN))
            raise NotTaken(f"line {number}: no inbox takes the type {envelope.type!r}; {near}")
        try:
            cloudevents.parse(envelope, manifests.TAKEN, to_record=True)
        except Unreadable as error:
            raise NotTaken(f"line {number}: {error.reason}") from None
        if is_reserved(envelope.source):
            raise NotTaken(f"line {number}: {reserved(envelope.source)}")
        if owner := publishers.owner(envelope.source):
            raise NotTaken(f"line {number}: {envelope.source!r} is the publisher {owner.name}'s")
        checked.append((topic, envelope))
    return checked


async def publish(
    endpoints: Endpoints, lines: Sequence[bytes], progress: Callable[[int], None]
) -> int:
    """Publish structured CloudEvents to the inboxes of their types; returns how many.

    Raises:
        NotTaken: nothing was published, since a line is not good; see `check`.
    """
    checked = check(lines, endpoints.publishers)
    publisher = Publisher(endpoints.connection())
    await publisher.start()
    try:
        for start in range(0, len(checked), 500):
            part = checked[start : start + 500]
            await publisher.send([Outgoing.forwarded(topic, e) for topic, e in part])
            progress(len(part))
    finally:
        await publisher.stop()
    return len(checked)


async def settled(endpoints: Endpoints, seconds: float) -> None:
    """Wait until every service has read all there is and every e-mail has been tried.

    Raises:
        TimeoutError: it took longer than the given seconds.
    """
    async with asyncio.timeout(seconds):
        while not await is_settled(endpoints):  # noqa: ASYNC110 - the event is in other processes
            await asyncio.sleep(0.3)


async def is_settled(endpoints: Endpoints) -> bool:
    """Whether nothing is on its way.

    Membership and plans tell each other things, so one look at each is not enough: all must have
    read everything, and nothing more in a second look.
    """
    here = groups(endpoints)
    first = await kafka.standings(endpoints.connection(), here)
    if any(standing.lag or standing.waiting for standing in first.values()):
        return False
    if await kafka.standings(endpoints.connection(), here) != first:
        return False
    summary = await get(f"{endpoints.url('notifications')}/deliveries/summary")
    return not summary["sending"] and not (summary["queued"] and await _is_any_due(endpoints))


async def _is_any_due(endpoints: Endpoints) -> bool:
    """Whether an e-mail could be sent now: others wait for the end of somebody's quiet hours."""
    now = datetime.now(UTC)
    queued = await listed(endpoints, "deliveries", state="queued")
    return any(datetime.fromisoformat(one["due"]) <= now for one in queued)


async def get(
    url: str,
    *,
    headers: Any = None,  # noqa: ANN401 - a mapping, which mypy would not tell from a query
    **where: Any,  # noqa: ANN401 - a query
) -> Any:  # noqa: ANN401 - JSON
    """Read one JSON document; what of `where` is None is not asked for.

    Raises:
        httpx.HTTPError: no answer, or one that is no success.
    """
    async with httpx.AsyncClient(timeout=10, headers=headers) as client:
        asked = {name: value for name, value in where.items() if value is not None}
        answer = await client.get(url, params=asked)
        answer.raise_for_status()
        return answer.json()


async def pages(url: str, **where: Any) -> AsyncIterator[dict[str, Any]]:  # noqa: ANN401 - a query
    """All items of a paged list."""
    after = ""
    while after is not None:
        page = await get(url, **where, after=after, limit=200)
        for item in page["items"]:
            yield item
        after = page["next"]


async def all_of(url: str, **where: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a query
    """All items of a paged list at once."""
    return [item async for item in pages(url, **where)]


async def listed(
    endpoints: Endpoints,
    what: str,
    **where: Any,  # noqa: ANN401 - a query
) -> list[dict[str, Any]]:
    """All that notifications lists of something to whoever has a token that may read it."""
    url = f"{endpoints.url('notifications')}/{what}"
    return await all_of(url, headers=endpoints.bearer(), **where)


async def subscribe(endpoints: Endpoints, staff: Sequence[dict[str, Any]]) -> int:
    """Subscribe people; those who are there already stay. Returns how many are new."""
    async with httpx.AsyncClient(timeout=10, headers=endpoints.bearer()) as client:
        new = 0
        for person in staff:
            answer = await client.post(
                f"{endpoints.url('notifications')}/subscriptions", json=person
            )
            if answer.status_code != httpx.codes.CONFLICT:
                answer.raise_for_status()
            new += answer.status_code == httpx.codes.CREATED
        return new
