"""`coalition status` shows the services' own numbers, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cli import report
from cli.endpoints import Endpoints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cli.kafka import Standing

PARENTS = {"world": None, "europe": "world", "alps": "europe", "latin": None, "lost": "not here"}
MEMBERS = {"world": 6, "europe": 5, "alps": 2, "latin": 1, "lost": 1}


def coalition(id_: str) -> dict[str, Any]:
    more = {"name": id_, "state": "launched", "launched": "2020", "lead_cities": []}
    return {"id": id_, "parent": PARENTS[id_], **more}


def statistics(id_: str) -> dict[str, Any]:
    count = MEMBERS[id_]
    return {
        "members": count,
        "by_state": {"member": count},
        "by_country": {"DE": count},
        "by_kind": {"city": count - 1, "association": 1},
    }


async def answer(url: str, **where: Any) -> Any:
    path = url.removeprefix("http://localhost:8001").removeprefix("http://localhost:8002")
    if path.endswith("/statistics"):
        return statistics(path.split("/")[2])
    return {
        "/members": {"total": 40},
        "/comparison": {"total": 30},
        "/commitments": {"total": {"latin": 3}.get(where.get("coalition", ""), 0)},
    }.get(path, {})


async def items(url: str, state: str = "") -> AsyncIterator[dict[str, Any]]:
    if url.endswith("/coalitions"):
        for id_ in PARENTS:
            yield coalition(id_)
    if url.endswith("/plans"):
        yield {"id": "latin", "plan_version": 2}
    if state == "applied":
        yield {"name": "Bonn"}


async def nothing(*_: Any) -> dict[str, Standing]:
    return {}


@pytest.fixture
async def found(monkeypatch: pytest.MonkeyPatch) -> report.Report:
    monkeypatch.setattr(report, "get", answer)
    monkeypatch.setattr(report, "pages", items)
    monkeypatch.setattr(report, "rejections", nothing)
    monkeypatch.setattr("cli.report.kafka.standings", nothing)
    return await report.collect(Endpoints())


def test_whoever_is_two_coalitions_below_is_counted_in_each(found: report.Report) -> None:
    assert {id_: c["members"] for id_, c in found["coalitions"].items()} == MEMBERS


def test_whoever_is_counted_below_is_counted_once_in_all(found: report.Report) -> None:
    assert found["members"] == 6 + 1 + 1
    assert found["members_by_country"] == {"DE": 8}
    assert found["members_by_kind"] == {"city": 5, "association": 3}
    assert found["members_without_commitments"] == 3


def test_what_is_not_there_is_not_shown(found: report.Report) -> None:
    assert found["members_with_commitments"] == {"latin": 3}
    assert found["not_members_yet"] == ["Bonn"]
    assert (found["joining_records"], found["commitments_open"]) == (40, 30)
