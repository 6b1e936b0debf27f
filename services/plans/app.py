"""Plans, wired."""

from __future__ import annotations

from services.plans import api
from services.plans.domain import DECIDER, State
from services.plans.exchange import TABLES
from services.plans.manifest import MANIFEST
from services.plans.reactions import Reactions
from services.plans.settings import PlansSettings
from services.plans.subscribers import subscribe
from services.plans.sweeper import Sweeper
from services.plans.views import PlansViews
from shared.service import Parts, Service
from shared.tabular import routes as exchange
from shared.web import outcomes
from shared.web.routing import Router


def build(parts: Parts[PlansSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    views = PlansViews(parts.database)
    sweeper = Sweeper(views, parts.publisher, parts.settings.sweep_seconds)
    routes = Router()
    routes.include_router(exchange.routes(MANIFEST.name, TABLES, parts, DECIDER, views))
    for kind in views.kinds:
        routes.include_router(outcomes.history(parts.journal, kind))
    routes.include_router(api.routes(views))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        views,
        routes,
        reactions=Reactions(views),
        workers=(sweeper.run,),
    )
