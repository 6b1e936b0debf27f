"""The HTTP application that every service has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.web import events, health, metrics, problems
from shared.web.openapi import App

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.journal.store import Journal
    from shared.kafka.producer import Publisher
    from shared.manifest import Manifest
    from shared.pipeline.breaker import Halt
    from shared.pipeline.progress import Progress
    from shared.settings import Settings
    from shared.web.waiting import OutcomeWatcher


def build(  # noqa: PLR0913 - the parts that its routes ask
    manifest: Manifest,
    journal: Journal,
    publisher: Publisher,
    progress: Progress,
    settings: Settings,
    *,
    watcher: OutcomeWatcher,
    halted: Callable[[], Halt | None] = lambda: None,
    store_age: Callable[[], float] = lambda: 0.0,
    conditions: Sequence[Callable[[], health.Condition]] = (),
    shown: Sequence[metrics.Source] = (),
) -> App:
    """The HTTP application of a service, before its own routes.

    See `health.routes`, and `metrics.Metrics` for what is `shown` besides.
    """
    app = App(manifest.inbox, title=f"Coalition: {manifest.name}")
    problems.register(app)
    app.include_router(health.routes(progress, halted, store_age, conditions))
    collector = metrics.Metrics(progress, halted, store_age, conditions, shown)
    app.include_router(metrics.routes(collector))
    app.include_router(events.routes(manifest, journal, watcher, publisher, settings))
    return app
