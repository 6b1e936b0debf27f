"""What operators do with webhooks: each is done here, and kept in the journal."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx
from pydantic_core import to_json

from services.notifications.domain import Webhook
from services.notifications.webhooks import models
from services.notifications.webhooks.addresses import check
from services.notifications.webhooks.body import with_data
from services.notifications.webhooks.deliveries import WebhookDeliveries
from services.notifications.webhooks.endpoints import Endpoints, Exists, Target, TooMany
from services.notifications.webhooks.posting import HttpPoster
from services.notifications.webhooks.replaying import gap_of, replay_of
from services.notifications.webhooks.signing import rotated, signed
from shared.cloudevents import derived_id
from shared.contracts import catalogue
from shared.contracts.notifications import (
    WebhookPaused,
    WebhookRegistered,
    WebhookRemoved,
    WebhookReplayed,
    WebhookResumed,
    WebhookSecretRotated,
    WebhookTested,
)
from shared.contracts.schemas import schema_id
from shared.nearest import meant
from shared.pipeline.outbound import to_itself
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.known import Known
    from services.notifications.settings import NotificationsSettings
    from services.notifications.webhooks.posting import Poster
    from shared.contracts.base import Event
    from shared.kafka.producer import Publisher

SHOWN: Final = 10_000
"""Events that wait are counted up to so many."""


class Ways(NamedTuple):
    """What operating takes besides the store.

    Attributes:
        publisher: the way to Kafka.
        settings: which addresses are allowed.
        poster: the way to a receiver.
        clock: tells the time, aware, UTC.
    """

    publisher: Publisher
    settings: NotificationsSettings
    poster: Callable[[NotificationsSettings, int], Poster] = HttpPoster
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Operating:
    """Registers webhooks, and does with them what operators ask for.

    Args:
        database: of notifications.
        known: which coalitions and members there are.
        ways: what it takes besides.
    """

    def __init__(self, database: AsyncDatabase[dict[str, Any]], known: Known, ways: Ways) -> None:
        self.endpoints, self.deliveries = Endpoints(database), WebhookDeliveries(database)
        self._known, self._ways = known, ways

    async def register(self, new: models.NewWebhook) -> str:
        """Have events sent to an address; returns the secret, which is shown this once.

        Raises:
            Problem: nothing may be sent there, or what is named is not there.
        """
        settings = self._ways.settings
        try:
            url = check(new.url, http=settings.webhook_http, networks=settings.webhook_networks)
        except ValueError as error:
            wrong = [{"where": "body.url", "reason": str(error)}]
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", errors=wrong
            ) from None
        await self._known.check(new)
        try:
            secret = await self.endpoints.add(new.id, url)
        except Exists:
            why = f"there is a webhook {new.id!r} already: remove it, or take another id"
            raise Problem(HTTPStatus.CONFLICT, why) from None
        except TooMany:
            why = "there are as many webhooks as there may be: remove one that nobody needs"
            raise Problem(HTTPStatus.CONFLICT, why) from None
        fields = new.model_dump(exclude={"id", "url"})
        try:
            await self._say(WebhookRegistered(webhook=new.id, host=httpx.URL(url).host, **fields))
        except BaseException:
            await self.endpoints.forget(new.id)  # nobody has its secret
            raise
        return secret

    async def pause(self, id_: str) -> None:
        """Have nothing sent for now."""
        await self.existing(id_)
        await self._say(WebhookPaused(webhook=id_))

    async def resume(self, id_: str) -> None:
        """Have what waits sent, and what was not queued since too much waited."""
        target, now = await self.existing(id_), self._ways.clock()
        fields: dict[str, Any] = {"failing": None, "last": None}
        if target.endpoint.full:
            place = await self.deliveries.last_place(id_)
            fields["replay"] = gap_of(target.endpoint.full, now, place).model_dump()
        await self.endpoints.set(id_, **fields)
        await self.deliveries.wake(id_, now)
        await self._say(WebhookResumed(webhook=id_))

    async def rotate(self, id_: str, rotation: models.Rotation) -> models.Rotated:
        """Sign with a new secret, and for a while with those before, too."""
        target, now = await self.existing(id_), self._ways.clock()
        secrets = rotated(target.endpoint.secrets, now, rotation.overlap)
        await self.endpoints.set(id_, secrets=[one.model_dump() for one in secrets])
        until = now + rotation.overlap
        await self._say(WebhookSecretRotated(webhook=id_, until=until))
        return models.Rotated(webhook=id_, secret=secrets[0].secret, until=until)

    async def replay(self, id_: str, asked: models.AskedReplay) -> models.Replayed:
        """Have events sent once more, under the same ids."""
        target, now = await self.existing(id_), self._ways.clock()
        until = min(asked.until or now, now)
        if asked.since >= until:
            why = "`since` is in the future: nothing was recorded after it"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, why)
        if target.endpoint.replay:
            why = "events of the past are being queued for it: wait until that is done"
            raise Problem(HTTPStatus.CONFLICT, why)
        await self.endpoints.set(id_, replay=replay_of(asked.since, until).model_dump())
        await self._say(WebhookReplayed(webhook=id_, since=asked.since, until=until))
        return models.Replayed(webhook=id_, since=asked.since, until=until)

    async def remove(self, id_: str) -> None:
        """Have nothing sent there any more, and forget its address and secrets."""
        if not await self.endpoints.of([id_]):
            raise await self._none(id_)
        await self._say(WebhookRemoved(webhook=id_))
        await self.endpoints.forget(id_)
        await self.deliveries.remove(id_)

    async def try_(self, id_: str) -> models.Tried:
        """Send an event that was made for a test, now; whatever waits."""
        target, now = await self.existing(id_), self._ways.clock()
        event = WebhookTested(webhook=id_)
        message = await self._say(event)
        attributes = {
            "specversion": "1.0",
            "id": message,
            "source": catalogue.source("notifications"),
            "type": event.type,
            "subject": id_,
            "time": now.isoformat(),
            "datacontenttype": "application/json",
            "dataschema": schema_id(event.type),
        }
        body = with_data(attributes, to_json({"webhook": id_}).decode())
        headers = signed(message, body, target.endpoint.secrets, now)
        poster, begun = self._ways.poster(self._ways.settings, 1), time.monotonic()
        try:
            answer = await poster.post(target.endpoint.url, body, headers)
        finally:
            await poster.close()
        return models.Tried(
            webhook=id_,
            message=message,
            taken=answer.taken,
            status=answer.status,
            reason=answer.reason,
            milliseconds=round((time.monotonic() - begun) * 1000),
        )

    async def show(self, id_: str) -> models.ShownWebhook:
        """A webhook, and how it fares."""
        target = await self.existing(id_)
        waiting = await self.deliveries.waiting(id_, SHOWN)
        return models.shown(target, waiting, self._ways.clock())

    async def existing(self, id_: str) -> Target:
        """A webhook; one that is not decided yet is as new ones are.

        Raises:
            Problem: there is none.
        """
        endpoint = (await self.endpoints.of([id_])).get(id_)
        if endpoint is None:
            raise await self._none(id_)
        webhook = (await self.endpoints.webhooks()).get(id_)
        new = Webhook(id=id_, host="")
        return Target(webhook=webhook or new, endpoint=endpoint, decided=webhook is not None)

    async def _none(self, id_: str) -> Problem:
        there = sorted(await self.endpoints.webhooks())
        return Problem(HTTPStatus.NOT_FOUND, f"there is no webhook {id_!r}; {meant(id_, there)}")

    async def _say(self, event: Event) -> str:
        """Keep in the journal what is done; returns the event's id."""
        id_ = derived_id(event.type, uuid.uuid4())
        await self._ways.publisher.send([to_itself("notifications", event, id_)])
        return id_
