"""What a service says to itself because of what it accepted, by type of event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from shared.cloudevents import derived_id
from shared.contracts.base import Event
from shared.pipeline.outbound import to_itself

if TYPE_CHECKING:
    from shared.journal.entry import Entry
    from shared.kafka.producer import Outgoing

E = TypeVar("E", bound=Event)
Q = TypeVar("Q")
Caused: TypeAlias = tuple[str, E]
"""An event with an id: its own, or that of the event that it follows from."""
Reaction: TypeAlias = Callable[[Q, Sequence[Caused[Any]]], AsyncIterator[Caused[Event]]]
"""What follows from events of one type, as queries find things after these events."""


class Reactions(Generic[Q]):
    """Carries what was accepted for one aggregate to the others that it concerns.

    Args:
        service: whose inbox it is.
        table: what follows from each type of event.
        queries: whom to ask for the others.

    Attributes:
        to: the events that something follows from.
    """

    def __init__(self, service: str, table: Mapping[type[Event], Reaction[Q]], queries: Q) -> None:
        self._service = service
        self._table = table
        self._queries = queries
        self.to: tuple[type[Event], ...] = tuple(table)

    async def react(self, entries: Sequence[Entry]) -> AsyncIterator[Outgoing]:
        """What follows from accepted events, some at a time.

        The same entries again give the same ids, and of one cause only the same event has the same.
        """
        published = [one for entry in entries for one in entry.events]
        traces = {one.id: entry.trace for entry in entries for one in entry.events if entry.trace}
        for type_, reaction in self._table.items():
            accepted = [(one.id, one.event) for one in published if type(one.event) is type_]
            if accepted:
                async for cause, event in reaction(self._queries, accepted):
                    id_ = derived_id("reaction", cause, event.model_dump_json())
                    yield to_itself(self._service, event, id_, traces.get(cause))
