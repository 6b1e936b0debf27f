"""All generated contracts, as JSON documents by their path below `docs/contracts/`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pymongo import AsyncMongoClient

from cli.contracts import drafts
from services import manifests
from shared.cloudevents import STRUCTURED
from shared.contracts import catalogue
from shared.contracts.schemas import schema
from shared.journal.store import Journal
from shared.kafka.connection import Connection
from shared.kafka.producer import Publisher
from shared.pipeline.progress import Progress
from shared.pipeline.rebuild import Rebuild
from shared.pipeline.republish import Republish
from shared.service import Parts, Service, build_of
from shared.web import app as web
from shared.web import asyncapi, continuity, operating, rehearsing, rejected
from shared.web.health import Health
from shared.web.openapi import App
from shared.web.waiting import OutcomeWatcher

Document = dict[str, Any]

ROOT: Final = Path(__file__).parent.parent.parent
CONTRACTS: Final = ROOT / "docs" / "contracts"
GOLDEN: Final = ROOT / "shared" / "contracts" / "examples"
ASYNCAPI: Final = "asyncapi.json"
SCHEMAS: Final = "schemas"
OPENAPI: Final = "openapi"


class NoExample(Exception):
    """A type of event has no example in `shared/contracts/examples`."""


def documents() -> dict[str, Document]:
    """Everything that is generated, by path.

    Raises:
        NoExample: a type has none; all of those are named.
    """
    examples = golden()
    return {
        **{f"{SCHEMAS}/{name}.json": schema(model) for name, model in manifests.EVENTS.items()},
        ASYNCAPI: asyncapi.document(manifests.MANIFESTS.values()),
        **{f"{OPENAPI}/{name}.json": openapi(name, examples) for name in manifests.MANIFESTS},
    }


def golden() -> dict[str, Document]:
    """The example of each type of event.

    Raises:
        NoExample: a type has none; all of those are named.
    """
    found = _examples()
    if missing := sorted(manifests.EVENTS.keys() - found.keys()):
        raise NoExample(
            f"there is no example {_names(missing)}: run `make contracts`, which drafts it"
        )
    return found


def draft_missing() -> list[str]:
    """Write a first example of each type that has none; returns their paths.

    Raises:
        NoExample: one cannot be drafted, and has to be written by hand.
    """
    found = _examples()
    examples = {manifests.EVENTS[name]: document for name, document in found.items()}
    missing = sorted(manifests.EVENTS.keys() - found.keys())
    for name in missing:
        try:
            document = drafts.draft(manifests.EVENTS[name], examples)
        except drafts.NoDraft as error:
            raise NoExample(f"write {_names([name])} by hand: {error}") from None
        _example(name).write_text(text(document))
    return [_names([name]) for name in missing]


def _examples() -> dict[str, Document]:
    paths = {name: _example(name) for name in manifests.EVENTS}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}


def _example(name: str) -> Path:
    return GOLDEN / f"{name}.json"


def _names(types: list[str]) -> str:
    return ", ".join(_example(name).relative_to(ROOT).as_posix() for name in types)


def openapi(service: str, examples: Mapping[str, Document]) -> Document:
    """What a service itself answers at `/openapi.json`, with an example for each type."""
    app, _ = wired(service)
    document: Document = json.loads(json.dumps(app.openapi()))
    if "/events" not in document["paths"]:
        return document  # it takes none
    content = document["paths"]["/events"]["post"]["requestBody"]["content"][STRUCTURED]
    content["examples"] = {
        name: {
            "summary": catalogue.called(name),
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


def wired(name: str, database: Any = None, **given: Any) -> tuple[App, Service[Any]]:  # noqa: ANN401 - of any kind
    """A service and its HTTP application.

    Args:
        name: the service's.
        database: its store; where not given, one that does not connect until it is used.
        given: its settings.
    """
    manifest = manifests.MANIFESTS[name]
    settings = manifest.settings(**given)
    database = AsyncMongoClient(connect=False)[name] if database is None else database
    journal, publisher = Journal(database["journal"]), Publisher(Connection.of(settings, name))
    parts = Parts(settings, database, journal, publisher, publisher)
    service: Service[Any] = build_of(manifest)(parts)
    watcher = OutcomeWatcher(journal)
    app = web.build(
        manifest, settings, journal, publisher, watcher=watcher, state=Health(Progress())
    )
    nobody: Any = None
    notes, projections = database["engine"], service.projections
    rebuild = Rebuild(service.decider, journal, service.snapshots, notes, projections)
    republish = Republish(name, journal, publisher)
    app.include_router(operating.routes(nobody, rebuild, republish))
    app.include_router(rehearsing.routes(service, journal))
    app.include_router(continuity.routes(nobody))
    app.include_router(
        rejected.routes(manifest, journal, tuple(service.snapshots.kinds), lambda _: None)
    )
    app.include_router(service.routes)
    return app, service


def text(document: Document) -> str:
    """The document as it is kept in a file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(folder: Path) -> Iterator[tuple[str, Document]]:
    """The documents below a folder, by path; those that were released not among them."""
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).as_posix()
        if not name.startswith("released/"):
            yield name, json.loads(path.read_text())
