"""Trends: how the commitments of those who are in advanced from month to month.

By how much the numbers change from one month to the next is kept by a tally: see `by_month.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query

from services.plans.domain.trend import Month
from shared.contracts.base import earliest, latest
from shared.domain.dates import months_after
from shared.web.paging import Listing
from shared.web.parameters import CountryCode, Id
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from services.plans.by_month import CommitmentsByMonth

MAX_MONTHS: Final = 60
_MONTHS: Final = 12
_MONTH: Final = r"^[1-9][0-9]{3}-(0[1-9]|1[0-2])$"
AMonth = Annotated[str | None, Query(pattern=_MONTH, examples=["2024-01"])]


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


def routes(by_month: CommitmentsByMonth) -> Router:
    """The route that tells trends."""
    router = Router(tags=["commitments"])

    @router.get("/trends")
    async def trend(
        coalition: Id | None = None,
        country: CountryCode | None = None,
        since: AMonth = None,
        until: AMonth = None,
    ) -> Listing[Month]:
        """Commitments by status, and their progress in percent, at the end of each month.

        Of those who are members today, suspended ones and those on hold too. Without a period,
        the last 12 months.
        """
        days = days_of(since, until, date.fromisoformat(by_month.today()))
        return Listing(items=await by_month.at(days, coalition, country))

    return router
