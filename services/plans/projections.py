"""What plans keeps for queries across aggregates: whose reports the clock has to look at, and when.

When a report falls due follows from a member's joining, its coalition's rule and its reports: three
aggregates. An event about one of them marks the members that it concerns, to be looked at soon;
whoever has looked notes the next day on which there may be something to say. So a sweep reads those
members only, however many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pymongo import ASCENDING, UpdateMany, UpdateOne

from services.plans.domain import DECIDER
from shared import mongo
from shared.contracts.plans import CommitmentsOpened, MemberNoted, ReportEvent, ReportingRuleSet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from datetime import date

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.contracts.base import Event
    from shared.pipeline.snapshots import Document

_SOON: Final = ""
"""Before any day."""
_AT_ONCE: Final = 500
"""Documents in one write."""
_LOOKED_AT_ONCE: Final = 200
"""Members whose reports are read together."""


class Marked(NamedTuple):
    """A member that the clock has to look at; `marks` counts the events that asked for it."""

    member: str
    coalition: str
    marks: int


class ReportsToCheck:
    """Members by the next day on which the clock may have to say something of their reports.

    Attributes:
        of: the events that change that.
    """

    of: tuple[type[Event], ...] = (
        CommitmentsOpened,
        MemberNoted,
        ReportingRuleSet,
        *(row.event for row in DECIDER.aggregates["reports"].rows),
    )

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._members = database["reports_to_check"]

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await self._members.create_index([("next", ASCENDING)])
        await self._members.create_index("coalition")

    # --- kept by events ------------------------------------------------------------------

    async def project(self, events: Iterable[Event]) -> None:
        """Mark whom events concern; twice is harmless, and only costs one look more."""
        members, coalitions = dict[str, str](), set[str]()
        for event in events:
            if isinstance(event, ReportingRuleSet):
                coalitions.add(event.coalition)
            elif isinstance(event, CommitmentsOpened | MemberNoted | ReportEvent):
                members[event.subject] = event.coalition
        await self.mark(members)
        if coalitions:
            everyone = UpdateMany({"coalition": {"$in": sorted(coalitions)}}, _marked())
            await mongo.bulk_write(self._members, [everyone])

    async def mark(self, members: Mapping[str, str]) -> None:
        """Have the clock look at members soon, each with its coalition."""
        ids = sorted(members)
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            writes = [
                UpdateOne({"_id": id_}, _marked(coalition=members[id_]), upsert=True)
                for id_ in part
            ]
            await mongo.bulk_upsert(self._members, writes)

    # --- read by the clock ---------------------------------------------------------------

    async def due(self, today: date) -> AsyncIterator[list[Marked]]:
        """Those to look at on a day, some at a time."""
        found = self._members.find({"next": {"$lte": today.isoformat()}})
        while documents := await found.to_list(_LOOKED_AT_ONCE):
            yield [Marked(d["_id"], d["coalition"], d["marks"]) for d in documents]

    async def looked_at(self, looked: Mapping[Marked, date | None]) -> None:
        """Note the next day for each, None for never; who was marked meanwhile stays marked."""
        writes = [
            UpdateOne(
                {"_id": one.member, "marks": one.marks},
                {"$set": {"next": day.isoformat() if day else None}},
            )
            for one, day in looked.items()
        ]
        if writes:
            await mongo.bulk_write(self._members, writes)


def _marked(**fields: str) -> Document:
    return {"$set": {"next": _SOON, **fields}, "$inc": {"marks": 1}}
