"""Quotas at Kafka: what is asked of it, and when it is asked at all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from cli import quotas

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Kafka:
    """A Kafka that keeps what it is asked for, and refuses it with a code."""

    def __init__(self, code: int = 0) -> None:
        self.asked: list[Any] = []
        self._code = code

    @asynccontextmanager
    async def raw_client(self) -> AsyncIterator[Kafka]:
        yield self

    def get_random_node(self) -> int:
        return 1

    async def send(self, _: int, request: Any) -> Any:
        self.asked += request._entries  # noqa: SLF001 - as it is written
        entity = [("user", "coalition.publisher.berlin")]
        return SimpleNamespace(entries=[(self._code, None, entity)])


async def test_a_quota_is_set_or_taken_away() -> None:
    kafka: Any = Kafka()
    await quotas.apply(kafka, {"b": None, "a": 1024})
    rate = "producer_byte_rate"
    assert kafka.asked == [
        ([("user", "a")], [(rate, 1024.0, False)]),
        ([("user", "b")], [(rate, 0.0, True)]),
    ]


async def test_kafka_s_refusal_names_the_user() -> None:
    kafka: Any = Kafka(code=31)
    with pytest.raises(quotas.QuotasNotSet, match=r"coalition\.publisher\.berlin: error 31"):
        await quotas.apply(kafka, {"coalition.publisher.berlin": 1})


async def test_where_nobody_has_or_had_one_kafka_is_not_asked() -> None:
    """It may be one that knows no quotas, and refuses the whole of `coalition acls --apply`."""
    kafka: Any = Kafka(code=31)
    await quotas.apply(kafka, {})
    assert not kafka.asked
