"""Membership over HTTP: reading; writes go through `POST /events`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Query

from services.membership.domain import (
    Coalition,
    Conference,
    Member,
    Statistics,
)
from shared.contracts.base import Kind, Qualifier
from shared.contracts.membership import MemberState
from shared.contracts.patterns import LINE
from shared.domain.dates import certain_day
from shared.web.paging import Limit, Page
from shared.web.parameters import After, AsOf, CountryCode, Id, ItsId, People, of_size
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.membership.queries import MembershipQueries

OfQualifier = Annotated[
    Qualifier | None,
    Query(description="ISO 3166-2, or an entry of Wikidata or GeoNames.", examples=["Q2742"]),
]
Named = Annotated[
    str | None,
    Query(
        max_length=100,
        pattern=LINE,
        description="The beginnings of words of its name, or of one it had, in any language and "
        "script, with accents or without.",
        examples=["nurn", "富士"],
    ),
]
T = TypeVar("T")


def routes(queries: MembershipQueries) -> Router:
    """The routes that read coalitions, members and conferences."""
    router = Router(tags=["membership"])
    _coalitions(router, queries)
    _members(router, queries)
    _conferences(router, queries)
    return router


def _coalitions(router: Router, queries: MembershipQueries) -> None:
    @router.get("/coalitions")
    async def coalitions(after: After = "", limit: Limit = 50) -> Page[Coalition]:
        """Coalitions with names, timeline, statutes and lead cities; paged as members are."""
        return await queries.coalitions(after, limit)

    @router.get("/coalitions/{id}")
    async def coalition(id_: ItsId, as_of: AsOf = None) -> Coalition:
        """One coalition, now or as of a date."""
        found = _there(await queries.coalition(id_), f"there is no coalition {id_!r}")
        if as_of is None:
            return found
        return _there(found.as_of(certain_day(as_of)), f"nothing of it is dated by {as_of}")

    @router.get("/coalitions/{id}/statistics")
    async def statistics(id_: ItsId, as_of: AsOf = None) -> Statistics:
        """Members and countries of a coalition and of those below it, and the nearest count."""
        day = certain_day(as_of) if as_of else None
        return _there(await queries.statistics(id_, day), f"there is no coalition {id_!r}")


def _members(router: Router, queries: MembershipQueries) -> None:
    @router.get("/members")
    async def members(  # noqa: PLR0913, PLR0917 - each filter is a parameter of the query
        coalition: Id | None = None,
        country: CountryCode | None = None,
        kind: Kind | None = None,
        state: MemberState | None = None,
        qualifier: OfQualifier = None,
        name: Named = None,
        part_of: Id | None = None,
        population_from: People = None,
        population_to: People = None,
        as_of: AsOf = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Member]:
        """Members, filtered and paged: give `next` of a page as `after` of the next one.

        With a name, `limit` and `total` (1,000 at most) count those that are called so; whoever of
        them has not the state, or is none as of the date, is left out of the page.
        """
        where: dict[str, Any] = {"coalition": coalition, "country": country, "kind": kind}
        where["state"] = state
        size = of_size(population_from, population_to)
        where |= {"qualifier": qualifier, "part_of": part_of, "population": size}
        day = certain_day(as_of) if as_of else None
        if name is None:
            return await queries.members(where, after, limit, day)
        return await queries.named(name, where, after, limit, day)

    @router.get("/members/{id}")
    async def member(id_: ItsId, as_of: AsOf = None) -> Member:
        """One member with its dated steps, now or as of a date."""
        day = certain_day(as_of) if as_of else None
        found = _there(await queries.member(id_, day), f"there is no member {id_!r}")
        if as_of is None:
            return found
        return _there(found.as_of(certain_day(as_of)), f"no step of it is certain by {as_of}")


def _conferences(router: Router, queries: MembershipQueries) -> None:
    @router.get("/conferences")
    async def conferences(
        coalition: Id | None = None, as_of: AsOf = None, after: After = "", limit: Limit = 50
    ) -> Page[Conference]:
        """Conferences, paged as members are, now or as of a date."""
        day = certain_day(as_of) if as_of else None
        return await queries.conferences({"coalition": coalition}, after, limit, day)

    @router.get("/conferences/{id}")
    async def conference(id_: ItsId, as_of: AsOf = None) -> Conference:
        """One conference, and who took part, now or as of a date."""
        day = certain_day(as_of) if as_of else None
        found = _there(await queries.conference(id_, day), f"there is no conference {id_!r}")
        if day is None:
            return found
        return _there(found.as_of(day), f"it was not announced for certain by {as_of}")


def _there(found: T | None, otherwise: str) -> T:
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, otherwise)
    return found
