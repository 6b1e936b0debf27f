"""A digest before its hour: somebody wants to be told now of what waits for theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.access.scopes import Scope
from shared.cloudevents import derived_id
from shared.contracts.base import Model
from shared.contracts.notifications import DigestRequested
from shared.pipeline.outbound import to_itself
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.parameters import ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.notifications.subscriptions import Subscriptions
    from shared.kafka.producer import Publisher


class RequestedDigest(Model):
    """Whose digest comes as soon as this is decided, if anything waits for it."""

    subscription: str


def routes(subscriptions: Subscriptions, publisher: Publisher) -> Router:
    """The route by which a digest is requested."""
    router = Router(tags=["notifications"])

    @router.post(
        "/subscriptions/{id}/digest",
        dependencies=[needs(Scope.WRITE_PEOPLE)],
        status_code=HTTPStatus.ACCEPTED,
        responses={404: failure("There is no such subscription.")},
    )
    async def digest(id_: ItsId) -> RequestedDigest:
        """Send now what waits for somebody's digests; those of the clock come besides."""
        if not await subscriptions.is_there(id_):
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such subscription")
        now = datetime.now(UTC)
        event = DigestRequested(subscription=id_, requested=now)
        event_id = derived_id(event.type, id_, now.isoformat())
        await publisher.send([to_itself("notifications", event, event_id)])
        return RequestedDigest(subscription=id_)

    return router
