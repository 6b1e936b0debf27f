"""Membership, wired."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import Depends

from services.membership import api, offices
from services.membership.domain import DECIDER, State
from services.membership.doubles import likely_doubles, namesakes, warnings
from services.membership.exchange import TABLES
from services.membership.manifest import MANIFEST
from services.membership.names import name_coalitions
from services.membership.projections import MembersByState
from services.membership.queries import INDEXES, MEMBERS_ASKED, MembershipQueries
from services.membership.reactions import REACTIONS
from services.membership.searching import MembersByName
from services.membership.subscribers import subscribe
from shared.pipeline.reactions import Reactions
from shared.pipeline.snapshots import Snapshots
from shared.service import Parts, Service
from shared.settings import Settings
from shared.tabular import routes as exchange
from shared.tabular.rows import Table
from shared.web import copying, filters, outcomes
from shared.web.routing import Router


def _completed(table: Table) -> Table:
    """A table with what reads the store for it."""
    if table.name != "members":
        return table
    return replace(table, completed=name_coalitions, doubles=likely_doubles, namesakes=namesakes)


def build(parts: Parts[Settings]) -> Service[State]:
    """Wire the service of the parts it is given."""
    snapshots = Snapshots(parts.database, DECIDER.states, INDEXES)
    by_state = MembersByState(parts.database)
    by_name = MembersByName(parts.database)
    queries = MembershipQueries(parts.database, by_state, by_name)
    asked = (filters.of_coalition(snapshots), filters.of_members(snapshots, MEMBERS_ASKED))
    routes = Router(dependencies=[Depends(check) for check in asked])
    tables = [_completed(table) for table in TABLES]
    routes.include_router(exchange.routes(MANIFEST.name, tables, parts, DECIDER, snapshots))
    routes.include_router(copying.routes(DECIDER, parts.journal, snapshots))
    for kind in snapshots.kinds:
        routes.include_router(outcomes.history(parts.journal, kind))
    routes.include_router(api.routes(queries))
    routes.include_router(offices.routes(offices.Offices(parts.database)))
    return Service(
        MANIFEST,
        subscribe,
        DECIDER,
        snapshots,
        routes,
        projections=(by_state, by_name),
        reactions=Reactions(MANIFEST.name, REACTIONS, queries),
        workers=(by_state.run,),
        warn=partial(warnings, parts.database),
    )
