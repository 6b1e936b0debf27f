"""Publishers with transactions: what is committed is read, and what waits is told."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from cli import kafka, report
from cli.client import GROUPS, is_settled
from shared.contracts import catalogue
from tests.clients import text_headers
from tests.clients.coalitions import founded, named
from tests.inbox import consumed
from tests.parts import eventually

if TYPE_CHECKING:
    from tests.system import System

GROUP = "coalition.membership"


class Publisher:
    """Somebody's producer with transactions."""

    def __init__(self, coalition: System) -> None:
        self.producer = Producer(
            {"bootstrap.servers": coalition.parts.kafka, "transactional.id": uuid.uuid4().hex}
        )
        self.producer.init_transactions(60)

    def send(self, count: int) -> list[str]:
        """Begin a transaction and send so many coalitions in it."""
        self.producer.begin_transaction()
        names = [f"transaction-{uuid.uuid4().hex}" for _ in range(count)]
        for sent in map(founded, names):
            inbox = catalogue.inbox("membership")
            self.producer.produce(inbox, value=sent.value, key=sent.key, headers=text_headers(sent))
        assert self.producer.flush(60) == 0
        return names


async def standing(coalition: System) -> kafka.Standing:
    return (await kafka.standings(coalition.parts.kafka, {GROUP: GROUPS[GROUP]}))[GROUP]


async def test_nothing_is_left_to_read_behind_a_committed_transaction(coalition: System) -> None:
    publisher = Publisher(coalition)
    names = publisher.send(3)
    publisher.producer.commit_transaction(60)
    assert await named(coalition, names) == names
    await consumed(coalition)
    assert (await standing(coalition)).waiting == 0


async def test_nothing_is_left_to_read_behind_an_aborted_transaction(coalition: System) -> None:
    publisher = Publisher(coalition)
    names = publisher.send(3)
    publisher.producer.abort_transaction(60)
    await consumed(coalition)
    assert await named(coalition, names) == []
    assert (await standing(coalition)).waiting == 0


@pytest.mark.parametrize("ends", ["commit_transaction", "abort_transaction"])
async def test_what_waits_behind_an_open_transaction_is_told(coalition: System, ends: str) -> None:
    await consumed(coalition)
    publisher = Publisher(coalition)
    names = publisher.send(5)
    found = await standing(coalition)
    assert (found.lag, found.waiting) == (0, 5)
    assert not await is_settled(coalition.endpoints)
    told = await report.collect(coalition.endpoints)
    assert (told["lag"][GROUP], told["waiting"][GROUP]) == (0, 5)

    getattr(publisher.producer, ends)(60)

    async def nothing_waits() -> bool:
        return (await standing(coalition))[1:] == (0, 0)

    await eventually(nothing_waits)
    assert await named(coalition, names) == (names if ends == "commit_transaction" else [])
