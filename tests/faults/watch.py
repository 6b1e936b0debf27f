"""Watches, while a scenario runs, that no offset is committed before its record is dealt with."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from cli import kafka
from shared.journal.entry import Key
from tests.faults.invariants import KINDS, identity, origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiokafka import TopicPartition
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.kafka.salvage import Record
    from tests.faults.world import World

_EVERY_SECONDS: Final = 0.5


@dataclass(slots=True)
class Watch:
    """Looks at each record once, as soon as its offset is committed.

    Attributes:
        premature: records whose offset was committed before they were in journal and view.
    """

    world: World
    service: str
    premature: list[str] = field(default_factory=list)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _seen: dict[TopicPartition, int] = field(default_factory=lambda: defaultdict(int))

    async def look(self) -> None:
        """Look at what was committed since the last look."""
        async with self._looking:
            committed = await self.world.committed(self.service)
            records = await self._between(committed)
            async with self.world.database(self.service) as database:
                self.premature += await _unfinished(database, records)
            self._seen.update(committed)

    async def run(self, ended: asyncio.Event) -> None:
        """Look again and again; when a part is down there is nothing to see."""
        while not ended.is_set():
            with suppress(KafkaError, PyMongoError, TimeoutError):
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), _EVERY_SECONDS)

    async def _between(self, committed: dict[TopicPartition, int]) -> list[Record]:
        new = {tp: offset for tp, offset in committed.items() if offset > self._seen[tp]}
        records: list[Record] = []
        reader = self.world.reader
        reader.assign(list(new))
        for tp, end in new.items():
            reader.seek(tp, self._seen[tp])
            while await reader.position(tp) < end:
                records += [r for r in await kafka.some(reader, tp) if r.offset < end]
        return records


async def _unfinished(
    database: AsyncDatabase[dict[str, Any]], records: Sequence[Record]
) -> list[str]:
    origins = [origin(record) for record in records]
    found = database["journal"].find(
        {"origin": {"$in": origins}}, {"origin": 1, "stream": 1, "version": 1, "outcome": 1}
    )
    entries = {entry["origin"]: entry async for entry in found}
    versions = await _versions(database, [entry["stream"] for entry in entries.values()])
    problems = [
        f"{entry['origin']} was committed before its view was written"
        for entry in entries.values()
        if entry["outcome"] == "accepted" and versions.get(entry["stream"], 0) < entry["version"]
    ]
    missing = [record for record in records if origin(record) not in entries]
    return problems + [
        f"{origin(record)} was committed before it was decided"
        for record in missing
        if not await _repeats(database, record)
    ]


async def _versions(
    database: AsyncDatabase[dict[str, Any]], streams: Sequence[str]
) -> dict[str, int]:
    versions: dict[str, int] = {}
    for kind in KINDS:
        ids = [s.removeprefix(f"{kind}/") for s in streams if s.startswith(f"{kind}/")]
        async for document in database[kind].find({"_id": {"$in": ids}}, {"version": 1}):
            versions[f"{kind}/{document['_id']}"] = document["version"]
    return versions


async def _repeats(database: AsyncDatabase[dict[str, Any]], record: Record) -> bool:
    source, id_, digest = identity(record)
    key = Key(source.decode(), id_.decode()).stored()
    replays = {"_id": {"$gte": f"{key}\n", "$lt": f"{key}\n\U0010ffff"}}
    seen = {"$or": [{"_id": key}, replays], "digest": digest}
    return await database["journal"].find_one(seen) is not None


@asynccontextmanager
async def watching(world: World, service: str) -> AsyncIterator[Watch]:
    """Watch a service while the block runs."""
    watch = Watch(world, service)
    ended = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(watch.run(ended))
        try:
            yield watch
        finally:
            ended.set()
