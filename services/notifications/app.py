"""Notifications, wired."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from services.notifications import (
    announcing,
    api,
    changes,
    on_request,
    page,
    previews,
    recipients_api,
    subscribing,
)
from services.notifications.announcing import Announcing
from services.notifications.backlog import Backlog
from services.notifications.calendars import Calendars
from services.notifications.deliveries import Deliveries
from services.notifications.domain import DECIDER, SUBSCRIPTIONS, WAITING, State
from services.notifications.domain.announcements.state import COALITIONS, HOMES
from services.notifications.endings import Endings
from services.notifications.entrance import Entrance
from services.notifications.following import FollowedMembers
from services.notifications.gathering import Gathering
from services.notifications.homes import CoalitionLookup, HomeLookup
from services.notifications.known import Known
from services.notifications.mailbox import Mailbox
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
from services.notifications.sweeper import Sweeper
from services.notifications.verp import returns_of
from services.notifications.webhooks import api as webhooks
from services.notifications.webhooks.deliveries import WebhookDeliveries
from services.notifications.webhooks.endpoints import Endpoints
from services.notifications.webhooks.keeping import QueuedForWebhooks
from services.notifications.webhooks.operating import Operating, Ways
from services.notifications.webhooks.replaying import Replaying
from services.notifications.webhooks.sender import Sender
from services.notifications.webhooks.watching import Watching
from services.notifications.welcoming import Welcoming
from shared.pipeline.projections import Keepers
from shared.pipeline.repository import Lookup
from shared.pipeline.restored import Restored
from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service, Worker
from shared.web.routing import Router


class _Stores(NamedTuple):
    """What is kept besides the journal and the snapshots."""

    subscriptions: Subscriptions
    deliveries: Deliveries
    gathering: Gathering
    welcoming: Welcoming
    suppressions: Suppressions
    people: People
    homes: HomeLookup
    coalitions: CoalitionLookup
    names: NameBook
    calendars: Calendars
    published: changes.Changes
    endpoints: Endpoints
    hooks: WebhookDeliveries


def build(parts: Parts[NotificationsSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    stores = _stores(parts)
    subscriptions, deliveries, gathering, welcoming, suppressions, people, *_ = stores
    doubts = Doubts(parts.database, Restored(parts.database))
    selection = Selection(parts.database, parts.settings, stores.names)
    mailer = Mailer(deliveries, selection, parts.settings, book=stores.names, spans=parts.spans)
    every = parts.settings.sweep_seconds
    sweeper = Sweeper(gathering, subscriptions, welcoming, parts.publisher, every)
    endings, reputation = Endings(parts.database, parts.publisher), Reputation(parts.database)
    emptying = Emptying(people, timedelta(days=parts.settings.mail_keep_days))
    backlog, announcements = Backlog(parts.database), Announcing(parts.database, parts.publisher)
    mailboxes = _mailboxes(parts)
    clocks = (sweeper.run, announcements.run, emptying.run, *(one.run for one in mailboxes))
    sender, watching, sending = _webhooks(parts, stores)
    shown: tuple[Mailer | Reputation | Watching | Mailbox, ...] = (
        *(mailer, reputation, watching),
        *mailboxes,
    )
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        Snapshots(parts.database, DECIDER.states, {**INDEXES, **announcing.INDEXES}),
        _routes(parts, stores),
        projections=(
            QueuedDeliveries(deliveries, gathering, doubts, stores.calendars),
            FollowedRecipients(suppressions, people),
        ),
        lookups=_lookups(stores),
        workers=(mailer.run, *clocks, endings.run, reputation.run, backlog.run, *sending),
        keeper=_keepers(stores),
        preparing=_preparing(stores, endings),
        conditions=tuple(one.condition for one in shown),
        metrics=(*(one.metrics for one in shown), sender.metrics, backlog.metrics),
    )


def _lookups(stores: _Stores) -> dict[str, Lookup[State]]:
    """What rules look at besides the journal."""
    return {
        SUBSCRIPTIONS: stores.subscriptions.look_up,
        WAITING: stores.gathering.waiting,
        HOMES: stores.homes.look_up,
        COALITIONS: stores.coalitions.look_up,
    }


def _preparing(
    stores: _Stores, endings: Endings
) -> tuple[Callable[[], Coroutine[Any, Any, None]], ...]:
    """What is done before anything is read or asked."""
    subscriptions, calendars, published = stores.subscriptions, stores.calendars, stores.published
    parts = (subscriptions, stores.welcoming, published, calendars, stores.hooks, endings)
    return tuple(one.prepare for one in parts)


def _keepers(stores: _Stores) -> Keepers:
    """What keeps what is read; webhooks come after what keeps the events that they name."""
    return Keepers(
        stores.published,
        stores.calendars,
        FollowedMembers(stores.subscriptions),
        QueuedForWebhooks(stores.endpoints, stores.hooks),
    )


def _webhooks(
    parts: Parts[NotificationsSettings], stores: _Stores
) -> tuple[Sender, Watching, Sequence[Worker]]:
    """What sends to webhooks, what watches that, and what runs of both."""
    database, endpoints, hooks = parts.database, stores.endpoints, stores.hooks
    # Of what stops a webhook Kafka is told within seconds: the other webhooks wait meanwhile.
    sender = Sender(database, endpoints, parts.settings, parts.web_publisher)
    watching = Watching(endpoints, hooks, parts.web_publisher)
    replaying = Replaying(database, endpoints, hooks)
    return sender, watching, (sender.run, watching.run, replaying.run)


def _mailboxes(parts: Parts[NotificationsSettings]) -> tuple[Mailbox, ...]:
    """The mailbox to which e-mails come back, where one is to be read."""
    returns = returns_of(parts.settings)
    if parts.settings.imap_host is None or returns is None:
        return ()
    return (Mailbox(parts.database, Entrance(returns, parts.publisher), parts.settings),)


def _stores(parts: Parts[NotificationsSettings]) -> _Stores:
    names = NameBook(parts.database)
    subscriptions = Subscriptions(parts.database)
    suppressions = Suppressions(parts.database, parts.settings.keys)
    return _Stores(
        subscriptions=subscriptions,
        deliveries=Deliveries(parts.database),
        gathering=Gathering(parts.database),
        welcoming=Welcoming(parts.database),
        suppressions=suppressions,
        people=People(parts.database, parts.web_publisher, suppressions),
        homes=HomeLookup(parts.database, subscriptions),
        coalitions=CoalitionLookup(parts.database),
        names=names,
        calendars=Calendars(parts.database),
        published=changes.Changes(parts.database, names),
        endpoints=Endpoints(parts.database),
        hooks=WebhookDeliveries(parts.database),
    )


def _routes(parts: Parts[NotificationsSettings], stores: _Stores) -> Router:
    routes = Router()
    subscriptions, people = stores.subscriptions, stores.people
    queries, known = NotificationsQueries(parts.database), Known(parts.database)
    returns, signer = returns_of(parts.settings), signer_of(parts.settings)
    entrance = Entrance(returns, parts.web_publisher) if returns else None
    pages = Pages(signer, subscriptions, queries, stores.calendars, stores.names)
    operating = Operating(parts.database, known, Ways(parts.web_publisher, parts.settings))
    for one in (
        changes.routes(stores.published),
        previews.routes(),
        subscribing.routes(queries, subscriptions, known, stores.welcoming, people),
        on_request.routes(subscriptions, parts.web_publisher),
        api.routes(queries, stores.deliveries),
        recipients_api.bounces(entrance),
        recipients_api.suppressions(queries, people),
        recipients_api.people(people),
        announcing.routes(parts.database, subscriptions, stores.homes),
        page.routes(pages),
        webhooks.routes(parts.database, operating),
    ):
        routes.include_router(one)
    return routes
