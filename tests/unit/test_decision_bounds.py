"""What is too large for a store or a record is refused before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.contracts.membership import CoalitionFounded
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Outcome
from shared.pipeline import bounds
from tests.unit.toy import Toy, decided, founded, journaled, say_it, toy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.domain.decider import Context


def twice(_: Toy | None, event: CoalitionFounded, __: Context) -> Sequence[Event]:
    return [event, event.model_copy(update={"place": "here"})]


@pytest.mark.parametrize(
    ("bound", "most", "rule", "what"),
    [
        ("MAX_BODY", 60, say_it, "an event that would be published would have"),
        ("MAX_ENTRY", 120, twice, "all that would be published would have"),
        ("MAX_STATE", 60, say_it, "all that is known of 'toys/toy' would have"),
    ],
)
def test_what_is_too_large_is_refused_with_its_size_and_the_bound(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int, rule: Any, what: str
) -> None:
    monkeypatch.setattr(bounds, bound, most)
    long = "x" * 100
    entries, known = decided(toy(decide=rule), founded("a"), founded(long), founded("b"))
    assert [e.code for e in entries] == ["", "rule", ""]
    assert what in entries[1].reason
    assert f"at most {most} are taken: say less" in entries[1].reason
    assert known[Stream("toys", "toy")].state == journaled(toy(decide=rule), entries)


def test_an_estimate_over_the_bound_is_measured_before_anything_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decider = toy(evolve=lambda _, event: Toy(id=event.coalition, names=(event.name,)))
    monkeypatch.setattr(bounds, "MAX_STATE", 2_000)
    entries, known = decided(decider, *(founded(f"{n} {'x' * 200}") for n in range(50)))
    assert {e.outcome for e in entries} == {Outcome.ACCEPTED}
    assert known[Stream("toys", "toy")].size <= 2_000


def test_an_aggregate_that_is_too_large_already_may_shrink_but_not_grow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def last_two(state: Toy | None, event: CoalitionFounded) -> Toy:
        names = (*(state.names if state else ()), event.name)
        return Toy(id=event.coalition, names=names[-2:])

    large = Versioned(7, Toy(id="toy", names=("x" * 200, "y" * 200)))
    monkeypatch.setattr(bounds, "MAX_STATE", 150)
    entries, known = decided(
        toy(evolve=last_two), founded("z" * 201), founded("z"), known={Stream("toys", "toy"): large}
    )
    assert [e.code for e in entries] == ["rule", ""]
    assert known[Stream("toys", "toy")].version == 9
    assert known[Stream("toys", "toy")].size > 150


@pytest.mark.parametrize("text", ["x" * 300, "\U00010348" * 300, "\\" * 300])
def test_the_size_of_a_state_is_estimated_too_high_rather_than_too_low(text: str) -> None:
    many = [founded(text) for _ in range(40)]
    _, known = decided(toy(), *many)
    assert known[Stream("toys", "toy")].size >= bounds.measured(known[Stream("toys", "toy")].state)


def test_a_subject_that_our_own_reader_refuses_is_a_defect() -> None:
    class Odd(CoalitionFounded):
        @property
        def subject(self) -> str:
            return "two\nlines"

    def odd(_: Toy | None, event: CoalitionFounded, __: Context) -> Sequence[Event]:
        return [Odd.model_validate(event.model_dump())]

    entries, _ = decided(toy(decide=odd), founded("a"))
    assert [e.code for e in entries] == ["defect"]
    assert "subject" in entries[0].reason
