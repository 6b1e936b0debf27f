"""Notifications, wired."""

from __future__ import annotations

from services.notifications import api
from services.notifications.domain import DECIDER, State
from services.notifications.mailer import Mailer
from services.notifications.manifest import MANIFEST
from services.notifications.settings import NotificationsSettings
from services.notifications.subscribers import subscribe
from services.notifications.views import NotificationsViews
from shared.service import Parts, Service


def build(parts: Parts[NotificationsSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    views = NotificationsViews(parts.database)
    mailer = Mailer(views.deliveries, views.subscriptions, parts.settings)
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        views,
        api.routes(views.subscriptions, views.deliveries),
        workers=(mailer.run,),
        conditions=(mailer.condition,),
    )
