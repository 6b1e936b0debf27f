"""Notifications, wired."""

from __future__ import annotations

from services.notifications import announcing, api, changes, previews
from services.notifications.announcing import INDEXES, Announcing
from services.notifications.backlog import Backlog
from services.notifications.calendars import Calendars
from services.notifications.deliveries import Deliveries
from services.notifications.domain import DECIDER, SUBSCRIPTIONS, State
from services.notifications.mailer import Mailer
from services.notifications.manifest import MANIFEST
from services.notifications.names import NameBook
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
    names, calendars = NameBook(parts.database), Calendars(parts.database)
    mailer = Mailer(deliveries, subscriptions, parts.settings, book=names)
    backlog = Backlog(parts.database)
    published = changes.Changes(parts.database, names)
    announcements = Announcing(parts.database, parts.publisher)
    routes = Router()
    routes.include_router(changes.routes(published))
    routes.include_router(previews.routes())
    queries = NotificationsQueries(parts.database)
    routes.include_router(api.routes(queries, subscriptions, deliveries))
    routes.include_router(announcing.routes(parts.database, subscriptions))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        Snapshots(parts.database, DECIDER.states, INDEXES),
        routes,
        projections=(QueuedDeliveries(deliveries, doubts),),
        lookups={SUBSCRIPTIONS: subscriptions.interests},
        workers=(mailer.run, backlog.run, announcements.run),
        keeper=Keepers(published, calendars),
        preparing=(subscriptions.prepare, published.prepare, calendars.prepare),
        conditions=(mailer.condition,),
        metrics=(mailer.metrics, backlog.metrics),
    )
