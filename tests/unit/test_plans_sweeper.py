from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import pytest

from services.plans.domain import (
    DECIDER,
    Duty,
    LocalPlanAsked,
    MemberCommitments,
    MemberReports,
    Plan,
    State,
    report_stream,
)
from services.plans.domain.commitments.idle import by_clock
from services.plans.projections import Marked, ReportsToCheck
from services.plans.queries import Concerned, Duties
from services.plans.reactions import REACTIONS
from services.plans.sweeper import Sweeper
from shared.contracts.base import MemberRef
from shared.contracts.membership import MemberAbsorbed
from shared.contracts.plans import (
    CommitmentCorrected,
    CommitmentsTakenOver,
    LocalPlanRuleSet,
    PlanPublished,
)
from shared.domain.stream import Stream
from shared.journal.entry import Entry
from shared.kafka.producer import Outgoing, Publisher
from shared.pipeline.reactions import Reactions
from tests.unit.accepted import accepted
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    RULE,
    SIGNED,
    at,
    holder,
    mend,
    opened,
    plan,
    update,
)

TWIN = MemberRef(name="Monte Video", country="UY", kind="city")
TODAY = "2020-12-01"
EVERY_TEN_YEARS = {"first_after_months": 120, "every_months": 120}


class FakeToCheck:
    """Keeps whom to check as the real projection does, in memory."""

    def __init__(self) -> None:
        self.days: dict[Marked, date | None] = {}

    async def due(self, today: date) -> AsyncIterator[list[Marked]]:
        if due := sorted(one for one, day in self.days.items() if day and day <= today):
            yield due

    async def looked_at(self, looked: Mapping[Marked, date | None]) -> None:
        self.days |= looked


@dataclass
class FakeConcerned:
    """Answers the questions of the sweeper and of reactions from folded states."""

    folded: Folded[State]
    to_check: FakeToCheck = field(default_factory=FakeToCheck)

    def _holders(self) -> list[MemberCommitments]:
        return [s for s in self.folded.states.values() if isinstance(s, MemberCommitments)]

    async def published(self) -> AsyncIterator[Plan]:
        yield plan(self.folded)

    async def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        for one in self._holders():
            if (one.coalition, one.state) == (coalition, "awaiting"):
                yield one

    async def merged_into(self, members: Collection[str]) -> AsyncIterator[MemberCommitments]:
        for one in self._holders():
            if one.into in members:
                yield one

    async def duplicates(self, members: Collection[str]) -> Mapping[str, str]:
        return {one.id: one.into for one in self._holders() if one.id in members and one.into}

    async def handed_in(self, member: str) -> AsyncIterator[str]:
        reports = self.folded.states.get(report_stream(member))
        for one in reports.reports if isinstance(reports, MemberReports) else ():
            if one.submitted:
                yield one.due

    async def naming(self, kind: str, member: str) -> AsyncIterator[str]:
        for stream, state in self.folded.states.items():
            if stream.kind == kind and member in str(state):
                yield stream.id

    async def duties(self, members: Collection[str]) -> dict[str, Duties]:
        rules = plan(self.folded)
        return {
            one.id: Duties(
                Duty(one, rules.reporting), None, LocalPlanAsked(one, rules.local_plans, None)
            )
            for one in self._holders()
            if one.id in members
        }


@dataclass
class Sent:
    """A publisher that keeps what is sent."""

    outgoing: list[Outgoing] = field(default_factory=list)

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        self.outgoing += outgoing


async def reactions(folded: Folded[State], entries: Sequence[Entry]) -> list[Outgoing]:
    """What follows from entries, asked of what is folded so far."""
    found = Reactions("plans", REACTIONS, cast("Concerned", FakeConcerned(folded)))
    return [outgoing async for outgoing in found.react(entries)]


def to_look_at(folded: Folded[State], *members: str) -> FakeConcerned:
    found = FakeConcerned(folded)
    found.to_check.days = {Marked(member, "latin", 1): date.min for member in members}
    return found


async def swept(found: FakeConcerned) -> list[tuple[str, str]]:
    """What one sweep sends; the inbox does not get it."""
    sent = Sent()
    clock = lambda: found.folded.now  # noqa: E731 - read anew each time
    sweeper = Sweeper(
        cast("Concerned", found),
        cast("ReportsToCheck", found.to_check),
        cast("Publisher", sent),
        1,
        clock,
    )
    assert await sweeper.sweep(asyncio.Event()) == len(sent.outgoing)
    return types_and_ids(sent.outgoing)


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo owes a report since 25 October 2020."""
    folded = opened()
    folded.tell(RULE)
    return at(folded, TODAY)


def types_and_ids(folded: Sequence[Outgoing]) -> list[tuple[str, str]]:
    headers = [dict(outgoing.headers) for outgoing in folded]
    return [(h["ce_type"].decode().split(".")[2], h["ce_id"].decode()) for h in headers]


async def test_two_sweepers_say_the_same_under_the_same_ids(folded: Folded[State]) -> None:
    first = await swept(to_look_at(folded, MONTEVIDEO.key))
    assert [name for name, _ in first] == ["ReportFellDue", "ReportFellOverdue"]
    assert await swept(to_look_at(folded, MONTEVIDEO.key)) == first


async def test_what_was_said_too_early_is_said_again_on_another_day(folded: Folded[State]) -> None:
    found = to_look_at(folded, MONTEVIDEO.key)
    first = await swept(found)
    assert await swept(found) == []
    at(folded, "2020-12-02")
    second = await swept(found)
    assert [name for name, _ in second] == [name for name, _ in first]
    assert not {id_ for _, id_ in first} & {id_ for _, id_ in second}


async def test_nobody_is_looked_at_before_something_may_be_due(folded: Folded[State]) -> None:
    found = to_look_at(folded, MONTEVIDEO.key)
    at(folded, "2020-01-01")
    assert await swept(found) == []
    # Ninety days before the report is due.
    assert set(found.to_check.days.values()) == {date(2020, 7, 27)}
    at(folded, "2020-07-27")
    assert [name for name, _ in await swept(found)] == ["ReportReminded"]


async def test_a_commitment_that_stands_still_is_said_a_year_after_its_last_movement() -> None:
    folded = at(opened(), "2020-01-01")
    folded.tell(RULE.model_copy(update={**EVERY_TEN_YEARS, "since": "2019-06-01"}))
    for point in range(1, 11):
        folded.tell(update("2020-01-01", point=point))
    found = to_look_at(folded, MONTEVIDEO.key)
    assert await swept(found) == []
    assert set(found.to_check.days.values()) == {date(2021, 1, 1)}
    first = await swept(to_look_at(at(folded, "2021-01-01"), MONTEVIDEO.key))
    assert [name for name, _ in first] == ["CommitmentsFellIdle"]
    assert await swept(to_look_at(folded, MONTEVIDEO.key)) == first
    second = await swept(to_look_at(at(folded, "2021-01-02"), MONTEVIDEO.key))
    assert first != second, "what came too early is said again"


async def test_other_commitments_that_stand_still_on_the_same_day_are_said_besides() -> None:
    folded = at(opened(), "2020-01-01")
    folded.tell(RULE.model_copy(update={**EVERY_TEN_YEARS, "since": "2019-06-01"}))
    at(folded, "2020-06-01")
    folded.tell(update("2020-05-05", point=3))
    first = await swept(to_look_at(folded, MONTEVIDEO.key))
    said = by_clock(holder(folded), plan(folded).reporting, folded.now.date())
    assert said
    assert folded.tell(said)
    folded.tell(mend(CommitmentCorrected, "2020-05-05", "2019-05-05", point=3))
    second = await swept(to_look_at(folded, MONTEVIDEO.key))
    names = [name for name, _ in (*first, *second)]
    assert names == ["CommitmentsFellIdle", "CommitmentsFellIdle"]
    assert first != second


async def test_a_local_plan_falls_due_for_subscribers_as_a_report_does() -> None:
    folded = opened()
    rule = {"coalition": "latin", "within_months": 24, "remind_days": (90,), "since": "2018-01-01"}
    folded.tell(LocalPlanRuleSet.model_validate({**rule, "overdue_after_days": 30}))
    found = to_look_at(at(folded, "2019-01-01"), MONTEVIDEO.key)
    assert await swept(found) == []
    assert set(found.to_check.days.values()) == {date(2019, 10, 3)}
    at(folded, "2019-10-03")
    assert [name for name, _ in await swept(found)] == ["LocalPlanReminded"]
    at(folded, "2020-02-01")
    assert [name for name, _ in await swept(found)] == ["LocalPlanFellDue", "LocalPlanFellOverdue"]


async def test_who_cannot_be_read_stops_nobody_and_is_looked_at_again_tomorrow(
    folded: Folded[State],
) -> None:
    found = to_look_at(folded, "aa-city-unreadable", MONTEVIDEO.key)
    assert len(await swept(found)) == 2
    assert set(found.to_check.days.values()) == {date(2020, 12, 2)}


async def test_a_published_plan_opens_the_commitments_of_those_who_wait() -> None:
    folded = opened()
    folded.tell(SIGNED.model_copy(update={"member": TWIN, "coalition": "other"}))
    published = PlanPublished(coalition="other", version=1, commitments=tuple(map(str, range(10))))
    (due,) = types_and_ids(await reactions(folded, accepted(published)))
    assert due[0] == "CommitmentsFellDue"


async def test_a_merger_is_told_to_the_one_that_stays_also_when_it_opens_later() -> None:
    folded = opened()
    folded.tell(SIGNED.model_copy(update={"member": TWIN}))
    absorbed = MemberAbsorbed(
        coalition="latin", member=TWIN, state="merged", into=MONTEVIDEO, reason="One city"
    )
    noted = folded.tell(absorbed)
    (merged,) = types_and_ids(await reactions(folded, accepted(*noted)))
    assert merged[0] == "CommitmentsTakenOver"
    opening = opened().tell(SIGNED.model_copy(update={"member": TWIN}))
    assert await reactions(folded, accepted(*opening)) == []
    late = Folded(folded.decider)
    late.states[Stream("plans", "latin")] = plan(folded)
    (again,) = types_and_ids(await reactions(folded, accepted(*late.tell(SIGNED))))
    assert again[0] == "CommitmentsTakenOver"
    assert again[1] != merged[1]
    assert holder(folded, TWIN).into == MONTEVIDEO.key


async def test_what_was_taken_over_in_part_is_asked_for_again() -> None:
    taken = CommitmentsTakenOver(coalition="latin", member=MONTEVIDEO, merged=TWIN)
    (again,) = await reactions(opened(), accepted(taken))
    assert types_and_ids([again])[0][0] == "CommitmentsTakenOver"
    assert json.loads(again.value or b"") == {
        "coalition": "latin",
        "member": {"id": MONTEVIDEO.key},
        "merged": {"id": TWIN.key},
        "actions": [],
        "progress": [],
    }


async def test_of_one_cause_the_same_event_has_the_same_id_and_another_has_another() -> None:
    folded = Folded(DECIDER)
    for city in (MONTEVIDEO, TWIN):
        folded.tell(SIGNED.model_copy(update={"member": city}))
    first = types_and_ids(await reactions(folded, accepted(PLAN)))
    assert len({id_ for _, id_ in first}) == 2
    assert types_and_ids(await reactions(folded, accepted(PLAN))) == first
