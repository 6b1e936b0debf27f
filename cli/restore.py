"""`coalition restore`: a store that was lost, from a backup and from what Kafka has since."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from pymongo import InsertOne, UpdateOne
from rich.console import Console

from cli import archive, endpoints
from cli.adoption import Adoption, identity, records_since, rejected
from cli.confirming import Yes, confirm
from cli.running import run
from cli.stores import Services, chosen, database_of, partitions_of, stored
from services.manifests import MANIFESTS
from shared import mongo
from shared.checks.store import RESTORING
from shared.contracts import catalogue
from shared.kafka.group import Group
from shared.pipeline.installation import Installation

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from aiokafka import TopicPartition
    from pymongo.asynchronous.database import AsyncDatabase

    from cli.archive import Archive
    from cli.endpoints import Endpoints
    from shared.journal.entry import Entry
    from shared.kafka.group import Extent
    from shared.kafka.salvage import Record
    from shared.pipeline.installation import Offsets

console = Console()

_AT_ONCE: Final = 500
_REJECTED: Final = ".rejected.v1"
_LEFT_OUT: Final = frozenset({"offsets"})
"""They are those of the backup's beginning: what was read after it may not be in it."""


class NotRestored(OSError):
    """Nothing was restored, or not all of it; the message says why."""


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(restore)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    *,
    service: Services = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="empty the store first, where it has something")
    ] = False,
    yes: Yes = False,
) -> None:
    """Fill the empty store of services from a backup, and from what they have published since.

    End their instances first; started again, they read on where the backup had read to.
    """
    names = chosen(service)
    where = endpoints.load()
    try:
        with archive.reading(file) as opened:
            for name in names:
                opened.check(name)
            if replace:
                confirm(f"Give up for good what the store has of {', '.join(names)}?", yes=yes)
            for name in names:
                done = run(_restore(where, opened, name, replace=replace))
                console.print(done, highlight=False)
    except (archive.Broken, NotRestored) as error:
        console.print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None


async def _restore(where: Endpoints, opened: Archive, name: str, *, replace: bool) -> str:
    kafka, manifest, said = where.connection(), MANIFESTS[name], opened.services[name]
    if where.prefix != opened.manifest["prefix"]:
        raise NotRestored(f"the backup is of the prefix {opened.manifest['prefix']!r}")
    read = [kafka.topic(source.topic) for source in manifest.sources(where.publishers)]
    group = Group(kafka, kafka.group(name), read)
    if await group.is_active():
        raise NotRestored(f"the consumer group {group.name} has members: end all of {name} first")
    async with database_of(where, name) as database:
        await empty(database, name, replace=replace)
        loaded = await _load(database, opened, name)
        told = (catalogue.events(name), catalogue.rejected(name))
        own = Group(kafka, group.name, map(kafka.topic, told))
        published = since(said["published"], await own.partitions())
        there = await group.partitions()
        committed = since(said["committed"], there)
        offsets, is_anew = read_on(committed, await group.extents(there))
        generation = said["generation"] + is_anew
        adoption = Adoption(name, generation)
        adopted = await _adopt_all(database, records_since(kafka, published), adoption)
        if manifest.after_restore:
            # While what was adopted can be told from what was in the backup.
            await manifest.after_restore(database, datetime.now(UTC))
        await _identify(database, records_since(kafka, offsets), generation)
        installation = Installation(database)
        await installation.prepare()
        await (installation.raise_generation if is_anew else installation.reset)(offsets)
        ends = {tp: extent.end for tp, extent in (await group.extents(there)).items()}
        await installation.restored.note(ends, installation.generation)
        await database[RESTORING].drop()
    return f"{name}: {loaded} documents loaded, {adopted} entries adopted from its events"


async def empty(
    database: AsyncDatabase[dict[str, Any]], name: str, *, replace: bool = False
) -> None:
    """See that nothing is lost by it; what an interrupted restore left is taken away.

    So is what a service that was started on the empty store has noted of itself: id and generation
    are those of the backup.

    Args:
        database: the service's.
        name: the service.
        replace: whether what it has is given up. Only collections are dropped, since who restores
            need not be one who may drop a database.

    Raises:
        NotRestored: the database has data.
    """
    collections = await database.list_collection_names()
    is_left_over = replace or await stored(database, RESTORING, name)
    if not is_left_over and await database["journal"].find_one({}, {"_id": True}):
        raise NotRestored(
            f"the database {database.name} has a journal: it is not lost. To go back all the "
            "same, and give up what it has, say --replace"
        )
    await mongo.upsert(database[RESTORING], name, {"since": datetime.now(UTC)})
    if is_left_over:
        for collection in collections:
            if collection != RESTORING:
                await database[collection].drop()
    await database["engine"].delete_many({})


def since(offsets: Mapping[str, int], there: Iterable[TopicPartition]) -> Offsets:
    """Where a backup left each partition; one that was made after it is read from its beginning."""
    return dict.fromkeys(there, 0) | partitions_of(offsets)


def read_on(committed: Offsets, extents: Mapping[TopicPartition, Extent]) -> tuple[Offsets, bool]:
    """Where the store reads on, and whether topics were made anew since the backup.

    Then a generation of its own is theirs from here on: whatever the lost store had read of them
    is doubted by their offsets, and not by those of the topics that are gone.
    """
    offsets = {
        tp: extent.begin if extent.end < committed[tp] else max(committed[tp], extent.begin)
        for tp, extent in extents.items()
    }
    return offsets, any(extent.end < committed[tp] for tp, extent in extents.items())


async def _load(database: AsyncDatabase[dict[str, Any]], opened: Archive, name: str) -> int:
    count = 0
    for collection in opened.services[name]["collections"]:
        documents: Iterable[Any] = opened.documents(name, collection)
        if collection in _LEFT_OUT:
            continue
        while part := [InsertOne[Any](one) for one in islice(documents, _AT_ONCE)]:
            await mongo.bulk_write(database[collection], part)
            count += len(part)
    return count


async def _adopt_all(
    database: AsyncDatabase[dict[str, Any]], records: AsyncIterator[Record], adoption: Adoption
) -> int:
    """Put into the journal what was published and rejected since, as far as it is not there."""
    count = 0
    part: list[Entry] = []
    async for record in records:
        is_rejected = record.topic.endswith(_REJECTED)
        if entry := rejected(record) if is_rejected else adoption.take(record):
            part.append(entry)
        if len(part) == _AT_ONCE:
            count, part = count + await _adopt(database, part), []
    return count + await _adopt(database, part)


async def _adopt(database: AsyncDatabase[dict[str, Any]], entries: Sequence[Entry]) -> int:
    if not entries:
        return 0
    writes = [InsertOne(entry.document()) for entry in entries]
    return len(writes) - len(await mongo.bulk_write(database["journal"], writes))


async def _identify(
    database: AsyncDatabase[dict[str, Any]], records: AsyncIterator[Record], generation: int
) -> None:
    """Say of what was adopted from where and of what it was decided; the first record counts."""
    writes: list[UpdateOne] = []
    async for record in records:
        if found := identity(record, generation):
            key, origin, digest, type_ = found
            known = {"origin": str(origin), "digest": digest, "type": type_}
            writes.append(UpdateOne({"_id": key.stored(), "digest": ""}, {"$set": known}))
        if len(writes) == _AT_ONCE:
            await mongo.bulk_write(database["journal"], writes)
            writes = []
    if writes:
        await mongo.bulk_write(database["journal"], writes)
