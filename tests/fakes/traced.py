"""Plans on fakes, told of by spans: what its processes leave behind, and events in a trace."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from shared.contracts import catalogue
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry
from shared.kafka.producer import Outgoing
from shared.pipeline.traces import Traces
from shared.tracing.context import TraceContext
from tests.fakes.engine import plans_engine
from tests.fakes.gate import Open
from tests.fakes.kafka import FakeConsumer, FakeKafka
from tests.fakes.load import INBOX, Load
from tests.fakes.spans import FakeSpans
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain import State
    from shared.domain.stream import Stream


TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED: Final = TraceContext(f"00-{TRACE}-00f067aa0ba902b7-01", "vendor=1")
UNSAMPLED: Final = TraceContext(f"00-{TRACE}-00f067aa0ba902b7-00")
EVENTS: Final = catalogue.events("plans")


@dataclass(slots=True)
class Plans:
    """Plans with all that survives its process."""

    load: Load = field(default_factory=lambda: Load(1, towns=3, duplicates=0, poison=0))
    spans: FakeSpans = field(default_factory=FakeSpans)
    journal: FakeJournal = field(default_factory=lambda: FakeJournal({}, Open()))
    kafka: FakeKafka = field(default_factory=lambda: FakeKafka(INBOX))
    opened: dict[Stream, State] = field(init=False)

    def __post_init__(self) -> None:
        self.load.plan()
        self.load.signatures()
        self.opened = dict(self.load.states)

    def produce(self, trace: TraceContext | None, *records: Outgoing) -> None:
        for one in records or self.load.more(1):
            headers = [*one.headers, *(trace.headers()[:2] if trace else [])]
            self.kafka.produce(one._replace(headers=headers))

    async def run(self, spans: FakeSpans | None, share: float = 0, batch_size: int = 1000) -> None:
        """Decide all that there is, in a new process."""
        sizes: dict[str, Any] = {"batch_size": batch_size}  # else mypy takes it for other parts
        states: dict[Stream, Versioned[State]] = {
            stream: Versioned(0, state) for stream, state in self.opened.items()
        }
        consumer = FakeConsumer(self.kafka, Open())
        engine = plans_engine(
            consumer,
            journal=self.journal,
            snapshots=FakeSnapshots(states, Open()),
            clock=lambda: NOW,
            traces=Traces("plans", spans, share, clock=count(1).__next__),
            **sizes,
        )
        self.kafka.rebalance([consumer])

        async def all_committed() -> bool:
            return self.kafka.committed == [len(log) for log in self.kafka.logs]

        async with asyncio.TaskGroup() as group:
            group.create_task(engine.run(consumer))
            await eventually(all_committed)
            engine.stop()

    @property
    def entries(self) -> Sequence[Entry]:
        return list(self.journal.entries.values())

    def published(self) -> list[dict[str, str]]:
        return [
            {name: value.decode() for name, value in one.headers}
            for one in self.kafka.published[EVENTS]
        ]
