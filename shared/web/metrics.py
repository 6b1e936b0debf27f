"""Prometheus metrics: read from where the parts report, at the moment in which they are scraped.

docs/metrics.md lists them; a test holds that list against this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.web.health import Health

Source = Callable[[], Iterable[Metric]]
"""What a service's own part shows, read when it is scraped; it may not wait for anything."""
_PREFIX: Final = "coalition"
_TEXT: Final = {"text/plain": {"schema": {"type": "string"}}}


class Metrics(Collector):
    """What every service shows.

    Args:
        health: what is known of how the service is.
        more: what its own parts show besides.
        now: the clock on the wall, in seconds since 1970: records bear its time.
    """

    def __init__(
        self, health: Health, more: Sequence[Source] = (), now: Callable[[], float] = time.time
    ) -> None:
        self._health_of, self._progress = health, health.progress
        self._more = more
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """All metrics, as they are now."""
        yield from self._counted()
        yield from self._stages()
        yield from self._lags()
        yield from self._health()
        for source in self._more:
            yield from source()

    def _counted(self) -> Iterator[Metric]:
        progress = self._progress
        outcomes = CounterMetricFamily(
            f"{_PREFIX}_decided_events", "Events decided, by outcome.", labels=["outcome"]
        )
        for outcome, count in progress.outcomes.items():
            outcomes.add_metric([str(outcome)], count)
        yield outcomes
        for name, what, count in (
            ("polled_records", "Records taken from Kafka.", progress.records),
            ("batches", "Batches with records in them.", progress.batches),
            ("duplicate_events", "Events that their publisher sent again.", progress.duplicates),
            ("redelivered_events", "Events that Kafka delivered again.", progress.redelivered),
            ("undecodable_records", "Records that the client cannot read.", progress.undecodable),
        ):
            yield CounterMetricFamily(f"{_PREFIX}_{name}", what, value=count)
        yield GaugeMetricFamily(
            f"{_PREFIX}_snapshots_behind",
            "Aggregates whose snapshot is behind the journal.",
            value=progress.behind,
        )
        yield GaugeMetricFamily(
            f"{_PREFIX}_snapshots_behind_seconds",
            "How long the snapshot has been behind that has been so longest; 0 where none is.",
            value=progress.behind_age(),
        )

    def _stages(self) -> Iterator[Metric]:
        spent = SummaryMetricFamily(
            f"{_PREFIX}_stage_seconds", "How long batches were in a stage.", labels=["stage"]
        )
        waited = CounterMetricFamily(
            f"{_PREFIX}_stage_wait_seconds",
            "How long batches waited to enter a stage.",
            labels=["stage"],
        )
        for stage, took in self._progress.stages.items():
            spent.add_metric([stage], count_value=took.times, sum_value=took.seconds)
            waited.add_metric([stage], took.waited)
        yield spent
        yield waited

    def _lags(self) -> Iterator[Metric]:
        labels = ["topic", "partition"]
        records = GaugeMetricFamily(
            f"{_PREFIX}_lag_records", "Records that are still to be read.", labels=labels
        )
        seconds = GaugeMetricFamily(
            f"{_PREFIX}_lag_seconds",
            "Age of the last record that was taken, where there are more; else 0.",
            labels=labels,
        )
        for (topic, partition), lag in self._progress.lags.items():
            where = [topic, str(partition)]
            records.add_metric(where, lag.records)
            behind = lag.records and lag.newest is not None
            seconds.add_metric(where, max(0, self._now() - (lag.newest or 0)) if behind else 0)
        yield records
        yield seconds

    def _health(self) -> Iterator[Metric]:
        progress, halt = self._progress, self._health_of.halt
        halted = GaugeMetricFamily(
            f"{_PREFIX}_halted", "1 while nothing is read, by reason.", labels=["code"]
        )
        if halt:
            halted.add_metric([halt.code], 1)
        yield halted
        inboxes = GaugeMetricFamily(
            f"{_PREFIX}_inbox_bad",
            "1 for an inbox of which too much was rejected, and whether that stops its reading.",
            labels=["topic", "stops"],
        )
        for topic, bad in progress.inboxes.items():
            inboxes.add_metric([topic, "true" if bad.stops else "false"], 1)
        yield inboxes
        yield GaugeMetricFamily(
            f"{_PREFIX}_assigned", "1 while it has its partitions.", value=progress.assigned
        )
        silent = GaugeMetricFamily(
            f"{_PREFIX}_silent_seconds", "Seconds since a part last answered.", labels=["part"]
        )
        silent.add_metric(["kafka"], progress.age())
        silent.add_metric(["store"], self._health_of.store_age())
        yield silent
        ready = GaugeMetricFamily(
            f"{_PREFIX}_part_ready", "1 where a part of the service works.", labels=["part"]
        )
        for condition in (one() for one in self._health_of.conditions):
            ready.add_metric([condition.name], condition.ready)
        yield ready


def routes(metrics: Metrics) -> Router:
    """The route that Prometheus scrapes."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(metrics)
    ProcessCollector(registry=registry)
    router = Router(tags=["health"])

    @router.get("/metrics", response_class=Response, responses={200: {"content": _TEXT}})
    async def scraped() -> Response:
        """Prometheus metrics in the text format; no personal data is in them."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
