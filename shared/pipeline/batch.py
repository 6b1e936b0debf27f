"""What goes through the pipeline together: the records of one poll, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic

from shared.domain.decider import S
from shared.domain.versioned import Versioned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aiokafka import TopicPartition

    from shared.domain.stream import Stream
    from shared.journal.entry import Entry
    from shared.pipeline.inbound import InboundMessage
    from shared.tracing.context import TraceContext


@dataclass(slots=True)
class Batch(Generic[S]):
    """A batch, or what is left to do for several of them.

    Attributes:
        offsets: what to commit when all is done.
        records: how many records it stands for.
        undecided: what has still to be decided, in order.
        rounds: how often it has tried to append all that was undecided.
        decided: what is in the journal, each message with its entry.
        followed: entries with events that projections or reactions follow.
        states: the aggregates whose snapshots are to be brought forward; None where the state has
            to be read again.
        traces: the contexts of its events that are sampled.
    """

    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    records: int = 0
    undecided: list[InboundMessage] = field(default_factory=list)
    rounds: int = 0
    decided: list[tuple[InboundMessage, Entry]] = field(default_factory=list)
    followed: list[Entry] = field(default_factory=list)
    states: dict[Stream, Versioned[S] | None] = field(default_factory=dict)
    traces: list[TraceContext] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        """About how large its states are, as JSON."""
        return sum(one.weight for one in self.states.values() if one)

    def parts(self, size: int) -> Iterator[Sequence[InboundMessage]]:
        """What is undecided, so many messages at a time."""
        for start in range(0, len(self.undecided), size):
            yield self.undecided[start : start + size]

    def appended(self, entries: Sequence[Entry]) -> list[InboundMessage]:
        """Note what of the undecided is in the journal now; returns the rest."""
        count = len(entries)
        self.decided += zip(self.undecided[:count], entries, strict=True)
        self.rounds += 1
        return self.undecided[count:]

    def add(self, later: Batch[S]) -> None:
        """Take over what is left of a later batch, which is published already."""
        self.offsets |= later.offsets
        self.followed += later.followed
        self.states |= later.states
        self.records += later.records
        self.traces += later.traces
