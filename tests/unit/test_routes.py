"""Every route of every service: what is not its parameter, or beyond bounds, is a 422."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from cli.contracts import generate
from services.manifests import MANIFESTS
from shared.web.authentication import Needs
from shared.web.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator


class Empty:
    """A store with nothing in it."""

    def __getitem__(self, _: str) -> Empty:
        return self

    def with_options(self, **_: Any) -> Empty:
        return self

    async def find_one(self, *_: Any) -> None:
        return None

    async def distinct(self, _: str) -> list[str]:
        return []


APPS: Final = {name: generate.wired(name, Empty())[0] for name in MANIFESTS}
BEYOND: Final = {
    "integer": ["-1", "9223372036854775808", "1e400", "1.5", "", "٣", "0x1", "NaN", " 1"],
    "boolean": ["yes", "1", "on", "TRUE", ""],
    "string": ["\x00" * 400, "x" * 5_000],
}


def operations(app: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                yield method.upper(), path, operation


PUBLIC: Final = [
    pytest.param(name, method, path, operation, id=f"{name} {method} {path}")
    for name, app in APPS.items()
    for method, path, operation in operations(app)
]


def place(path: str) -> str:
    return path.replace("{form}", "csv").replace("{", "").replace("}", "")


async def ask(name: str, method: str, path: str, query: dict[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(APPS[name])
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.request(method, place(path), params=query)


@pytest.mark.parametrize("name", APPS)
def test_every_route_is_one_of_ours(name: str) -> None:
    found = [route.original_route for route in iter_route_contexts(APPS[name].routes)]
    theirs = [one.path for one in found if isinstance(one, APIRoute) and not isinstance(one, Route)]
    assert len(found) > 10
    assert not theirs


@pytest.mark.parametrize("name", APPS)
def test_openapi_says_of_each_operation_which_scopes_do(name: str) -> None:
    paths, alternatives = APPS[name].openapi()["paths"], 0
    for one in iter_route_contexts(APPS[name].routes):
        if not isinstance(route := one.original_route, Route) or route.path not in paths:
            continue
        asked: list[Any] = [each.dependency for each in route.dependencies]
        needs = [each for each in asked if isinstance(each, Needs)]
        scopes = [[scope] for each in needs for scope in (each.scope, each.or_) if scope]
        alternatives += len(scopes) > 1
        for method in (route.methods or set()) & {each.upper() for each in paths[route.path]}:
            said = paths[route.path][method.lower()].get("security", ())
            assert [each["HTTPBearer"] for each in said] == scopes, (method, route.path)
    assert alternatives


@pytest.mark.parametrize(("name", "method", "path", "operation"), PUBLIC)
async def test_a_parameter_that_a_route_does_not_take_is_named(
    name: str, method: str, path: str, operation: dict[str, Any]
) -> None:
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    answer = await ask(name, method, path, {"nmae": "Potsdam"})
    assert answer.status_code == 422
    assert "query.nmae" in answer.json()["detail"]
    if known:
        assert any(parameter in answer.json()["detail"] for parameter in known)


@pytest.mark.parametrize(("name", "method", "path", "operation"), PUBLIC)
async def test_a_parameter_beyond_its_bounds_is_refused(
    name: str, method: str, path: str, operation: dict[str, Any]
) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] != "query":
            continue
        kinds = parameter["schema"].get("anyOf", [parameter["schema"]])
        kind = kinds[0].get("type", "string")
        for value in BEYOND[kind]:
            answer = await ask(name, method, path, {parameter["name"]: value})
            assert answer.status_code == 422, (parameter["name"], value)
            assert answer.headers["content-type"] == "application/problem+json"
