"""The HTTP application that every service has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.web import events, health, metrics, pages, problems, schemas
from shared.web.authentication import Access
from shared.web.batches import Batches
from shared.web.intake import Intake
from shared.web.openapi import App
from shared.web.rates import Rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.journal.store import Journal
    from shared.kafka.producer import Publisher
    from shared.manifest import Manifest
    from shared.settings import Settings
    from shared.web.health import Health
    from shared.web.waiting import OutcomeWatcher


def build(  # noqa: PLR0913 - the parts that its routes ask
    manifest: Manifest,
    settings: Settings,
    journal: Journal,
    publisher: Publisher,
    *,
    watcher: OutcomeWatcher,
    state: Health,
    shown: Sequence[metrics.Source] = (),
) -> App:
    """The HTTP application of a service, before its own routes.

    See `health.Health`, and `metrics.Metrics` for what is `shown` besides.
    """
    app = App(
        manifest.inbox, f"Coalition: {manifest.name}", Rate(settings.http_per_minute_per_address)
    )
    app.state.access = Access.of(manifest.name, settings)
    app.state.halted = lambda: state.halt
    problems.register(app)
    app.include_router(pages.routes(manifest, app.openapi))
    app.include_router(schemas.routes(manifest))
    app.include_router(health.routes(state))
    app.include_router(metrics.routes(metrics.Metrics(state, shown)))
    intake = Intake(manifest.name, watcher, publisher, settings.publishers, state.stopped)
    batches = Batches(manifest.inbox, watcher, publisher)
    app.include_router(events.routes(manifest, journal, watcher, intake, batches))
    return app
