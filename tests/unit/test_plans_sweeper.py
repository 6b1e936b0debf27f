from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import cast

from services.plans.domain import Duty, MemberCommitments, MemberReports, State
from services.plans.sweeper import Sweeper, reports_due
from services.plans.views import PlansViews
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import MemberAbsorbed
from shared.contracts.plans import PlanPublished
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.kafka.connection import Connection
from shared.kafka.producer import Outgoing, Publisher
from tests.unit.fold import Folded
from tests.unit.plans_facts import MONTEVIDEO, RULE, SIGNED, holder, opened, plan

TWIN = MemberRef(name="Monte Video", country="UY", kind="city")
TODAY = date(2020, 12, 1)


class FakeViews:
    """Answers the sweeper's questions from folded states."""

    def __init__(self, told: Folded[State]) -> None:
        self._told = told

    def _holders(self) -> list[MemberCommitments]:
        return [s for s in self._told.states.values() if isinstance(s, MemberCommitments)]

    async def awaiting(self, coalition: str) -> AsyncIterator[MemberCommitments]:
        for held in self._holders():
            if (held.coalition, held.state) == (coalition, "awaiting"):
                yield held

    async def merged_into(self, members: Sequence[str]) -> AsyncIterator[MemberCommitments]:
        for held in self._holders():
            if held.into in members:
                yield held

    async def duties(self) -> AsyncIterator[tuple[Duty, MemberReports | None]]:
        for held in self._holders():
            yield Duty(held, plan(self._told).reporting), None


def views(told: Folded[State]) -> PlansViews:
    return cast("PlansViews", FakeViews(told))


def sweeper(told: Folded[State]) -> Sweeper:
    return Sweeper(views(told), Publisher(Connection("nowhere")), 1)


def accepted(*events: Event) -> list[Entry]:
    return [
        Entry(
            key=Key("urn:test", "1"),
            stream="any",
            version=1,
            outcome=Outcome.ACCEPTED,
            recorded=datetime(2020, 12, 1, tzinfo=UTC),
            digest="",
            origin=Origin("any", 0, 0),
            events=tuple(Published.of(str(n), event) for n, event in enumerate(events)),
        )
    ]


def types_and_ids(told: Sequence[Outgoing]) -> list[tuple[str, str]]:
    headers = [dict(outgoing.headers) for outgoing in told]
    return [(h["ce_type"].decode().split(".")[2], h["ce_id"].decode()) for h in headers]


async def test_two_sweepers_say_the_same_under_the_same_ids() -> None:
    told = opened()
    told.tell(RULE)
    first = types_and_ids(await reports_due(views(told), TODAY))
    assert [name for name, _ in first] == ["ReportFellDue", "ReportFellOverdue"]
    assert types_and_ids(await reports_due(views(told), TODAY)) == first


async def test_what_was_said_too_early_is_said_again_on_another_day() -> None:
    told = opened()
    told.tell(RULE)
    first = types_and_ids(await reports_due(views(told), TODAY))
    second = types_and_ids(await reports_due(views(told), date(2020, 12, 2)))
    assert not {id_ for _, id_ in first} & {id_ for _, id_ in second}


async def test_a_published_plan_opens_the_commitments_of_those_who_wait() -> None:
    told = opened()
    told.tell(SIGNED.model_copy(update={"member": TWIN, "coalition": "other"}))
    published = PlanPublished(coalition="other", version=1, commitments=("x",) * 10)
    (due,) = types_and_ids(await sweeper(told).react(accepted(published)))
    assert due[0] == "CommitmentsFellDue"


async def test_a_merger_is_told_to_the_one_that_stays_also_when_it_opens_later() -> None:
    told = opened()
    told.tell(SIGNED.model_copy(update={"member": TWIN}))
    absorbed = MemberAbsorbed(
        coalition="latin", member=TWIN, state="merged", into=MONTEVIDEO, reason="One city"
    )
    noted = told.tell(absorbed)
    (merged,) = types_and_ids(await sweeper(told).react(accepted(*noted)))
    assert merged[0] == "CommitmentsTakenOver"
    opening = opened().tell(SIGNED.model_copy(update={"member": TWIN}))
    assert await sweeper(told).react(accepted(*opening)) == []
    late = Folded(told.decider)
    late.states["plans/latin"] = plan(told)
    (again,) = types_and_ids(await sweeper(told).react(accepted(*late.tell(SIGNED))))
    assert again[0] == "CommitmentsTakenOver"
    assert again[1] != merged[1]
    assert holder(told, TWIN).into == MONTEVIDEO.key
