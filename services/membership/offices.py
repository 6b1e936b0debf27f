"""Offices, asked over HTTP: who has which, as of a day, and whose term ends soon."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Query
from pymongo import ASCENDING

from services.membership.domain import Coalition
from services.membership.domain.coalitions.offices import Term
from shared.contracts.base import EdtfDate, Slug, latest
from shared.contracts.membership import OfficeName
from shared.contracts.numbers import WHOLE
from shared.domain.dates import certain_day
from shared.pipeline.tolerant import read_each
from shared.web.paging import Limit, Page
from shared.web.parameters import After, Id
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.journal.entry import Document
    from shared.pipeline.engine import Clock

SOON: Final = 120
"""Days within which a term that ends is one that ends soon, unless others are asked for."""
AsOf = Annotated[
    EdtfDate | None,
    Query(
        description="Those that were certainly in office at the end of this day, month or year.",
        examples=["2010-01-18"],
    ),
]
Days = Annotated[int, Query(ge=0, le=3660, description="From today."), WHOLE]


class Offices:
    """The offices of all coalitions, which are read one after another: they are few.

    Args:
        clock: tells the time, aware, UTC.
    """

    def __init__(
        self, database: AsyncDatabase[Document], clock: Clock = lambda: datetime.now(UTC)
    ) -> None:
        self._coalitions = database["coalitions"]
        self._members = database["members"]
        self._clock = clock

    async def listed(
        self, wanted: Mapping[str, str | None], day: str | None, after: str, limit: int
    ) -> Page[Office]:
        """A page of the terms that have the wanted values, on a day or at any time.

        A city's are also those under the name of a duplicate that was merged into it, or of one of
        that.
        """
        found = [term for term in await self._all(wanted) if day is None or term.is_on(day)]
        return paged(found, after, limit)

    async def ending(
        self, wanted: Mapping[str, str | None], days: int, after: str, limit: int
    ) -> Page[Office]:
        """A page of the terms that end within some days from today."""
        today = self._clock().date()
        found = [term for term in await self._all(wanted) if ends_within(term, today, days)]
        return paged(found, after, limit)

    async def _all(self, wanted: Mapping[str, str | None]) -> list[Office]:
        id_ = wanted.get("coalition")
        where = {"_id": id_} if id_ else {"offices": {"$exists": True}}
        documents = self._coalitions.find(where).sort("_id", ASCENDING)
        found = [c async for c in read_each(Coalition, documents)]
        return list(matching(offices(found), wanted, await self._duplicates(wanted.get("city"))))

    async def _duplicates(self, city: str | None) -> Collection[str]:
        """Under which ids a city stands: its own, its duplicates', and theirs."""
        found, ahead = set[str](), {city} if city else set[str]()
        while ahead:
            found |= ahead
            members = self._members.find({"_id": {"$in": sorted(ahead)}}, {"absorbed": 1})
            ahead = {id_ async for one in members for id_ in one.get("absorbed") or ()} - found
        return found


def routes(queries: Offices) -> Router:
    """The routes that list offices."""
    router = Router(tags=["membership"])

    @router.get("/offices")
    async def all_offices(  # noqa: PLR0913, PLR0917 - each filter is a parameter of the query
        coalition: Id | None = None,
        office: OfficeName | None = None,
        city: Id | None = None,
        as_of: AsOf = None,
        after: After = "",
        limit: Limit = 50,
    ) -> Page[Office]:
        """Terms of office, lead cities among them; `city` is a member's id."""
        wanted = {"coalition": coalition, "office": office, "city": city}
        return await queries.listed(wanted, certain_day(as_of) if as_of else None, after, limit)

    @router.get("/offices/ending")
    async def ending(
        coalition: Id | None = None, within_days: Days = SOON, after: After = "", limit: Limit = 50
    ) -> Page[Office]:
        """Terms that end within so many days, as recorded or by the length of their election."""
        return await queries.ending({"coalition": coalition}, within_days, after, limit)

    return router


class Office(Term):
    """A term of office, and the coalition that it is in.

    Attributes:
        id: tells it from the others, as `after` of the next page.
    """

    id: str
    coalition: Slug
    coalition_name: str
    organ_name: str | None = None


def offices(coalitions: Iterable[Coalition]) -> Iterator[Office]:
    """All terms of some coalitions, in the order of their ids."""
    for coalition in coalitions:
        organs = {organ.id: organ.name for organ in coalition.organs}
        for number, term in enumerate(coalition.offices):
            yield Office(
                **{name: getattr(term, name) for name in Term.model_fields},
                id=f"{coalition.id}/{number:05}",
                coalition=coalition.id,
                coalition_name=coalition.name,
                organ_name=organs.get(term.organ or ""),
            )


def matching(
    found: Iterable[Office], wanted: Mapping[str, str | None], duplicates: Collection[str] = ()
) -> Iterator[Office]:
    """Those that have the wanted values; what is not wanted filters nothing.

    Args:
        found: the terms.
        wanted: the values.
        duplicates: the ids under which the wanted city stands as well.
    """
    for one in found:
        city = one.city.key if one.city else None
        has = {
            "coalition": one.coalition,
            "office": one.office,
            "city": wanted.get("city") if city in duplicates else city,
        }
        if all(value is None or has[name] == value for name, value in wanted.items()):
            yield one


def ends_within(office: Office, today: date, days: int) -> bool:
    """Whether a term ends between a day and some days later."""
    return bool(office.ends) and today <= latest(office.ends) <= today + timedelta(days=days)


def paged(found: Iterable[Office], after: str, limit: int) -> Page[Office]:
    """A page of offices, by id."""
    all_of_them = list(found)
    ahead = [office for office in all_of_them if office.id > after]
    more = ahead[limit - 1].id if len(ahead) > limit else None
    return Page(items=ahead[:limit], total=len(all_of_them), next=more)
