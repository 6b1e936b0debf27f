"""Plans, wired."""

from __future__ import annotations

from fastapi import Depends

from services.plans import api, conventions, local_plans, report_documents, trends
from services.plans.by_month import CommitmentsByMonth
from services.plans.by_status import CommitmentsByStatus
from services.plans.comparison import Comparisons
from services.plans.domain import DECIDER, State
from services.plans.exchange import TABLES
from services.plans.follow_up import FollowUp
from services.plans.manifest import MANIFEST
from services.plans.owing import Owing
from services.plans.projections import ReportsToCheck
from services.plans.queries import INDEXES, MEMBERS_ASKED, Concerned, PlansQueries
from services.plans.reactions import REACTIONS
from services.plans.settings import PlansSettings
from services.plans.subscribers import subscribe
from services.plans.sweeper import Sweeper
from shared.pipeline.reactions import Reactions
from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service
from shared.tabular import routes as exchange
from shared.web import copying, filters, outcomes
from shared.web.routing import Router


def build(parts: Parts[PlansSettings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    snapshots = Snapshots(parts.database, DECIDER.states, INDEXES)
    to_check = ReportsToCheck(parts.database)
    by_status, owing = CommitmentsByStatus(parts.database), Owing(parts.database)
    by_month = CommitmentsByMonth(parts.database)
    concerned = Concerned(parts.database)
    sweeper = Sweeper(concerned, to_check, parts.publisher, parts.settings.sweep_seconds)
    asked = (filters.of_coalition(snapshots), filters.of_members(snapshots, MEMBERS_ASKED))
    routes = Router(dependencies=[Depends(check) for check in asked])
    routes.include_router(exchange.routes(MANIFEST.name, TABLES, parts, DECIDER, snapshots))
    routes.include_router(copying.routes(DECIDER, parts.journal, snapshots))
    for kind in snapshots.kinds:
        routes.include_router(outcomes.history(parts.journal, kind))
    queries, comparisons = PlansQueries(parts.database), Comparisons(parts.database, by_status)
    routes.include_router(api.routes(queries, comparisons, FollowUp(parts.database), owing))
    routes.include_router(local_plans.routes(local_plans.LocalPlans(parts.database)))
    routes.include_router(conventions.routes(conventions.Conventions(parts.database)))
    routes.include_router(trends.routes(by_month))
    documents = report_documents.ReportDocuments(parts.database, parts.journal)
    routes.include_router(report_documents.routes(documents))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        snapshots,
        routes,
        projections=(to_check, by_status, by_month, owing),
        reactions=Reactions(MANIFEST.name, REACTIONS, concerned),
        workers=(sweeper.run, by_status.run, by_month.run, owing.run),
    )
