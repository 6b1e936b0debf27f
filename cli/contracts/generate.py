"""All generated contracts, as JSON documents by their path below `docs/contracts/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema
from pymongo import AsyncMongoClient

from cli.contracts import asyncapi
from services import manifests
from shared.cloudevents import STRUCTURED
from shared.journal.store import Journal
from shared.kafka.connection import Connection
from shared.kafka.producer import Publisher
from shared.pipeline.progress import Progress
from shared.service import Parts, Service
from shared.web import app as web
from shared.web import continuity, operating, rejected
from shared.web.health import Health
from shared.web.openapi import App
from shared.web.waiting import OutcomeWatcher

Document = dict[str, Any]

ROOT: Final = Path(__file__).parent.parent.parent
CONTRACTS: Final = ROOT / "docs" / "contracts"
GOLDEN: Final = ROOT / "tests" / "contract" / "golden"
ASYNCAPI: Final = "asyncapi.json"
SCHEMAS: Final = "schemas"


class NoExample(Exception):
    """Types of events without an example in `tests/contract/golden`."""


def documents() -> dict[str, Document]:
    """Everything that is generated, by path.

    Raises:
        NoExample: a type has none; all of those are named.
    """
    examples = golden()
    return {
        **{f"{SCHEMAS}/{name}.json": schema(name, examples[name]) for name in manifests.EVENTS},
        ASYNCAPI: asyncapi.document(examples),
        **{f"openapi/{name}.json": openapi(name, examples) for name in manifests.MANIFESTS},
    }


def golden() -> dict[str, Document]:
    """The example of each type of event.

    Raises:
        NoExample: a type has none; all of those are named.
    """
    paths = {name: GOLDEN / f"{name}.json" for name in manifests.EVENTS}
    if missing := [name for name, path in paths.items() if not path.exists()]:
        raise NoExample(f"no tests/contract/golden/<type>.json for: {', '.join(missing)}")
    return {name: json.loads(path.read_text()) for name, path in paths.items()}


def schema(name: str, example: Document) -> Document:
    """The JSON Schema of a type's data, complete in itself."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:coalition:{name}",
        **manifests.EVENTS[name].model_json_schema(),
        "examples": [example],
    }


def openapi(service: str, examples: Mapping[str, Document]) -> Document:
    """What a service itself answers at `/openapi.json`, with an example for each type."""
    document: Document = json.loads(json.dumps(application(service).openapi()))
    if "/events" not in document["paths"]:
        return document  # it takes none
    content = document["paths"]["/events"]["post"]["requestBody"]["content"][STRUCTURED]
    content["examples"] = {
        name: {
            "summary": model.__name__,
            "value": {
                "specversion": "1.0",
                "id": "7f3a",
                "source": "urn:my-city",
                "type": name,
                "data": examples[name],
            },
        }
        for name, model in manifests.MANIFESTS[service].inbox.items()
    }
    return document


def application(name: str) -> App:
    """The service's HTTP application. Nothing connects until it is used, and it is not."""
    manifest = manifests.MANIFESTS[name]
    settings = manifest.settings()
    database: Any = AsyncMongoClient(connect=False)[name]
    journal, publisher = Journal(database["journal"]), Publisher(Connection.of(settings, name))
    service: Service[Any] = manifest.build()(
        Parts(settings, database, journal, publisher, publisher)
    )
    watcher = OutcomeWatcher(journal)
    app = web.build(
        manifest, settings, journal, publisher, watcher=watcher, state=Health(Progress())
    )
    nobody: Any = None
    app.include_router(operating.routes(nobody, nobody))
    app.include_router(continuity.routes(nobody))
    app.include_router(rejected.routes(manifest, journal, tuple(service.snapshots.kinds), nobody))
    app.include_router(service.routes)
    return app


def text(document: Document) -> str:
    """The document as it is kept in a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(folder: Path) -> Iterator[tuple[str, Document]]:
    """The documents below a folder, by path; those that were released not among them."""
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith("released/"):
            yield name, json.loads(path.read_text())
