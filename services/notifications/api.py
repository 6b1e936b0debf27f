"""Deliveries over HTTP: what was sent, and once more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.notifications.delivery import DeliveryState, Requeue
from services.notifications.shown_delivery import ShownDelivery
from shared.access.scopes import Scope
from shared.web.authentication import needs
from shared.web.paging import Limit, Page
from shared.web.parameters import After, Id
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.notifications.deliveries import Deliveries
    from services.notifications.queries import NotificationsQueries


def routes(queries: NotificationsQueries, all_of_them: Deliveries) -> Router:
    """The routes of deliveries."""
    router = Router(tags=["notifications"])

    @router.get("/deliveries", dependencies=[needs(Scope.READ_PEOPLE)])
    async def deliveries(
        state: DeliveryState | None = None,
        about: Id | None = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[ShownDelivery]:
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

    return router
