"""Exports keep nobody waiting: one makes rows at a time, HEAD makes none, others come between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
import typer

from cli.contracts import generate
from cli.files import _filter
from services.membership.domain import DECIDER, Member
from services.membership.exchange import TABLES
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.tabular.exporting import in_turn, rows_of
from shared.tabular.xlsx_writing import workbook
from tests.fakes.documents import Documents
from tests.unit.every_table import TABLES as ALL_TABLES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MANY: Final = 500


class Unread:
    """A store that nobody reads."""

    def __getitem__(self, _: str) -> Unread:
        return self

    def with_options(self, **_: Any) -> Unread:
        return self


@pytest.mark.parametrize(("service", "table"), ALL_TABLES)
async def test_head_of_an_export_reads_nothing(service: str, table: str) -> None:
    transport = httpx.ASGITransport(generate.wired(service, Unread())[0])
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        for form in ("csv", "jsonl", "xlsx"):
            answer = await client.head(f"/{table}/export.{form}")
            assert (answer.status_code, answer.content) == (200, b"")
            assert f'filename="{table}.{form}"' in answer.headers["content-disposition"]
            assert "content-length" not in answer.headers


class Making:
    """Exports that are made, and how many of them at once."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.at_once = self.most_at_once = 0

    async def pieces(self, name: str, count: int) -> AsyncIterator[str]:
        for _ in range(count):
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            await asyncio.sleep(0)
            self.at_once -= 1
            self.order.append(name)
            yield name


async def test_of_two_exports_one_makes_a_piece_at_a_time_and_each_has_its_turn() -> None:
    making, turns = Making(), asyncio.Lock()

    async def sent(name: str) -> int:
        return len([piece async for piece in in_turn(making.pieces(name, 10), turns)])

    assert tuple(await asyncio.gather(sent("a"), sent("b"), sent("c"))) == (10, 10, 10)
    assert making.most_at_once == 1
    assert making.order == ["a", "b", "c"] * 10


async def test_a_slow_reader_keeps_no_other_export_waiting() -> None:
    making, turns = Making(), asyncio.Lock()
    slow = in_turn(making.pieces("slow", 3), turns)
    assert await anext(slow) == "slow"
    async with asyncio.timeout(5):
        assert len([one async for one in in_turn(making.pieces("quick", 5), turns)]) == 5


class Store:
    """Snapshots of many members."""

    def __init__(self) -> None:
        self.kinds = {"members": Member}
        signed = (
            CitySigned(
                coalition="europe",
                member=MemberRef(name=f"Town {number}", country="DE", kind="city"),
                signed="2015",
            )
            for number in range(MANY)
        )
        members = [DECIDER.evolve(None, one) for one in signed]
        documents = [one.model_dump(mode="json") for one in members if one]
        self.database = {"members": Documents([{**one, "_id": one["id"]} for one in documents])}


@pytest.mark.parametrize("as_workbook", [True, False])
async def test_others_have_their_turn_while_rows_are_made(*, as_workbook: bool) -> None:
    members = next(one for one in TABLES if one.name == "members")
    store: Any = Store()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(others())
    rows = rows_of(members, store, {}, "CC-BY-4.0", None)
    made = [one async for one in (workbook(rows, members) if as_workbook else rows)]
    other.cancel()
    assert made
    assert turns >= MANY / 20


@pytest.mark.parametrize("text", ["country", "=DE", ""])
def test_a_filter_of_an_export_has_a_name_and_a_value(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="give NAME=VALUE"):
        _filter(text)
    assert _filter("population-from = 100000") == ("population_from", "100000")
