"""What plans keeps for queries across aggregates.

**Whose reports, local plans and commitments the clock has to look at, and when.** When one falls
due, or idle, follows from several aggregates: a member's joining, the rules, its reports and plans.
An event about one of them marks the members that it concerns, to be looked at soon; whoever has
looked notes the next day on which there may be something to say. So a sweep reads those members
only, however many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pymongo import UpdateMany, UpdateOne

from services.plans.domain import DECIDER, MemberCommitments
from shared import mongo
from shared.contracts.plans import (
    ActionCorrected,
    ChoiceCorrected,
    CommitmentCorrected,
    CommitmentsChosen,
    CommitmentsGivenBack,
    CommitmentsMoveCorrected,
    CommitmentsMoved,
    CommitmentsOpened,
    LocalPlanDutyEvent,
    LocalPlanNoted,
    LocalPlanRuleSet,
    MemberNoted,
    ReadingCorrected,
    ReportEvent,
    ReportingRuleSet,
)
from shared.pipeline.projections import NO_TRACES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from datetime import date

    from pymongo.asynchronous.database import AsyncDatabase

    from services.plans.domain import State
    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.pipeline.snapshots import Document
    from shared.tracing.context import TraceContext

_SOON: Final = ""
"""Before any day."""
_AT_ONCE: Final = 500
"""Documents in one write."""
_MOVED_BACK: Final = (
    *(
        CommitmentsMoveCorrected,
        ChoiceCorrected,
        CommitmentCorrected,
        ActionCorrected,
        ReadingCorrected,
    ),
    *(CommitmentsChosen, CommitmentsGivenBack, CommitmentsMoved),
)
"""After which a commitment may have stood still for longer than it seemed."""
_OF_MEMBERS: Final = (
    *(CommitmentsOpened, MemberNoted, ReportEvent, LocalPlanDutyEvent),
    *_MOVED_BACK,
)
_LOOKED_AT_ONCE: Final = 200
"""Members whose reports are read together."""


class Marked(NamedTuple):
    """A member that the clock has to look at; `marks` counts the events that asked for it."""

    member: str
    coalition: str
    marks: int


class ReportsToCheck:
    """Members by the next day on which the clock may have to say something of what they owe."""

    of: tuple[type[Event], ...] = (
        CommitmentsOpened,
        MemberNoted,
        ReportingRuleSet,
        LocalPlanRuleSet,
        *_MOVED_BACK,
        *(r.event for k in ("reports", "local-plan-duties") for r in DECIDER.aggregates[k].rows),
    )

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._members = database["reports_to_check"]

    async def prepare(self) -> None:
        """Create the indexes; harmless when they exist."""
        await mongo.index(self._members, "next", "coalition")

    # --- kept by events ------------------------------------------------------------------

    async def project(
        self,
        states: Mapping[Stream, State],
        events: Sequence[Event],
        traces: Mapping[Stream, TraceContext] = NO_TRACES,
    ) -> None:
        """Mark whom events concern; twice is harmless, and only costs one look more."""
        del states, traces
        members, coalitions, planning = dict[str, str](), set[str](), set[str]()
        for event in events:
            if isinstance(event, ReportingRuleSet | LocalPlanRuleSet):
                coalitions.add(event.coalition)
            elif isinstance(event, LocalPlanNoted):
                planning.add(event.subject)
            elif isinstance(event, _OF_MEMBERS) and event.coalition:
                members[event.subject] = event.coalition
        await self.mark(members)
        # Whoever has a local plan need not be a member yet; it is marked when it is.
        for field, values in (("coalition", coalitions), ("_id", planning - members.keys())):
            if values:
                those = UpdateMany({field: {"$in": sorted(values)}}, _marked())
                await mongo.bulk_write(self._members, [those])

    async def rebuild(self, states: Mapping[Stream, State]) -> None:
        """Mark all members whose commitments were made anew."""
        holders = [state for state in states.values() if isinstance(state, MemberCommitments)]
        await self.mark({holder.id: holder.coalition for holder in holders})

    async def mark(self, members: Mapping[str, str]) -> None:
        """Have the clock look at members soon, each with its coalition."""
        ids = sorted(members)
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            writes = [
                UpdateOne({"_id": m}, _marked(coalition=members[m]), upsert=True) for m in part
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
