"""Queries as HTTP asks them: each has its index, each list its end, and none is left unasked."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from cli.contracts import generate
from services import manifests
from shared.journal.store import Journal
from tests.fakes.asked import AskedDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.web.openapi import App

ROOT: Final = Path(__file__).parents[2]
SERVICES: Final = tuple(manifests.MANIFESTS)
TOKEN: Final = "unit-test-token"
OF_A_PAGE: Final = {"after", "limit"}
VALUES: Final = {"country": "DE", "bom": True, "as_of": "2024-12-31"}
"""Values of parameters for which any text will not do."""
SCANNED: Final = {
    ("coalitions", "offices"): "coalitions are few, and most have offices",
    ("plans", "versions.points.instruments"): "there is one plan for each coalition",
    ("coalitions", "offices.city.id"): "coalitions are few",
    ("conferences", "announced"): "as of a day; a coalition has a few a year",
    ("local-plans", "standings"): "as of a day, which no index has; a coalition narrows it",
    ("plans", "plan_version"): "there is one plan for each coalition",
    ("reports", "member.country"): "an export, which nobody waits for",
    ("publications", "kind"): "two kinds: an index would tell few documents apart",
    ("deliveries", "about"): "asked by staff now and then",
    ("webhooks", "state"): "there are at most fifty webhooks, and those that were removed",
}
"""What is found by reading all documents, and why that is good enough."""
WHOLE: Final = {
    "/plans/{coalition}/versions": "a plan has at most fifty",
    "/trends": "a period has at most sixty months",
    "/conventions": "the ten points of each plan, and there is one plan for each coalition",
    "/previews": "the kinds of e-mail, each once",
    "/events/{source}/{id}": "one event, and its latest replays",
}
"""Lists without pages, and why they stay short."""


def gets(app: App) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        if "get" in methods:
            yield path, methods["get"]


def value_of(app: App, parameter: dict[str, Any]) -> Any:
    """A value that a parameter takes."""
    if parameter["name"] in VALUES:
        return VALUES[parameter["name"]]
    examples = parameter["schema"].get("examples") or parameter.get("examples")
    if examples:
        return examples[0]
    schema = parameter["schema"].get("anyOf", [parameter["schema"]])[0]
    if "$ref" in schema:
        schema = app.openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("enum", [schema.get("minimum", "x")])[0]


def requests(app: App) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each route that reads: asked for all, and by each of its parameters alone."""
    for path, operation in gets(app):
        parameters = operation.get("parameters", [])
        within = {p["name"]: value_of(app, p) for p in parameters if p["in"] == "path"}
        url = path.format(**within)
        yield url, {}
        for parameter in parameters:
            if parameter["in"] == "query" and parameter["name"] not in OF_A_PAGE:
                yield url, {parameter["name"]: value_of(app, parameter)}


async def prepared(service: str) -> tuple[App, AskedDatabase]:
    """A service's application, with the indexes that the service makes when it starts."""
    database: Any = AskedDatabase()
    app, wired = generate.wired(service, database, token=TOKEN)
    await Journal(database["journal"]).prepare()
    await wired.snapshots.prepare()
    for prepare in (*(one.prepare for one in wired.projections), *wired.preparing):
        await prepare()
    return app, database


async def read_without_index(service: str) -> set[tuple[str, str, str]]:
    """What requests ask of the store that no index has: collection, field, request."""
    app, database = await prepared(service)
    found = set()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as client:
        for url, query in requests(app):
            answer = await client.get(url, params=query)
            if "nothing is recorded here of the" in answer.text:
                continue  # this store is empty; of what is recorded, `filters` asks first
            assert answer.status_code != 422, f"{url} {query}: add a value to VALUES"
            request = str(answer.request.url).removeprefix("http://test")
            found |= {(*missing, request) for missing in database.without_index()}
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_asked_for_has_an_index(service: str) -> None:
    missing = [
        f'GET {request} reads all of {name}: add ("{field}", "_id") to its INDEXES, '
        f"services/{service}/queries.py, or the reason to SCANNED in {Path(__file__).name}"
        for name, field, request in sorted(await read_without_index(service))
        if (name, field) not in SCANNED
    ]
    assert not missing, "\n".join(missing)


async def test_no_scan_is_allowed_that_nobody_needs() -> None:
    needed = {(name, field) for s in SERVICES for name, field, _ in await read_without_index(s)}
    assert SCANNED.keys() <= needed


@pytest.mark.parametrize("service", SERVICES)
def test_a_list_has_pages(service: str) -> None:
    app, _ = generate.wired(service)
    endless = [
        f"services/{service}: GET {path} answers a whole list: give it pages "
        "(shared/web/paging.py), or add it to WHOLE in tests/unit/test_queries_are_whole.py"
        for path, operation in gets(app)
        if is_list(app, operation) and not OF_A_PAGE & names(operation) and path not in WHOLE
    ]
    assert not endless, "\n".join(endless)


def is_list(app: App, operation: dict[str, Any]) -> bool:
    answer = operation["responses"]["200"].get("content", {}).get("application/json", {})
    schema = answer.get("schema", {})
    if "$ref" in schema:
        schema = app.openapi()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema.get("type") == "array" or "items" in schema.get("properties", {})


def names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", ())}


@pytest.mark.parametrize("service", SERVICES)
def test_every_query_is_asked(service: str) -> None:
    folder = ROOT / "services" / service
    used = {
        node.attr
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }
    unasked = [
        f"services/{service}/{path.name}:{node.lineno}: nobody asks {node.name}(): add its route "
        f"to services/{service}/api.py"
        for path in folder.glob("queries.py")  # not each service has some
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        if not node.name.startswith("_") and node.name not in used
    ]
    assert not unasked, "\n".join(unasked)
