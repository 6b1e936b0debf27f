"""A second version of a type goes out beside the first, from one decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shared.contracts.membership import CoalitionFounded
from shared.domain.decider import Aggregate, Context, Decider, by_subject, on, unchanged
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Outcome
from shared.pipeline.outbound import published_event
from shared.pipeline.tolerant import folded
from tests.unit.toy import Toy, add_name, decided, founded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event


class CoalitionFoundedV2(CoalitionFounded):
    """What it might be called one day: its name is in a list of titles."""

    type: ClassVar[str] = "coalition.membership.CoalitionFounded.v2"
    titles: tuple[str, ...]


def in_both(state: Toy | None, event: CoalitionFounded, context: Context) -> Sequence[Event]:
    """Publish the new one, and beside it the old one, made of it."""
    del state, context
    newer = CoalitionFoundedV2(coalition=event.coalition, name=event.name, titles=(event.name,))
    return [event, newer]


DECIDER: Decider[Toy] = Decider(
    Aggregate(
        "toys",
        Toy,
        by_subject,
        (
            on(CoalitionFounded, decide=in_both, evolve=add_name),
            on(CoalitionFoundedV2, evolve=unchanged),
        ),
    )
)


def test_both_are_of_one_entry_and_are_told_apart_by_their_type() -> None:
    ([entry], _) = decided(DECIDER, founded("Toyland"))
    assert entry.outcome is Outcome.ACCEPTED
    sent = [dict(published_event("toys", entry, one).headers) for one in entry.events]
    assert [one["ce_type"] for one in sent] == [
        b"coalition.membership.CoalitionFounded.v1",
        b"coalition.membership.CoalitionFounded.v2",
    ]
    assert len({one["ce_id"] for one in sent}) == 2
    for shared in ("ce_stream", "ce_sequence", "ce_causeid", "ce_subject"):
        assert len({one[shared] for one in sent}) == 1
    assert {one["ce_causecount"] for one in sent} == {b"2"}


def test_the_state_is_folded_of_one_of_them() -> None:
    ([entry], _) = decided(DECIDER, founded("Toyland"))
    found = folded(DECIDER, Versioned[Toy](), Entry.of(entry.document()))
    assert found.state
    assert found.state.names == ("Toyland",)
