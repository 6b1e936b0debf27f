"""What would become of an event is what becomes of it, and nothing is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.saying.commands import other_items
from services.membership.domain import DECIDER
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned, ConditionMet, MemberAdmitted
from shared.domain.versioned import Versioned
from shared.pipeline.rehearsal import Rehearsal, Rehearsed
from tests.unit.fold import NOW, Folded
from tests.unit.membership_facts import founded

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from shared.domain.stream import Stream

BONN = MemberRef(name="Bonn", country="DE", kind="city")
SIGNED = CitySigned(coalition="europe", member=BONN, signed="2006-08")
CAUSE = ("urn:test", "1")


async def rehearsed(folded: Folded[Any], event: Event, unreadable: str = "") -> Rehearsed:
    async def current(streams: set[Stream]) -> dict[Stream, Versioned[Any]]:
        return {s: Versioned(1, folded.states.get(s), unreadable=unreadable) for s in streams}

    return await Rehearsal(DECIDER, current, lambda: NOW).of(event, CAUSE)


async def test_it_says_what_would_be_published_and_what_would_change() -> None:
    folded = founded()
    before = dict(folded.states)
    would = await rehearsed(folded, SIGNED)
    assert (would.outcome, would.published[0].subject) == ("accepted", "de-city-bonn")
    assert ("state", None, "member") in would.changes
    assert folded.states == before
    assert [type(one) for one in folded.tell(SIGNED)] == [type(one) for one in would.published]


async def test_it_changes_nothing_where_the_record_says_so_already() -> None:
    folded = founded()
    folded.tell(SIGNED)
    assert await rehearsed(folded, SIGNED) == Rehearsed("unchanged")  # type: ignore[arg-type]  # equal to its text
    admitted = MemberAdmitted(coalition="europe", member=BONN, admitted="2007")
    assert {one.field for one in (await rehearsed(folded, admitted)).changes} == {"steps"}


async def test_it_is_refused_with_the_reason_of_the_rule() -> None:
    met = ConditionMet(coalition="europe", member=BONN, met="2007")
    would = await rehearsed(founded(), met)
    assert (would.outcome, would.published, would.changes) == ("rejected", (), ())
    assert "de-city-bonn" in would.reason


async def test_what_cannot_be_read_is_a_defect_and_no_crash() -> None:
    would = await rehearsed(founded(), SIGNED, unreadable="members/de-city-bonn is broken")
    assert "is broken" in would.reason


def test_of_a_list_only_what_is_not_in_both_is_shown() -> None:
    steps = {"field": "steps", "before": ["a", "b"], "after": ["a", "c", "d"]}
    assert other_items(steps) == {"field": "steps", "before": ["b"], "after": ["c", "d"]}
    state = {"field": "state", "before": None, "after": ["x"]}
    assert other_items(state) == state
