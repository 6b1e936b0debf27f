"""Notifications over HTTP: subscriptions (people's data, so with the token) and deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from services.notifications.delivery import Delivery, DeliveryState, Requeue
from services.notifications.domain import MAX_SUBSCRIPTIONS
from services.notifications.subscription import NewSubscription, Subscription
from services.notifications.subscriptions import Exists, TooMany
from shared.access.scopes import Scope
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.paging import Limit, Page
from shared.web.parameters import After, Id, Its
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.notifications.deliveries import Deliveries
    from services.notifications.people import People
    from services.notifications.queries import NotificationsQueries
    from services.notifications.subscriptions import Subscriptions


def routes(
    queries: NotificationsQueries,
    subscriptions: Subscriptions,
    deliveries: Deliveries,
    people: People,
) -> Router:
    """The routes of subscriptions and deliveries."""
    router = Router(tags=["notifications"])
    _subscriptions(router, queries, subscriptions, people)
    _deliveries(router, queries, deliveries)
    return router


def _subscriptions(
    router: Router,
    queries: NotificationsQueries,
    all_of_them: Subscriptions,
    people: People,
) -> None:
    writes = [needs(Scope.WRITE_PEOPLE)]

    @router.get("/subscriptions", dependencies=[needs(Scope.READ_PEOPLE)])
    async def subscriptions(after: After = "", limit: Limit = 50) -> Page[Subscription]:
        """Who is notified of what; needs a token, since it shows names and addresses."""
        return await queries.subscriptions(after, limit)

    @router.post(
        "/subscriptions",
        dependencies=writes,
        status_code=HTTPStatus.CREATED,
        responses={409: failure("There is one of the address, or as many as there may be.")},
    )
    async def subscribe(new: NewSubscription) -> Subscription:
        """Subscribe a person whose address has no subscription yet."""
        try:
            return await all_of_them.add(new)
        except TooMany:
            reason = f"there are {MAX_SUBSCRIPTIONS} subscriptions, as many as there may be"
            raise Problem(HTTPStatus.CONFLICT, f"{reason}: delete some that nobody needs") from None
        except Exists as found:
            reason = "there is a subscription of this address"
            change = f"change it with PATCH or PUT of /subscriptions/{found.id}"
            raise Problem(HTTPStatus.CONFLICT, f"{reason}: {change}") from None

    @router.delete("/subscriptions/{id_}", dependencies=writes, status_code=HTTPStatus.NO_CONTENT)
    async def unsubscribe(id_: Its) -> None:
        """Forget a subscription, with the name and address, for good: after a restore as well."""
        if not await people.erase(id_):
            raise Problem(HTTPStatus.NOT_FOUND, "there is no such subscription")


def _deliveries(
    router: Router,
    queries: NotificationsQueries,
    all_of_them: Deliveries,
) -> None:
    @router.get("/deliveries")
    async def deliveries(
        state: DeliveryState | None = None,
        about: Id | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Delivery]:
        """What was sent, to which subscription, about what; paged."""
        return await queries.deliveries({"state": state, "about": about}, after, limit)

    @router.get("/deliveries/summary")
    async def summary() -> dict[str, int]:
        """How many deliveries are in each state."""
        counts = await queries.counts()
        return {state.value: counts.get(state, 0) for state in DeliveryState}

    @router.post("/deliveries/requeue", dependencies=[needs(Scope.OPERATE)])
    async def requeue(which: Requeue) -> dict[str, int]:
        """Queue failed or unknown deliveries again; an unknown one may then be sent twice."""
        return {"requeued": await all_of_them.requeue(which, datetime.now(UTC))}
