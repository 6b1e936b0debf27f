"""Notifications, wired."""

from __future__ import annotations

from services.notifications import api, changes, subscribing
from services.notifications.deliveries import Deliveries
from services.notifications.domain import DECIDER, SUBSCRIPTIONS, WAITING, State
from services.notifications.gathering import Gathering
from services.notifications.known import Known
from services.notifications.mailer import Mailer
from services.notifications.manifest import MANIFEST
from services.notifications.projections import QueuedDeliveries
from services.notifications.queries import NotificationsQueries
from services.notifications.restoring import Doubts
from services.notifications.settings import NotificationsSettings
from services.notifications.subscribers import subscribe
from services.notifications.subscriptions import Subscriptions
from services.notifications.sweeper import Sweeper
from services.notifications.welcoming import Welcoming
from shared.pipeline.restored import Restored
from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service
from shared.web.routing import Router


def build(parts: Parts[NotificationsSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    subscriptions, deliveries = Subscriptions(parts.database), Deliveries(parts.database)
    gathering, welcoming = Gathering(parts.database), Welcoming(parts.database)
    doubts = Doubts(parts.database, Restored(parts.database))
    mailer = Mailer(deliveries, subscriptions, parts.settings)
    every = parts.settings.sweep_seconds
    sweeper = Sweeper(gathering, subscriptions, welcoming, parts.publisher, every)
    published = changes.Changes(parts.database)
    routes = Router()
    routes.include_router(changes.routes(published))
    queries, known = NotificationsQueries(parts.database), Known(parts.database)
    routes.include_router(subscribing.routes(queries, subscriptions, known, welcoming))
    routes.include_router(api.routes(queries, deliveries))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        Snapshots(parts.database, DECIDER.states),
        routes,
        projections=(QueuedDeliveries(deliveries, gathering, doubts),),
        lookups={SUBSCRIPTIONS: subscriptions.look_up, WAITING: gathering.waiting},
        workers=(mailer.run, sweeper.run),
        keeper=published,
        preparing=(subscriptions.prepare, welcoming.prepare, published.prepare),
        conditions=(mailer.condition,),
        metrics=(mailer.metrics,),
    )
