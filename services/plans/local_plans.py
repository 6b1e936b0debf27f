"""Local plans over HTTP: cities' own plans, now or as of a day."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from fastapi import Query

from services.plans.domain import LocalPlan, LocalPlanState, LocalPlanThen
from shared.contracts.base import EdtfDate
from shared.domain.dates import certain_day
from shared.pipeline.tolerant import read
from shared.web.paging import Limit, Page, page
from shared.web.parameters import After, CountryCode, Id, ItsId
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document

AsOf = Annotated[
    EdtfDate | None,
    Query(
        description="As it certainly was at the end of this day, month or year; today by default.",
        examples=["2024-12-31"],
    ),
]


class LocalPlans:
    """Reads local plans, as of a day."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._plans = database["local-plans"]

    async def listed(
        self, where: Mapping[str, str | None], state: LocalPlanState | None, day: str, at: At
    ) -> Page[LocalPlanThen]:
        """A page of the local plans that have the given values, and a state on a day, by id."""
        wanted = {**where, "standings": _standing_on(day, state)}
        found = await page(self._plans, LocalPlan, wanted, at.after, at.limit)
        items = [then for plan in found.items if (then := LocalPlanThen.of(plan, day))]
        return Page(items=items, total=found.total, next=found.next, unreadable=found.unreadable)

    async def one(self, id_: str, day: str) -> LocalPlanThen | None:
        """A local plan as of a day; None where there was none yet."""
        document = await self._plans.find_one({"_id": id_})
        return LocalPlanThen.of(read(LocalPlan, document), day) if document else None


class At(NamedTuple):
    """Which page is asked for."""

    after: str
    limit: int


def routes(plans: LocalPlans) -> Router:
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
        where = {"coalition": coalition, "holders.country": country, "holders.id": member}
        return await plans.listed(where, state, _day(as_of), At(after, limit))

    @router.get("/local-plans/{id}")
    async def local_plan(id_: ItsId, as_of: AsOf = None) -> LocalPlanThen:
        """A city's own plan, as of a day or of today."""
        if found := await plans.one(id_, _day(as_of)):
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
