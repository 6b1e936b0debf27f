"""A decider of one kind of aggregate whose rules a test writes, and records for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from shared import cloudevents
from shared.contracts import catalogue
from shared.contracts.membership import CoalitionFounded, CoalitionRenamed
from shared.domain.decider import Aggregate, Decider, by_subject, on
from shared.domain.state import State
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.decision import decide
from shared.pipeline.inbound import InboundMessage, Source, read
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shared.cloudevents import Headers
    from shared.contracts.base import Event
    from shared.domain.decider import Context
    from shared.journal.entry import Entry

INBOX: Final = catalogue.inbox("membership")
SOURCE: Final = Source(INBOX, catalogue.by_type(CoalitionFounded, CoalitionRenamed), own=True)


class Toy(State):
    """The names that were told."""

    id: str
    names: tuple[str, ...] = ()


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def founded(name: str, coalition: str = "toy") -> CoalitionFounded:
    return CoalitionFounded(coalition=coalition, name=name)


def say_it(state: Toy | None, event: Event, context: Context) -> Sequence[Event]:
    del state, context
    return [event]


def add_name(state: Toy | None, event: CoalitionFounded) -> Toy:
    state = state or Toy(id=event.coalition)
    return state.model_copy(update={"names": (*state.names, event.name)})


def toy(
    decide: Callable[[Toy | None, Any, Context], Any] = say_it,
    evolve: Callable[[Toy | None, Any], Toy | None] = add_name,
    looks_at: Callable[[Any], Iterable[Stream]] = lambda _: (),
) -> Decider[Toy]:
    row = on(CoalitionFounded, decide=decide, evolve=evolve, looks_at=looks_at)
    return Decider(Aggregate("toys", Toy, by_subject, (row,)))


def record(event: Event, offset: int = 0, **headers: bytes) -> Record:
    written = cloudevents.binary_headers(source="urn:test", id_=str(offset), type_=event.type)
    body = event.model_dump_json(exclude_none=True).encode()
    return Record(INBOX, 0, offset, None, body, [*written, *headers.items()])


def items(decider: Decider[Toy], *events: Event) -> list[InboundMessage]:
    found = [read(record(event, n), SOURCE, decider) for n, event in enumerate(events)]
    return [item for item in found if item]


def decided(
    decider: Decider[Toy], *events: Event, known: dict[Stream, Versioned[Toy]] | None = None
) -> tuple[list[Entry], dict[Stream, Versioned[Toy]]]:
    """The entries of some events, and the aggregates after them."""
    told = items(decider, *events)
    held = {s: Versioned[Toy]() for item in told for s in (item.route.stream, *item.route.looks_at)}
    held |= known or {}
    return decide("membership", decider, told, held, NOW), held


def journaled(decider: Decider[Any], entries: Iterable[Entry], state: Any = None) -> Any:
    """The state that is folded from what the journal keeps of entries."""
    for entry in entries:
        for event in type(entry).of(entry.document()).typed_events():
            state = decider.evolve(state, event)
    return state
