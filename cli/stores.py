"""The services' stores, as an operator reaches them: to copy them, and to put them back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from aiokafka import TopicPartition
from pymongo.errors import ConfigurationError

from services.manifests import MANIFESTS
from shared import mongo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from cli.endpoints import Endpoints

Services = Annotated[
    list[str] | None, typer.Option(help=f"one of {', '.join(MANIFESTS)}; all where left out")
]


def chosen(names: list[str] | None) -> list[str]:
    """The services that are meant.

    Raises:
        typer.BadParameter: there is no such service.
    """
    if unknown := [name for name in names or () if name not in MANIFESTS]:
        raise typer.BadParameter(f"{unknown[0]!r} is none of {', '.join(MANIFESTS)}")
    return [name for name in MANIFESTS if not names or name in names]


@asynccontextmanager
async def database_of(
    where: Endpoints, service: str
) -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """A service's database.

    Raises:
        ConfigurationError: the address is none, or asks for less than we need.
    """
    try:
        client = mongo.connect(where.store(), "coalition-cli")
    except ValueError as error:  # a port that is no number
        raise ConfigurationError(str(error)) from None
    try:
        yield client[where.database or f"coalition_{service}"]
    finally:
        await client.close()


async def stored(
    database: AsyncDatabase[dict[str, Any]], collection: str, id_: str
) -> dict[str, Any]:
    """A document; empty where there is none."""
    return await database[collection].find_one({"_id": id_}) or {}


def offsets_of(offsets: Mapping[TopicPartition, int]) -> dict[str, int]:
    """Offsets by the partition's name."""
    return {f"{tp.topic}/{tp.partition}": at for tp, at in sorted(offsets.items())}


def partitions_of(offsets: Mapping[str, int]) -> dict[TopicPartition, int]:
    """Offsets by partition, from its name."""
    found = {}
    for name, at in offsets.items():
        topic, _, partition = name.rpartition("/")
        found[TopicPartition(topic, int(partition))] = at
    return found
