"""Notifications, wired."""

from __future__ import annotations

from datetime import timedelta

from services.notifications import announcing, api, changes, page, previews, recipients_api
from services.notifications.announcing import Announcing
from services.notifications.backlog import Backlog
from services.notifications.calendars import Calendars
from services.notifications.deliveries import Deliveries
from services.notifications.domain import DECIDER, SUBSCRIPTIONS, State
from services.notifications.endings import Endings
from services.notifications.mailer import Mailer
from services.notifications.manifest import MANIFEST
from services.notifications.names import NameBook
from services.notifications.page import Pages
from services.notifications.people import People
from services.notifications.projections import QueuedDeliveries
from services.notifications.queries import INDEXES, NotificationsQueries
from services.notifications.recipients import Emptying, FollowedRecipients, Reputation
from services.notifications.restoring import Doubts
from services.notifications.selection import Selection
from services.notifications.settings import NotificationsSettings
from services.notifications.signing import signer_of
from services.notifications.subscribers import subscribe
from services.notifications.subscriptions import Subscriptions
from services.notifications.suppressions import Suppressions
from services.notifications.verp import returns_of
from shared.pipeline.projections import Keepers
from shared.pipeline.restored import Restored
from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service
from shared.web.routing import Router


def build(parts: Parts[NotificationsSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    subscriptions, deliveries = Subscriptions(parts.database), Deliveries(parts.database)
    doubts = Doubts(parts.database, Restored(parts.database))
    suppressions = Suppressions(parts.database, parts.settings.keys)
    people = People(parts.database, parts.web_publisher)
    names, calendars = NameBook(parts.database), Calendars(parts.database)
    selection = Selection(parts.database, parts.settings, names)
    mailer = Mailer(deliveries, selection, parts.settings, book=names)
    endings, reputation = Endings(parts.database, parts.publisher), Reputation(parts.database)
    emptying = Emptying(people, timedelta(days=parts.settings.mail_keep_days))
    backlog = Backlog(parts.database)
    published = changes.Changes(parts.database, names)
    announcements = Announcing(parts.database, parts.publisher)
    routes = _routes(parts, published, subscriptions, deliveries, people)
    routes.include_router(_pages(parts, subscriptions, calendars, names))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        Snapshots(parts.database, DECIDER.states, {**INDEXES, **announcing.INDEXES}),
        routes,
        projections=(
            QueuedDeliveries(deliveries, doubts, calendars),
            FollowedRecipients(suppressions, people),
        ),
        lookups={SUBSCRIPTIONS: subscriptions.interests},
        workers=(
            mailer.run,
            announcements.run,
            endings.run,
            reputation.run,
            emptying.run,
            backlog.run,
        ),
        keeper=Keepers(published, calendars),
        preparing=(subscriptions.prepare, published.prepare, calendars.prepare, endings.prepare),
        conditions=(mailer.condition, reputation.condition),
        metrics=(mailer.metrics, reputation.metrics, backlog.metrics),
    )


def _routes(
    parts: Parts[NotificationsSettings],
    published: changes.Changes,
    subscriptions: Subscriptions,
    deliveries: Deliveries,
    people: People,
) -> Router:
    routes = Router()
    routes.include_router(changes.routes(published))
    routes.include_router(previews.routes())
    queries = NotificationsQueries(parts.database)
    routes.include_router(api.routes(queries, subscriptions, deliveries, people))
    returns = returns_of(parts.settings)
    routes.include_router(recipients_api.bounces(returns, parts.web_publisher))
    routes.include_router(recipients_api.suppressions(queries, people))
    routes.include_router(recipients_api.people(people))
    routes.include_router(announcing.routes(parts.database, subscriptions))
    return routes


def _pages(
    parts: Parts[NotificationsSettings],
    subscriptions: Subscriptions,
    calendars: Calendars,
    names: NameBook,
) -> Router:
    """What the links in e-mails lead to."""
    queries = NotificationsQueries(parts.database)
    signer = signer_of(parts.settings)
    return page.routes(Pages(signer, subscriptions, queries, calendars, names))
