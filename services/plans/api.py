"""Plans over HTTP: reading; writes go through `POST /events`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Query

from services.plans.domain import MemberCommitments, Plan
from shared.http import Problem
from shared.views import Page

if TYPE_CHECKING:
    from services.plans.views import PlansViews


def routes(views: PlansViews) -> APIRouter:
    """The routes that read plans and commitments."""
    router = APIRouter(tags=["plans"])

    @router.get("/plans")
    async def plans() -> list[Plan]:
        """The newest version of every coalition's plan."""
        return await views.plans()

    @router.get("/plans/{coalition}")
    async def plan(coalition: str) -> Plan:
        """The newest version of a coalition's Ten-Point Plan of Action."""
        if found := await views.plan(coalition):
            return found
        raise Problem(HTTPStatus.NOT_FOUND, f"no plan of {coalition!r} is published")

    @router.get("/commitments")
    async def commitments(
        coalition: str | None = None,
        state: Literal["awaiting", "open"] | None = None,
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[MemberCommitments]:
        """Members with their commitments, those that await a plan as well; paged."""
        return await views.members({"coalition": coalition, "state": state}, after, limit)

    @router.get("/members/{id_}/commitments")
    async def of_member(id_: str) -> MemberCommitments:
        """A member's ten commitments, or that it awaits the plan."""
        if found := await views.of_member(id_):
            return found
        raise Problem(HTTPStatus.NOT_FOUND, f"{id_!r} has no commitments here")

    return router
