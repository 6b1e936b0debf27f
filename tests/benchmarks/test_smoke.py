"""The bench runs: a few events through each chapter that needs no Java; no figure is judged."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import web as http
from aiohttp.test_utils import TestServer

from tests.benchmarks import machine, report, web
from tests.benchmarks.chapters import bench
from tests.benchmarks.findings import Aim, Findings
from tests.benchmarks.race import rate
from tests.benchmarks.sizes import Sizes
from tests.conftest import embedded_parts, on_docker
from tests.containers import start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts import Parts

# Members, three and backlog are the engine's races once more, with other numbers.
CHAPTERS = ("engine", "latency", "mail", "http")
FEW = Sizes(
    events=300,
    members=30,
    batches=(100,),
    rounds=1,
    naive=20,
    latency_events=50,
    mails=50,
    requests=100,
    questions=20,
    wide=60,
)


@contextmanager
def parts_of_its_own(directory: Path) -> Iterator[Parts]:
    # On the shared ones the services run, in the same consumer group as the bench's.
    with start() if on_docker() else embedded_parts(directory) as parts:
        yield parts


async def test_every_chapter_finds_something(tmp_path: Path) -> None:
    told: list[Findings] = []
    with parts_of_its_own(tmp_path / "lane") as parts:
        found = await bench(parts, tmp_path, CHAPTERS, FEW, told.append)
    assert list(found) == list(CHAPTERS)
    assert told == list(found.values())
    for findings in found.values():
        assert findings.rows
        assert all(len(row) == len(findings.head) for row in findings.rows)
    assert all(aim.reached > 0 for findings in found.values() for aim in findings.aims)


async def test_one_client_asks_all_questions_one_after_the_other() -> None:
    asked: list[str] = []

    async def answer(request: http.Request) -> http.Response:
        asked.append(request.path_qs)
        return http.Response()

    app = http.Application()
    app.router.add_get("/{any:.*}", answer)
    async with TestServer(app) as server:
        figures = await web._load(str(server.make_url("")).rstrip("/"), FEW, "/a?b=1", "/c")  # noqa: SLF001 - what a chapter says to its client
    assert [one["rate"] > 0 for one in figures] == [True, True]
    assert asked == ["/a?b=1"] * 22 + ["/c"] * 22


def a_run() -> report.Run:
    findings = Findings(
        "30 events",
        ("", "events/s"),
        (("ours", "100"), ("limit", "120")),
        aims=(Aim("ours to limit", 0.8, 100 / 120), Aim("memory, MB", 200, 250, at_most=True)),
        bars=(("ours", 100.0), ("limit", 120.0)),
        note="One round.",
    )
    return report.Run(machine.described(containers=True), {"engine": findings})


def test_what_was_found_is_written_and_read_again(tmp_path: Path) -> None:
    run = a_run()
    report.write(run, tmp_path / "bench.json", tmp_path)
    assert report.earlier(tmp_path / "bench.json") == run.findings
    page = (tmp_path / "results.md").read_text()
    assert "| ours to limit | ≥ 0.8 | 0.83 | yes |" in page
    assert "| memory, MB | ≤ 200 | 250.00 | no |" in page
    assert "</svg>" in (tmp_path / "results.svg").read_text()


@pytest.mark.parametrize(
    ("arrivals", "skip", "expected"),
    [
        ([0.0, 0.0, 1.0, 2.0, 3.0], 2, 1.0),  # three in the three seconds after the first two
        ([0.0, 1.0], 500, 1.0),  # fewer than a batch: the second half
    ],
)
def test_the_rate_begins_after_the_first_batch(
    arrivals: list[float], skip: int, expected: float
) -> None:
    assert rate(arrivals, skip) == expected
