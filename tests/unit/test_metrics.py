"""What Prometheus sees of a service; the list in docs/metrics.md is held against it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from services.notifications.backlog import Backlog
from services.notifications.mailbox import Mailbox
from services.notifications.mailer import Mailer
from services.notifications.recipients import Reputation
from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.sender import Sender
from services.notifications.webhooks.watching import Watching
from shared.pipeline.breaker import Halt
from shared.pipeline.progress import Lag, Progress
from shared.web.health import Condition, Health
from shared.web.metrics import Metrics, routes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOW = 1_800_000_000.0
DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"


def mailer() -> Mailer:
    nothing: Any = None
    return Mailer(nothing, nothing, NotificationsSettings())


def backlog() -> Backlog:
    nothing: Any = {"deliveries": None}
    return Backlog(nothing)


def reputation() -> Reputation:
    nothing: Any = {"recipients": None}
    return Reputation(nothing)


def webhooks() -> tuple[Sender, Watching]:
    nothing: Any = {"webhook_deliveries": None, "limits": None}
    return Sender(nothing, nothing, NotificationsSettings(), nothing), Watching(
        nothing, nothing, nothing
    )


def mailbox() -> Mailbox:
    nothing: Any = {"mailboxes": None}
    return Mailbox(nothing, nothing, NotificationsSettings())


def all_metrics(progress: Progress, halt: Halt | None = None) -> Metrics:
    condition = Condition("mail", False, {})  # noqa: FBT003 - it is not ready
    health = Health(progress, lambda: halt, lambda: 2.5, [lambda: condition])
    sources = [one().metrics for one in (mailer, backlog, reputation, mailbox)]
    sources += [one.metrics for one in webhooks()]
    return Metrics(health, sources, now=lambda: NOW)


async def scraped(progress: Progress, halt: Halt | None = None) -> dict[str, Any]:
    app = FastAPI()
    app.include_router(routes(all_metrics(progress, halt)))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def value(families: Mapping[str, Any], name: str, **labels: str) -> float:
    found = [
        sample.value
        for family in families.values()
        for sample in family.samples
        if sample.name == name and sample.labels == labels
    ]
    (only,) = found
    return float(only)


async def test_lag_is_shown_in_records_and_as_the_age_of_the_last_that_was_taken() -> None:
    progress = Progress()
    progress.lags["inbox", 0] = Lag(7, NOW - 90)
    progress.lags["inbox", 1] = Lag(0, NOW - 90)
    progress.lags["inbox", 2] = Lag(3, None)
    families = await scraped(progress)
    assert value(families, "coalition_lag_records", topic="inbox", partition="0") == 7
    assert value(families, "coalition_lag_seconds", topic="inbox", partition="0") == 90
    assert value(families, "coalition_lag_seconds", topic="inbox", partition="1") == 0
    assert value(families, "coalition_lag_seconds", topic="inbox", partition="2") == 0


async def test_a_snapshot_is_behind_until_it_is_written_and_since_it_fell_behind() -> None:
    time = [100.0]
    progress = Progress(elapsed=lambda: time[0])
    steps: list[tuple[int, Callable[[], None], int, int]] = [
        (0, lambda: progress.fell_behind(2), 2, 0),
        (5, lambda: progress.fell_behind(3), 3, 5),
        (1, progress.being_written, 3, 6),
        (2, lambda: progress.fell_behind(4), 7, 8),
        (3, progress.written, 4, 3),
        (1, progress.being_written, 4, 4),
        (1, progress.written, 0, 0),
    ]
    for seconds, happens, count, age in steps:
        time[0] += seconds
        happens()
        families = await scraped(progress)
        assert value(families, "coalition_snapshots_behind") == count
        assert value(families, "coalition_snapshots_behind_seconds") == age


async def test_a_stage_shows_how_long_batches_were_in_it_and_waited_for_it() -> None:
    progress = Progress()
    progress.spent("publish", 0.5)
    progress.spent("publish", 1.0)
    progress.waited("publish", 0.25)
    families = await scraped(progress)
    assert value(families, "coalition_stage_seconds_count", stage="publish") == 2
    assert value(families, "coalition_stage_seconds_sum", stage="publish") == 1.5
    assert value(families, "coalition_stage_wait_seconds_total", stage="publish") == 0.25


@pytest.mark.parametrize("outcome", ["accepted", "unchanged", "rejected"])
async def test_each_outcome_is_there_before_the_first_event(outcome: str) -> None:
    families = await scraped(Progress())
    assert value(families, "coalition_decided_events_total", outcome=outcome) == 0


async def test_a_halt_is_shown_under_its_code_and_a_part_that_does_not_work_as_0() -> None:
    halt = Halt("too much was rejected", datetime(2026, 1, 1, tzinfo=UTC))
    families = await scraped(Progress(), halt)
    assert value(families, "coalition_halted", code="rejected") == 1
    assert value(families, "coalition_part_ready", part="mail") == 0
    assert not (await scraped(Progress()))["coalition_halted"].samples


async def test_a_bad_inbox_is_shown_as_1_and_whether_it_is_read_on_by_a_label() -> None:
    progress = Progress()
    since = datetime(2026, 1, 1, tzinfo=UTC)
    progress.inboxes = {
        "region": Halt("too much was rejected", since),
        "plain": Halt("too much was rejected", since, stops=False),
    }
    families = await scraped(progress)
    assert value(families, "coalition_inbox_bad", topic="region", stops="true") == 1
    assert value(families, "coalition_inbox_bad", topic="plain", stops="false") == 1
    assert not (await scraped(Progress()))["coalition_inbox_bad"].samples


def test_the_documentation_lists_what_is_shown_with_kind_and_labels_and_nothing_else() -> None:
    shown = {
        (
            f"{one.name}_total" if one.type == "counter" else one.name,
            one.type,
            frozenset(one._labelnames),  # type: ignore[attr-defined]  # noqa: SLF001 - none is public
        )
        for one in all_metrics(Progress()).collect()
    }
    rows = re.findall(
        r"^\| `(coalition_\w+)` \| (\w+) \| ([^|]*)\|", DOCS.read_text(), re.MULTILINE
    )
    listed = {(name, kind, frozenset(re.findall(r"`(\w+)`", of))) for name, kind, of in rows}
    assert listed == shown
