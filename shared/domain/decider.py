"""The decider: what a domain offers to the engine, as one table for each kind of aggregate.

An aggregate's `decide` is the only place that may refuse an event; its `evolve` folds what was
published and is total, so that no rule of today can take back history. A table has one row for
each event type; the tables of a service make its `Decider`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

from shared.contracts.base import Event, Model
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from typing import TypeAlias

S = TypeVar("S", bound=Model)
E = TypeVar("E", bound=Event)

Cause: TypeAlias = "tuple[str, str]"
"""Source and id of the event that is decided."""


class Refused(Exception):
    """The event cannot be accepted as things stand; the message says why, to its publisher.

    Attributes:
        code: for programs: `rule`, or `forbidden` where its publisher may not say it.
    """

    def __init__(self, reason: str, code: str = "rule") -> None:
        super().__init__(reason)
        self.code = code


class Route(NamedTuple):
    """Where an event is decided: its aggregate's stream, and the streams that its rule looks at."""

    stream: Stream
    looks_at: tuple[Stream, ...] = ()


class Context(NamedTuple):
    """What a decision may know besides the event and its own aggregate.

    Attributes:
        others: the aggregates that the rule looks at, by stream; those that exist.
        now: the engine's clock, aware, UTC.
        cause: source and id of the event that is decided.
    """

    others: Mapping[Stream, Model]
    now: datetime
    cause: Cause

    def find(self, stream: Stream, model: type[S]) -> S | None:
        """One of the aggregates that the rule looks at, if it exists."""
        found = self.others.get(stream)
        return found if isinstance(found, model) else None


Decide = Callable[[S | None, E, Context], Sequence[Event]]
Evolve = Callable[[S | None, E], S | None]
LooksAt = Callable[[E], Iterable[Stream]]


def _nothing(_: Event) -> tuple[Stream, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Row(Generic[S]):
    """What an aggregate does with one type of event.

    Attributes:
        decide: None where the event is only ever published here, never taken in.
        evolve: None where the event is never published here.
        looks_at: the streams of the other aggregates that the rule has to know.
    """

    event: type[Event]
    decide: Decide[S, Any] | None
    evolve: Evolve[S, Any] | None
    looks_at: LooksAt[Any]


def on(
    event: type[E],
    *,
    decide: Decide[S, E] | None = None,
    evolve: Evolve[S, E] | None = None,
    looks_at: LooksAt[E] = _nothing,
) -> Row[S]:
    """A row of an aggregate's table; mypy holds its functions against the type of the event."""
    return Row(event, decide, evolve, looks_at)


def unchanged(state: S | None, event: Event) -> S | None:
    """Evolve: what is published for others to know, and changes nothing here."""
    del event
    return state


def if_exists(evolve: Callable[[S, E], S]) -> Evolve[S, E]:
    """Evolve: what changes an aggregate that is there, and nothing where there is none."""

    def evolved(state: S | None, event: E) -> S | None:
        return None if state is None else evolve(state, event)

    return evolved


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S]):
    """One kind of aggregate.

    Attributes:
        kind: names its streams.
        state: its model.
        identify: the id of the aggregate that an event, with its cause, concerns.
        rows: its table.
    """

    kind: str
    state: type[S]
    identify: Callable[[Any, Cause], str]
    rows: tuple[Row[S], ...]


def by_subject(event: Event, cause: Cause) -> str:
    """Identify: the event's subject is the aggregate's id."""
    del cause
    return event.subject


class Decider(Generic[S]):
    """The rules of one service; pure, and without a clock, a store or a network.

    Args:
        aggregates: each event type has one row that decides it, and one that evolves it, in one
            of their tables.

    Raises:
        ValueError: a type has two rows that decide it, or two that evolve it.
    """

    def __init__(self, *aggregates: Aggregate[Any]) -> None:
        self.aggregates: Final = {aggregate.kind: aggregate for aggregate in aggregates}
        self._decided: dict[type[Event], tuple[Aggregate[Any], Row[Any]]] = {}
        self._evolved: dict[type[Event], Row[Any]] = {}
        for aggregate in aggregates:
            for row in aggregate.rows:
                self._add(aggregate, row)

    def _add(self, aggregate: Aggregate[Any], row: Row[Any]) -> None:
        taken = (row.decide and row.event in self._decided) or (
            row.evolve and row.event in self._evolved
        )
        if taken:
            msg = f"{row.event.__name__} has a second row, in {aggregate.kind!r}"
            raise ValueError(msg)
        if row.decide:
            self._decided[row.event] = (aggregate, row)
        if row.evolve:
            self._evolved[row.event] = row

    @property
    def states(self) -> dict[str, type[S]]:
        """The state model of each kind of aggregate."""
        return {kind: aggregate.state for kind, aggregate in self.aggregates.items()}

    @property
    def decided(self) -> frozenset[type[Event]]:
        """The event types that some aggregate takes in."""
        return frozenset(self._decided)

    @property
    def evolved(self) -> frozenset[type[Event]]:
        """The event types that some aggregate publishes."""
        return frozenset(self._evolved)

    def route(self, event: Event, cause: Cause) -> Route:
        """Name the aggregate that decides the event, and those that its rule looks at."""
        aggregate, row = self._decided[type(event)]
        stream = Stream(aggregate.kind, aggregate.identify(event, cause))
        return Route(stream, tuple(row.looks_at(event)))

    def decide(self, state: S | None, event: Event, context: Context) -> Sequence[Event]:
        """Say what is published because of the event; nothing means that nothing changed.

        Raises:
            Refused: the rules do not allow it.
        """
        _, row = self._decided[type(event)]
        return row.decide(state, event, context) if row.decide else ()

    def evolve(self, state: S | None, event: Event) -> S | None:
        """Fold one published event into the state."""
        row = self._evolved.get(type(event))
        return row.evolve(state, event) if row and row.evolve else state


def fold(decider: Decider[S], state: S | None, events: Iterable[Event]) -> S | None:
    """The state after published events."""
    for event in events:
        state = decider.evolve(state, event)
    return state
