"""Decides and folds events in memory, as the engine does, without Kafka or a store."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Generic

from shared.domain.decider import Context, Decider, S
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Folded(Generic[S]):
    """The states of all streams after the events given so far."""

    def __init__(self, decider: Decider[S]) -> None:
        self.decider = decider
        self.states: dict[Stream, S] = {}
        self.given = 0
        self.now = NOW

    def tell(self, event: Event) -> Sequence[Event]:
        """Decide one event and fold what it publishes."""
        self.given += 1
        cause = ("urn:test", str(self.given))
        route = self.decider.route(event, cause)
        others = {s: self.states[s] for s in route.looks_at if s in self.states}
        state = self.states.get(route.stream)
        published = self.decider.decide(state, event, Context(others, self.now, cause))
        for one in published:
            state = self.decider.evolve(state, one)
        if state is not None:
            self.states[route.stream] = state
        return published
