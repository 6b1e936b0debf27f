"""An engine of plans on fakes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, cast

from services.plans.domain import DECIDER
from services.plans.manifest import MANIFEST
from shared.pipeline.breaker import Breaker
from shared.pipeline.engine import Engine
from tests.fakes.kafka import FakePublisher, salvage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from services.plans.domain import State
    from shared.journal.store import Journal
    from shared.kafka.producer import Publisher
    from shared.pipeline.snapshots import Snapshots
    from shared.pipeline.traces import Traces
    from shared.pipeline.writer import Watcher
    from tests.fakes.kafka import FakeConsumer, PublisherPart
    from tests.fakes.store import JournalPart, SnapshotsPart


def plans_engine(  # noqa: PLR0913 - the parts that a test may replace
    consumer: FakeConsumer,
    *,
    journal: JournalPart,
    snapshots: SnapshotsPart,
    clock: Callable[[], datetime],
    elapsed: Callable[[], float] = time.monotonic,
    watcher: Watcher | None = None,
    traces: Traces | None = None,
    **sizes: int,
) -> Engine[State]:
    """An engine of plans that never halts, on a consumer's gate and its Kafka.

    Args:
        sizes: of the engine: `batch_size`, `cache_bytes`, `part_size`.
    """
    notes: Any = None  # nothing is counted, so nothing is noted
    checked: dict[str, Any] = {**sizes}  # else mypy takes them for the engine's other parts
    publisher: PublisherPart = FakePublisher(consumer.kafka, consumer.gate)
    consumer.listener = engine = Engine(
        "plans",
        sources=MANIFEST.sources(),
        decider=DECIDER,
        breaker=Breaker(notes, {}),
        clock=clock,
        elapsed=elapsed,
        # The engine names the real classes, and asks no more of them than what the parts have.
        journal=cast("Journal", journal),
        snapshots=cast("Snapshots[State]", snapshots),
        publisher=cast("Publisher", publisher),
        salvage=salvage,
        watcher=watcher,
        traces=traces,
        **checked,
    )
    return engine
