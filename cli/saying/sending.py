"""Send one event as anybody would, over HTTP or Kafka, and wait for what becomes of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx
from pydantic_core import to_json

from cli import client
from cli.running import reason_of
from cli.saying.events import words_of
from shared.contracts import catalogue
from shared.web.intake import MAX_WAIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.endpoints import Endpoints
    from shared.contracts.base import Event

Data = dict[str, Any]
_ANSWER_SECONDS: Final = MAX_WAIT + 10


class NotAccepted(Exception):
    """A rule refused the event; the message is its reason."""


async def send(  # noqa: PLR0913, PLR0917 - what is sent, whereto and how
    endpoints: Endpoints,
    service: str,
    model: type[Event],
    data: Data,
    id_: str,
    kafka_source: str | None,
) -> Data:
    """Send an event and wait for its outcome.

    Raises:
        NotAccepted: a rule refused it.
    """
    if kafka_source:
        return await _over_kafka(endpoints, service, model, data, id_, kafka_source)
    url = f"{endpoints.url(service)}/events/{catalogue.called(model.type)}"
    headers = {"Prefer": f"wait={MAX_WAIT}", "Idempotency-Key": id_}
    answer = await _post(endpoints, url, data, headers)
    if answer.status_code == httpx.codes.CONFLICT:
        raise NotAccepted(f"Refused: {reason_of(answer)}")
    answer.raise_for_status()
    return _outcome(answer.json())


async def rehearse(endpoints: Endpoints, service: str, model: type[Event], data: Data) -> Data:
    """What would become of an event, as its service sees it."""
    url = f"{endpoints.url(service)}/rehearsals/{catalogue.called(model.type)}"
    answer = await _post(endpoints, url, data, {})
    answer.raise_for_status()
    rehearsed: Data = answer.json()
    return rehearsed


async def subscribe(endpoints: Endpoints, data: Data) -> Data:
    """Subscribe a person."""
    answer = await _post(endpoints, f"{endpoints.url('notifications')}/subscriptions", data, {})
    answer.raise_for_status()
    subscription: Data = answer.json()
    return subscription


async def _post(
    endpoints: Endpoints, url: str, data: Data, headers: dict[str, str]
) -> httpx.Response:
    headers = {"Content-Type": "application/json", **endpoints.bearer(), **headers}
    async with httpx.AsyncClient(timeout=_ANSWER_SECONDS, headers=headers) as http:
        return await http.post(url, content=to_json(data))


async def _over_kafka(  # noqa: PLR0913, PLR0917 - as `send`
    endpoints: Endpoints, service: str, model: type[Event], data: Data, id_: str, source: str
) -> Data:
    envelope = {"specversion": "1.0", "id": id_, "source": source, "type": model.type, "data": data}
    await client.publish(endpoints, [to_json(envelope)], lambda _: None)
    href = f"{endpoints.url(service)}/events/{quote(source, safe='')}/{quote(id_, safe='')}"
    async with asyncio.timeout(MAX_WAIT):
        while True:
            try:
                last = (await client.get(href))["items"][-1]
            except httpx.HTTPStatusError as error:
                if error.response.status_code != httpx.codes.NOT_FOUND:
                    raise
                await asyncio.sleep(0.2)
            else:
                break
    if last["outcome"] == "rejected":
        raise NotAccepted(f"Refused: {last['reason']}")
    return _outcome(last)


def _outcome(answer: Data) -> Data:
    return {"outcome": "on its way", **answer}


def in_words(outcome: Data) -> Iterator[str]:
    """What was, or would be, published: a line for each event."""
    for event in outcome.get("published", ()):
        words = words_of(event["type"], to_json(event["data"]))
        yield f"  {event['type'].split('.')[-2]}: {words} ({event['subject']})"
