"""What Prometheus would see of services, and which alerts fire: the rules of deploy/observability.

Services are scraped as Prometheus does it, and `promtool` judges what was read by the rules as they
are, with their windows, bounds and `for`. Only time goes faster: a second here stands for several
there, also where a metric tells seconds; so what must last a quarter of an hour takes one of those.
See docs/decisions/0055-alerts-are-judged-on-what-was-scraped.md.
"""

from __future__ import annotations

import asyncio
import json
import math
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from services.manifests import MANIFESTS
from tests.contract.chart import ROOT, tool
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from tests.faults.fleet import Fleet

ALERTS: Final = ROOT / "deploy" / "observability" / "alerts.yaml"
INTERVAL: Final = 15
"""Seconds between two scrapes, and between two looks at the rules, as Prometheus counts them."""
PATIENCE: Final = 300
"""Seconds here in which an alert has to begin or to end."""
_DURATION: Final = re.compile(r"_seconds(_sum|_total)?$")
_FIRING: Final = 'count by (alertname) (ALERTS{alertstate="firing"})'


@dataclass(slots=True)
class Observer:
    """Scrapes the instances of a fleet.

    Attributes:
        folder: where what is judged is written to.
        faster: for how many seconds one stands.
        more: samples that no service shows, under their series; read at each scrape.
        scrapes: how often it was time to scrape.
    """

    fleet: Fleet
    folder: Path
    faster: int
    more: Mapping[str, float] = field(default_factory=dict)
    scrapes: int = 0
    _series: dict[str, dict[int, str]] = field(default_factory=dict)

    async def run(self) -> None:
        """Scrape again and again."""
        began = time.monotonic()
        async with httpx.AsyncClient(timeout=2) as client:
            while True:
                number = int((time.monotonic() - began) * self.faster / INTERVAL)
                await self._scrape(client, number)
                self.scrapes = number + 1
                left = began + self.scrapes * INTERVAL / self.faster - time.monotonic()
                await asyncio.sleep(max(left, 0))

    async def begins(self, alert: str) -> None:
        """Wait until an alert fires."""
        await eventually(lambda: self._is(alert, firing=True), PATIENCE, every=1)

    async def ends(self, alert: str) -> None:
        """Wait until an alert does not fire."""
        await eventually(lambda: self._is(alert, firing=False), PATIENCE, every=1)

    async def firing(self) -> set[str]:
        """The alerts that fire now."""
        asked = {
            "rule_files": [str(ALERTS)],
            "evaluation_interval": f"{INTERVAL}s",
            "tests": [
                {
                    "interval": f"{INTERVAL}s",
                    "input_series": [*self._as_promtool_reads()],
                    "promql_expr_test": [
                        {"expr": _FIRING, "eval_time": f"{(self.scrapes - 1) * INTERVAL}s"}
                    ],
                }
            ],
        }
        file = self.folder / "scraped.yaml"
        file.write_text(json.dumps(asked))
        process = await asyncio.create_subprocess_exec(
            tool("promtool"),
            "test",
            "rules",
            str(file),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = (await process.communicate())[0].decode()
        # It was told to expect none, and names what there is in the place of that.
        found = set(re.findall(r'alertname=\\*"(\w+)', said))
        assert found or not process.returncode, said[-2000:]
        return found

    async def _is(self, alert: str, *, firing: bool) -> bool:
        return (alert in await self.firing()) is firing

    async def _scrape(self, client: httpx.AsyncClient, number: int) -> None:
        seen = {f'up{{job="coalition-{name}",instance="elsewhere"}}': 1.0 for name in MANIFESTS}
        del seen[f'up{{job="coalition-{self.fleet.service}",instance="elsewhere"}}']
        for instance in list(self.fleet.instances):
            where = f'job="coalition-{self.fleet.service}",instance="127.0.0.1:{instance.port}"'
            try:
                answer = await client.get(f"http://127.0.0.1:{instance.port}/metrics")
                shown = self._shown(answer.raise_for_status().text, where)
            except httpx.HTTPError:
                shown = {}
            seen |= {f"up{{{where}}}": float(bool(shown)), **shown}
        seen |= self.more
        for name in self._series.keys() - seen.keys():
            values = self._series[name]
            if values[max(values)] != "stale":
                values[number] = "stale"
        for name, value in seen.items():
            self._series.setdefault(name, {})[number] = _written(value)

    def _shown(self, text: str, where: str) -> dict[str, float]:
        """The samples of ours, with durations as they are told there."""
        found = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name.startswith("coalition_"):
                    labels = [where, *(f"{n}={json.dumps(v)}" for n, v in sample.labels.items())]
                    times = self.faster if _DURATION.search(sample.name) else 1
                    found[f"{sample.name}{{{','.join(labels)}}}"] = sample.value * times
        return found

    def _as_promtool_reads(self) -> Iterator[dict[str, str]]:
        for name, values in self._series.items():
            told = (values.get(number, "_") for number in range(self.scrapes))
            yield {"series": name, "values": " ".join(told)}


def _written(value: float) -> str:
    if math.isinf(value):
        return "Inf"
    return f"{value:.3f}".rstrip("0").rstrip(".")


@asynccontextmanager
async def observing(
    fleet: Fleet, folder: Path, faster: int, more: Mapping[str, float] | None = None
) -> AsyncIterator[Observer]:
    """Scrape a fleet while the block runs."""
    here = Observer(fleet, folder, faster, more if more is not None else {})
    scraping = asyncio.create_task(here.run())
    try:
        await eventually(lambda: _has_seen(here))
        yield here
    finally:
        scraping.cancel()
        await asyncio.wait({scraping})


async def _has_seen(observer: Observer) -> bool:
    return bool(observer.scrapes)
