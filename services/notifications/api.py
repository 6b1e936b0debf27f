"""Notifications over HTTP: subscriptions (people's data, so with the token) and deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, Response, params

from services.notifications.deliveries import Delivery, DeliveryState, Requeue
from services.notifications.domain import MAX_SUBSCRIPTIONS
from services.notifications.subscriptions import NewSubscription, Subscription, TooMany
from shared.web.authentication import writer
from shared.web.paging import Limit, Page
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.deliveries import Deliveries
    from services.notifications.queries import NotificationsQueries
    from services.notifications.settings import NotificationsSettings
    from services.notifications.subscriptions import Subscriptions


def routes(
    queries: NotificationsQueries,
    subscriptions: Subscriptions,
    deliveries: Deliveries,
    settings: NotificationsSettings,
) -> APIRouter:
    """The routes of subscriptions and deliveries."""
    router = APIRouter(tags=["notifications"])
    trusted = [Depends(writer(settings))]
    _subscriptions(router, queries, subscriptions, trusted)
    _deliveries(router, queries, deliveries, trusted)
    return router


def _subscriptions(
    router: APIRouter,
    queries: NotificationsQueries,
    all_of_them: Subscriptions,
    trusted: Sequence[params.Depends],
) -> None:
    @router.get("/subscriptions", dependencies=trusted)
    async def subscriptions(after: str = "", limit: Limit = 50) -> Page[Subscription]:
        """Who is told what; needs the token, since it shows names and addresses."""
        return await queries.subscriptions(after, limit)

    @router.post("/subscriptions", dependencies=trusted, status_code=HTTPStatus.CREATED)
    async def subscribe(new: NewSubscription, response: Response) -> Subscription:
        """Subscribe a person; the same address again changes what it is told (200)."""
        try:
            subscription, is_new = await all_of_them.add(new)
        except TooMany:
            reason = f"there are {MAX_SUBSCRIPTIONS} subscriptions, as many as there may be"
            raise Problem(HTTPStatus.CONFLICT, f"{reason}: delete some that nobody needs") from None
        if not is_new:
            response.status_code = HTTPStatus.OK
        return subscription

    @router.delete("/subscriptions/{id_}", dependencies=trusted, status_code=HTTPStatus.NO_CONTENT)
    async def unsubscribe(id_: str) -> None:
        """Forget a subscription, with the name and address."""
        if not await all_of_them.remove(id_):
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such subscription")


def _deliveries(
    router: APIRouter,
    queries: NotificationsQueries,
    all_of_them: Deliveries,
    trusted: Sequence[params.Depends],
) -> None:
    @router.get("/deliveries")
    async def deliveries(
        state: DeliveryState | None = None,
        about: str | None = None,
        after: str = "",
        limit: Limit = 50,
    ) -> Page[Delivery]:
        """What was sent, to which subscription, about what; paged."""
        return await queries.deliveries({"state": state, "about": about}, after, limit)

    @router.get("/deliveries/summary")
    async def summary() -> dict[str, int]:
        """How many deliveries are in each state."""
        counts = await queries.counts()
        return {state.value: counts.get(state, 0) for state in DeliveryState}

    @router.post("/deliveries/requeue", dependencies=trusted)
    async def requeue(which: Requeue) -> dict[str, int]:
        """Queue failed or unknown deliveries again; an unknown one may then be sent twice."""
        return {"requeued": await all_of_them.requeue(which, datetime.now(UTC))}
