"""Local plans over HTTP: cities' own plans, now or as of a day."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Query

from services.plans.domain import LocalPlanState, LocalPlanThen
from shared.contracts.base import EdtfDate
from shared.domain.dates import certain_day
from shared.web.paging import Limit, Page
from shared.web.parameters import After, CountryCode, Id, Its
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.plans.queries import PlansQueries

AsOf = Annotated[
    EdtfDate | None,
    Query(
        description="As it certainly was at the end of this day, month or year; today by default.",
        examples=["2024-12-31"],
    ),
]


def routes(queries: PlansQueries) -> Router:
    """The routes that read local plans."""
    router = Router(tags=["local plans"])

    @router.get("/local-plans")
    async def local_plans(  # noqa: PLR0913, PLR0917 - each is a parameter of the query
        coalition: Id | None = None,
        state: LocalPlanState | None = None,
        country: CountryCode | None = None,
        member: Id | None = None,
        as_of: AsOf = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[LocalPlanThen]:
        """Cities' own plans, as of a day or of today; paged.

        `country` and `member` are of any of the cities whose plan it is.
        """
        day = _day(as_of)
        where = {
            "coalition": coalition,
            "holders.country": country,
            "holders.id": member,
            "standings": _standing_on(day, state),
        }
        return await queries.local_plans(where, after, limit, day)

    @router.get("/local-plans/{id_}")
    async def local_plan(id_: Its, as_of: AsOf = None) -> LocalPlanThen:
        """A city's own plan, as of a day or of today."""
        if found := await queries.local_plan(id_, _day(as_of)):
            return found
        raise Problem(HTTPStatus.NOT_FOUND, f"no local plan {id_!r} is known")

    return router


def _day(as_of: str | None) -> str:
    return certain_day(as_of) if as_of else datetime.now(UTC).date().isoformat()


def _standing_on(day: str, state: str | None) -> dict[str, Any]:
    """A standing of a local plan that had begun on a day and had not ended."""
    lasts = {"$or": [{"until": None}, {"until": {"$gt": day}}]}
    wanted = {"state": state} if state else {}
    return {"$elemMatch": {"since": {"$lte": day}, **lasts, **wanted}}
