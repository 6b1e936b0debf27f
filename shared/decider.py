"""What a domain offers to the engine: pure functions from state and event to events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from shared.contracts.base import Event, Model

S = TypeVar("S", bound="Model")


class Refused(Exception):
    """The event cannot be accepted as things stand; the message says why, to its publisher."""


class Route(NamedTuple):
    """Where an event is decided: its aggregate's stream, and the streams the rule looks at."""

    stream: str
    looks_at: tuple[str, ...] = ()


class Situation(NamedTuple, Generic[S]):
    """What a decision may know besides the event.

    Attributes:
        state: the aggregate; None where nothing was accepted for it yet.
        others: the aggregates that the route looks at, those that exist.
        now: the engine's clock, aware, UTC.
        cause: source and id of the event that is decided.
    """

    state: S | None
    others: Mapping[str, S]
    now: datetime
    cause: tuple[str, str]


class Decider(Protocol[S]):
    """The rules of one service. All three are pure and know no clock, store or network."""

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """Name the aggregate that decides the event."""

    def decide(self, event: Event, situation: Situation[S]) -> Sequence[Event]:
        """Say what is published because of the event; nothing means that nothing changed.

        Raises:
            Refused: the rules do not allow it.
        """

    def evolve(self, state: S | None, event: Event) -> S | None:
        """Fold one published event into the state."""


def fold(decider: Decider[S], state: S | None, events: Iterable[Event]) -> S | None:
    """The state after published events."""
    for event in events:
        state = decider.evolve(state, event)
    return state
