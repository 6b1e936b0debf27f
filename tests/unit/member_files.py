"""Members in a file, and the system after it was read."""

from __future__ import annotations

from pathlib import Path

from services.membership.domain import DECIDER, Member, State
from services.membership.exchange import TABLES
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import (
    CoalitionFounded,
)
from shared.domain.stream import Stream
from tests.unit.exchanged import checked, events
from tests.unit.fold import Folded

MEMBERS = TABLES[0]
HISTORY = Path(__file__).parents[2] / "data" / "history" / "events.jsonl"
FOUNDED = CoalitionFounded(coalition="europe", name="European Coalition")
BONN = MemberRef(name="Bonn", country="DE", kind="city")
CASABLANCA = MemberRef(name="Casablanca", local_name="الدار البيضاء", country="MA", kind="city")


def founded(*more: Event) -> Folded[State]:
    folded = Folded(DECIDER)
    for event in (FOUNDED, *more):
        folded.tell(event)
    return folded


def bonn(folded: Folded[State]) -> Member:
    state = folded.states[Stream("members", "de-city-bonn")]
    assert isinstance(state, Member)
    return state


async def imported(text: str, *coalitions: Event) -> Folded[State]:
    """A system that knows no members yet, after a file."""
    fresh = Folded(DECIDER)
    for event in coalitions or (FOUNDED,):
        fresh.tell(event)
    found = await checked(MEMBERS, fresh, text)
    assert not found.errors, found.errors
    for event in events(found.outgoing):
        fresh.tell(event)
    return fresh
