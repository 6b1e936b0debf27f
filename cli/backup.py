"""`coalition backup`: all that the services know, in one file, while they go on."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from rich.console import Console

from cli import archive, endpoints
from cli.running import run
from cli.stores import Services, chosen, database_of, offsets_of, stored
from services.manifests import MANIFESTS
from shared.contracts import catalogue
from shared.kafka.group import Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from cli.archive import Writing
    from cli.endpoints import Endpoints

console = Console(stderr=True)

_JOURNAL: Final = "journal"
_RAW: Final[Any] = CodecOptions(document_class=RawBSONDocument)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(backup)


def backup(
    file: Annotated[
        Path, typer.Argument(help="is written whole, or not at all; - for standard output")
    ],
    *,
    service: Services = None,
) -> None:
    """Write all that the services know into a file, while they go on.

    It holds people's names and addresses: keep it as you keep these.
    """
    names = chosen(service)
    if file.exists():
        raise typer.BadParameter(f"{file} is there already")
    summary = run(_backup(endpoints.load(), file, names))
    for name in names:
        count = summary[name]["collections"][_JOURNAL]["count"]
        console.print(f"{name}: {count} entries of the journal", highlight=False)


async def _backup(where: Endpoints, file: Path, names: Sequence[str]) -> dict[str, Any]:
    """Each service: its offsets, all but the journal, then the journal, which covers the rest."""
    taken, services = datetime.now(UTC).isoformat(), dict[str, Any]()
    with archive.writing(file) as writing:
        for name in names:
            services[name] = await _service(where, name, writing)
        release = metadata.version("coalition")
        writing.end(
            {"release": release, "taken": taken, "prefix": where.prefix, "services": services}
        )
    return services


async def _service(where: Endpoints, name: str, writing: Writing) -> dict[str, Any]:
    kafka, manifest = where.connection(), MANIFESTS[name]
    read = [kafka.topic(source.topic) for source in manifest.sources(where.publishers)]
    group = Group(kafka, kafka.group(name), read)
    told = (catalogue.events(name), catalogue.rejected(name))
    own = Group(kafka, kafka.group(name), map(kafka.topic, told))
    partitions, published = await group.partitions(), await own.partitions()
    committed, begins = await group.committed(partitions), await group.extents(partitions)
    offsets = {
        tp: one.offset if one.offset is not None else begins[tp].begin
        for tp, one in committed.items()
    }
    ends = {tp: extent.end for tp, extent in (await own.extents(published)).items()}
    async with database_of(where, name) as database:
        note = await stored(database, "engine", "installation")
        collections = await _collections(database, name, writing)
    after = {tp: extent.end for tp, extent in (await group.extents(partitions)).items()}
    return {
        "installation": note.get("id", ""),
        "generation": note.get("generation", 0),
        "committed": offsets_of(offsets),
        "published": offsets_of(ends),
        "ends": offsets_of(after),
        "collections": collections,
    }


async def _collections(
    database: AsyncDatabase[dict[str, Any]], service: str, writing: Writing
) -> dict[str, Any]:
    names = sorted(await database.list_collection_names())
    if _JOURNAL not in names:
        raise OSError(f"{service} has no journal in the database {database.name}: is it the one?")
    found = {}
    for name in [*(one for one in names if one != _JOURNAL and "." not in one), _JOURNAL]:
        collection: Any = database.get_collection(name, codec_options=_RAW)
        with writing.member(service, name) as member:
            async for document in collection.find({}, batch_size=500):
                member.add(document)
        found[name] = member.summary()
    return found
