"""Notifications over HTTP: subscriptions (people's data, so with the token) and deliveries."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Response

from services.notifications.views import Delivery, DeliveryState, NewSubscription, Subscription
from shared.web.authentication import writer
from shared.web.paging import Limit, Page
from shared.web.problems import Problem

if TYPE_CHECKING:
    from services.notifications.views import NotificationsViews
    from shared.settings import Settings


def routes(views: NotificationsViews, settings: Settings) -> APIRouter:
    """The routes of subscriptions and deliveries."""
    router = APIRouter(tags=["notifications"])
    trusted = [Depends(writer(settings))]

    @router.get("/subscriptions", dependencies=trusted)
    async def subscriptions(after: str = "", limit: Limit = 50) -> Page[Subscription]:
        """Who is told what; needs the token, since it shows names and addresses."""
        return await views.subscriptions(after, limit)

    @router.post("/subscriptions", dependencies=trusted, status_code=HTTPStatus.CREATED)
    async def subscribe(new: NewSubscription, response: Response) -> Subscription:
        """Subscribe a person; the same address again changes what it is told (200)."""
        subscription, is_new = await views.subscribe(new)
        if not is_new:
            response.status_code = HTTPStatus.OK
        return subscription

    @router.delete("/subscriptions/{id_}", dependencies=trusted, status_code=HTTPStatus.NO_CONTENT)
    async def unsubscribe(id_: str) -> None:
        """Forget a subscription, with the name and address."""
        if not await views.unsubscribe(id_):
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such subscription")

    @router.get("/deliveries")
    async def deliveries(
        state: DeliveryState | None = None,
        about: str | None = None,
        after: str = "",
        limit: Limit = 50,
    ) -> Page[Delivery]:
        """What was sent, to which subscription, about what; paged."""
        return await views.deliveries({"state": state, "about": about}, after, limit)

    @router.get("/deliveries/summary")
    async def summary() -> dict[str, int]:
        """How many deliveries are in each state."""
        counts = await views.delivery_counts()
        return {state.value: counts.get(state.value, 0) for state in DeliveryState}

    return router
