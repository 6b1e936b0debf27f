"""Notifications, wired."""

from __future__ import annotations

from services.notifications import api, changes
from services.notifications.calendars import Calendars
from services.notifications.claims import Claims
from services.notifications.deliveries import Deliveries
from services.notifications.domain import DECIDER, SUBSCRIPTIONS, State
from services.notifications.mailer import Mailer
from services.notifications.manifest import MANIFEST
from services.notifications.projections import QueuedDeliveries
from services.notifications.queries import NotificationsQueries
from services.notifications.restoring import Doubts
from services.notifications.settings import NotificationsSettings
from services.notifications.subscribers import subscribe
from services.notifications.subscriptions import Subscriptions
from shared.pipeline.projections import Keepers
from shared.pipeline.restored import Restored
from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service
from shared.web.routing import Router


def build(parts: Parts[NotificationsSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    subscriptions, deliveries = Subscriptions(parts.database), Deliveries(parts.database)
    doubts = Doubts(parts.database, Restored(parts.database))
    mailer = Mailer(deliveries, Claims(parts.database), subscriptions, parts.settings)
    published, calendars = changes.Changes(parts.database), Calendars(parts.database)
    routes = Router()
    routes.include_router(changes.routes(published))
    queries = NotificationsQueries(parts.database)
    routes.include_router(api.routes(queries, subscriptions, deliveries))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        Snapshots(parts.database, DECIDER.states),
        routes,
        projections=(QueuedDeliveries(deliveries, doubts),),
        lookups={SUBSCRIPTIONS: subscriptions.interests},
        workers=(mailer.run,),
        keeper=Keepers(published, calendars),
        preparing=(subscriptions.prepare, published.prepare, calendars.prepare),
        conditions=(mailer.condition,),
        metrics=(mailer.metrics,),
    )
