"""Trends: how the commitments of those who are in advanced from month to month.

They are counted when they are asked for, from the members' snapshots, one after another and for one
who asks at a time: as of days that are over, no numbers are kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query

from services.plans.domain import BOUND, MemberCommitments
from services.plans.domain.trend import Month, Trend
from shared.contracts.base import earliest, latest
from shared.domain.dates import months_after
from shared.pipeline.tolerant import read_each
from shared.web.parameters import CountryCode, Id
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.pipeline.snapshots import Document

Clock = Callable[[], datetime]
MAX_MONTHS: Final = 60
_MONTHS: Final = 12
_AT_ONCE: Final = 100
"""Members that are read before something else has its turn."""
_LITTLE: Final = {
    "formerly": 0,
    "corrections": 0,
    "commitments.actions": 0,
    "commitments.evidence": 0,
    "commitments.note": 0,
    "past.evidence": 0,
    "past.note": 0,
}
_MONTH: Final = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"
AMonth = Annotated[str | None, Query(pattern=_MONTH, examples=["2024-01"])]


class Trends:
    """Counts commitments by status over the months of a period.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, database: AsyncDatabase[Document], clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        self._commitments = database["commitments"]
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def of(
        self,
        coalition: str | None,
        country: str | None,
        since: str | None,
        until: str | None,
    ) -> list[Month]:
        """The months of a period: the last twelve, where it is not given.

        Raises:
            Problem: it ends before it begins, or is too long.
        """
        trend = Trend(days_of(since, until, self._clock().date()))
        where: Document = {"state": "open", "standing": {"$in": sorted(BOUND)}}
        where |= {"member.country": country} if country else {}
        if coalition:
            where["$or"] = [{"coalition": coalition}, {"elsewhere.coalition": coalition}]
        async with self._one_at_a_time:
            found = self._commitments.find(where, _LITTLE, batch_size=_AT_ONCE)
            async for holder in read_each(MemberCommitments, found):
                trend.add(holder, coalition)
        return list(trend.months())


def days_of(since: str | None, until: str | None, today: date) -> list[str]:
    """The last day of each month of a period; of this month, today.

    Without an end it has as many months as it may, up to this one.

    Raises:
        Problem: it ends before it begins, or is too long.
    """
    far = months_after(earliest(since), MAX_MONTHS - 1) if since else today
    last = min(earliest(until) if until else far, today).replace(day=1)
    first = earliest(since) if since else months_after(last, 1 - _MONTHS)
    if first > last:
        reason = f"{first:%Y-%m} lies behind {last:%Y-%m}, with which the period ends"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason)
    days = list[str]()
    while first <= last:
        days.append(min(latest(f"{first:%Y-%m}"), today).isoformat())
        first = (first + timedelta(days=31)).replace(day=1)
        if len(days) > MAX_MONTHS:
            reason = f"a period has at most {MAX_MONTHS} months: ask for several"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason)
    return days


def routes(trends: Trends) -> Router:
    """The route that tells trends."""
    router = Router(tags=["commitments"])

    @router.get("/trends")
    async def trend(
        coalition: Id | None = None,
        country: CountryCode | None = None,
        since: AMonth = None,
        until: AMonth = None,
    ) -> list[Month]:
        """Commitments by status, and their progress in percent, at the end of each month.

        Of those who are members today, suspended ones and those on hold too. Without a period,
        the last 12 months.
        """
        return await trends.of(coalition, country, since, until)

    return router
