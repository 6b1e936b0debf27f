"""Membership, wired."""

from __future__ import annotations

from fastapi import APIRouter

from services.membership import api, offices
from services.membership.domain import DECIDER, State
from services.membership.exchange import TABLES
from services.membership.manifest import MANIFEST
from services.membership.reactions import Reactions
from services.membership.subscribers import subscribe
from services.membership.views import MembershipViews
from shared.service import Parts, Service
from shared.settings import Settings
from shared.tabular import routes as exchange
from shared.web import outcomes


def build(parts: Parts[Settings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    views = MembershipViews(parts.database)
    routes = APIRouter()
    routes.include_router(exchange.routes(MANIFEST.name, TABLES, parts, DECIDER, views))
    for kind in views.kinds:
        routes.include_router(outcomes.history(parts.journal, kind))
    routes.include_router(api.routes(views))
    routes.include_router(offices.routes(views))
    return Service(MANIFEST, subscribe, DECIDER, views, routes, reactions=Reactions(views))
