"""The HTTP application that every service has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts import catalogue
from shared.web import events, health, problems
from shared.web.openapi import App

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.journal.store import Journal
    from shared.kafka.producer import Publisher
    from shared.pipeline.engine import Progress
    from shared.settings import Settings


def build(  # noqa: PLR0913, PLR0917 - what every service's HTTP speaks of
    name: str,
    journal: Journal,
    publisher: Publisher,
    progress: Progress,
    settings: Settings,
    conditions: Sequence[Callable[[], health.Condition]] = (),
) -> App:
    """The HTTP application of a service, before its own routes."""
    app = App(catalogue.INBOX[name], title=f"Coalition: {name}")
    problems.register(app)
    app.include_router(health.routes(progress, conditions))
    app.include_router(events.routes(name, journal, publisher, settings))
    return app
