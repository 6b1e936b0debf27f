"""Webhooks over HTTP: for operators alone."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from services.notifications.delivery import DeliveryState
from services.notifications.webhooks.delivery import ShownWebhookDelivery
from services.notifications.webhooks.endpoints import Endpoint
from services.notifications.webhooks.models import (
    AskedOfWebhook,
    AskedReplay,
    NewWebhook,
    RegisteredWebhook,
    Replayed,
    Rotated,
    Rotation,
    ShownWebhook,
    Tried,
)
from shared.access.scopes import Scope
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.paging import Limit, Page, page
from shared.web.parameters import After, ItsId
from shared.web.routing import Router

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from services.notifications.webhooks.operating import Operating

_OPERATES: Final = [needs(Scope.OPERATE)]
_NONE: Final[dict[int | str, dict[str, Any]]] = {404: failure("There is no such webhook.")}
_THERE: Final = failure("There is one of the id, or as many as there may be.")
_REPLAYS: Final = failure("Events of the past are being queued for it.")


def routes(database: AsyncDatabase[dict[str, Any]], them: Operating) -> Router:
    """The routes of webhooks."""
    router = Router(tags=["webhooks"])
    _registering(router, them)
    _reading(router, database, them)
    _running(router, them)
    _sending(router, them)
    return router


def _registering(router: Router, them: Operating) -> None:
    @router.post(
        "/webhooks",
        dependencies=_OPERATES,
        status_code=HTTPStatus.CREATED,
        responses={409: _THERE},
    )
    async def register(new: NewWebhook) -> RegisteredWebhook:
        """Have events sent to an address from now on; the secret is shown this once."""
        return RegisteredWebhook(id=new.id, secret=await them.register(new))

    @router.delete(
        "/webhooks/{id}",
        dependencies=_OPERATES,
        status_code=HTTPStatus.NO_CONTENT,
        responses=_NONE,
    )
    async def remove(id_: ItsId) -> None:
        """Have nothing sent there any more; what waits is not sent."""
        await them.remove(id_)

    @router.post("/webhooks/{id}/rotate", dependencies=_OPERATES, responses=_NONE)
    async def rotate(id_: ItsId, rotation: Rotation) -> Rotated:
        """Sign with a new secret, and for a while with those before, too."""
        return await them.rotate(id_, rotation)


def _reading(router: Router, database: AsyncDatabase[dict[str, Any]], them: Operating) -> None:
    @router.get("/webhooks", dependencies=_OPERATES)
    async def webhooks(after: After = "", limit: Limit = 50) -> Page[ShownWebhook]:
        """All webhooks, and how each fares; never their secrets."""
        found = await page(database["webhook_endpoints"], Endpoint, {}, after, limit)
        items = [await them.show(one.id) for one in found.items]
        return Page(items=items, total=found.total, next=found.next, unreadable=found.unreadable)

    @router.get("/webhooks/{id}", dependencies=_OPERATES, responses=_NONE)
    async def webhook(id_: ItsId) -> ShownWebhook:
        """One webhook, and how it fares."""
        return await them.show(id_)

    @router.get("/webhooks/{id}/deliveries", dependencies=_OPERATES, responses=_NONE)
    async def deliveries(
        id_: ItsId, state: DeliveryState | None = None, after: After = "", limit: Limit = 50
    ) -> Page[ShownWebhookDelivery]:
        """The events that wait for it, or were sent in the last 30 days; paged."""
        await them.existing(id_)
        where = {"webhook": id_, "state": state}
        return await page(database["webhook_deliveries"], ShownWebhookDelivery, where, after, limit)


def _running(router: Router, them: Operating) -> None:
    @router.post(
        "/webhooks/{id}/pause",
        dependencies=_OPERATES,
        status_code=HTTPStatus.ACCEPTED,
        responses=_NONE,
    )
    async def pause(id_: ItsId) -> AskedOfWebhook:
        """Have nothing sent for now; what is to be sent waits."""
        await them.pause(id_)
        return AskedOfWebhook(webhook=id_)

    @router.post(
        "/webhooks/{id}/resume",
        dependencies=_OPERATES,
        status_code=HTTPStatus.ACCEPTED,
        responses=_NONE,
    )
    async def resume(id_: ItsId) -> AskedOfWebhook:
        """Have what waits sent, after a pause or since it was stopped."""
        await them.resume(id_)
        return AskedOfWebhook(webhook=id_)


def _sending(router: Router, them: Operating) -> None:
    @router.post("/webhooks/{id}/test", dependencies=_OPERATES, responses=_NONE)
    async def try_(id_: ItsId) -> Tried:
        """Send an event that was made for a test, and say how the receiver answered."""
        return await them.try_(id_)

    @router.post(
        "/webhooks/{id}/replay",
        dependencies=_OPERATES,
        status_code=HTTPStatus.ACCEPTED,
        responses={**_NONE, 409: _REPLAYS},
    )
    async def replay(id_: ItsId, asked: AskedReplay) -> Replayed:
        """Have the events sent once more that were recorded in a time, under the same ids."""
        return await them.replay(id_, asked)
