"""Membership over HTTP: reading; writes go through `POST /events`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from services.membership.domain import Coalition, Member
from shared.contracts.base import Kind
from shared.contracts.membership import MemberState
from shared.http import Problem
from shared.views import Page

if TYPE_CHECKING:
    from services.membership.views import MembershipViews

Limit = Annotated[int, Query(ge=1, le=200)]


def routes(views: MembershipViews) -> APIRouter:
    """The routes that read coalitions and members."""
    router = APIRouter(tags=["membership"])

    @router.get("/coalitions")
    async def coalitions() -> list[Coalition]:
        """All regional coalitions with status and lead cities."""
        return await views.coalitions()

    @router.get("/coalitions/{id_}")
    async def coalition(id_: str) -> Coalition:
        """One regional coalition."""
        if found := await views.coalition(id_):
            return found
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no coalition {id_!r}")

    @router.get("/members")
    async def members(  # noqa: PLR0913, PLR0917 - each filter is a parameter of the query
        coalition: str | None = None,
        country: str | None = None,
        kind: Kind | None = None,
        state: MemberState | None = None,
        after: str = "",
        limit: Limit = 50,
    ) -> Page[Member]:
        """Members, filtered and paged: give `next` of a page as `after` of the next one."""
        where = {"coalition": coalition, "country": country, "kind": kind, "state": state}
        return await views.members(where, after, limit)

    @router.get("/members/{id_}")
    async def member(id_: str) -> Member:
        """One member with its dated steps."""
        if found := await views.member(id_):
            return found
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no member {id_!r}")

    return router
