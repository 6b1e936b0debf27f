"""How long an event takes from the inbox to the events topic, next to Kafka by itself."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer

from shared.contracts import catalogue
from shared.kafka.connection import Connection
from shared.kafka.producer import Outgoing, Publisher
from tests.benchmarks.findings import Findings
from tests.benchmarks.job import INBOX, update
from tests.benchmarks.serving import serving

if TYPE_CHECKING:
    from tests.benchmarks.race import Stage
    from tests.benchmarks.sizes import Sizes

_RAW: Final = "bench.raw"
_PER_SECOND: Final = 50
_PATIENCE_SECONDS: Final = 30
_MEMBERS: Final = 100
_WARM: Final = 20
"""Events that are not measured: connections are made, members loaded."""


@dataclass(frozen=True, slots=True)
class Way:
    """From a topic to another, where a header of what arrives names what was sent."""

    into: str
    out: str
    header: str


async def latency(stage: Stage, sizes: Sizes) -> Findings:
    """Both ways, at a steady pace."""
    await stage.observer.create(_RAW)
    await stage.observer.create(catalogue.events("plans"))
    raw = await _measure(stage.parts.kafka, Way(_RAW, _RAW, "ce_id"), sizes.latency_events)
    async with serving(stage, _MEMBERS):
        way = Way(INBOX, catalogue.events("plans"), "ce_causeid")
        through = await _measure(stage.parts.kafka, way, sizes.latency_events)
    return Findings(
        f"Latency at {_PER_SECOND} events/s",
        ("", "p50, ms", "p99, ms"),
        (
            ("produce and consume", *_quantiles(raw)),
            ("inbox to events topic", *_quantiles(through)),
        ),
    )


def _quantiles(seconds: list[float]) -> tuple[str, str]:
    cuts = statistics.quantiles(seconds, n=100)
    return f"{cuts[49] * 1000:.1f}", f"{cuts[98] * 1000:.1f}"


async def _measure(kafka: str, way: Way, count: int) -> list[float]:
    """Seconds that each event took."""
    publisher = Publisher(Connection(kafka))
    consumer = AIOKafkaConsumer(way.out, bootstrap_servers=kafka, enable_auto_commit=False)
    await publisher.start()
    await consumer.start()
    try:
        await consumer.seek_to_end()
        sent: dict[str, float] = {}
        arriving = asyncio.create_task(_arrivals(consumer, way.header, count))
        await _send(publisher, way.into, count, sent)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            arrived = await arriving
    finally:
        await consumer.stop()
        await publisher.stop()
    return [arrived[id_] - began for id_, began in sent.items()][_WARM:]


async def _send(publisher: Publisher, topic: str, count: int, sent: dict[str, float]) -> None:
    began = time.perf_counter()
    for number in range(count):
        record = update(number, number % _MEMBERS)
        await asyncio.sleep(max(0, began + number / _PER_SECOND - time.perf_counter()))
        sent[_header(record.headers, "ce_id")] = time.perf_counter()
        await publisher.send([Outgoing(topic, record.key, record.value, record.headers)])


async def _arrivals(consumer: AIOKafkaConsumer, header: str, count: int) -> dict[str, float]:
    arrived: dict[str, float] = {}
    while len(arrived) < count:
        record = await consumer.getone()
        arrived[_header(record.headers, header)] = time.perf_counter()
    return arrived


def _header(headers: list[tuple[str, bytes]], name: str) -> str:
    return dict(headers)[name].decode()
