"""What programs of others make of our documents: their validators, generators and readers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest

from cli.contracts import generate
from cli.contracts.compatibility import changes
from services import manifests
from shared.contracts import catalogue, patterns

Document = dict[str, Any]

_KNOWN_ESCAPE: Final = r"[dDsSwWbBfnrtv0^$\\.*+?()\[\]{}|/]|u[0-9a-fA-F]{4}"
"""What may follow a backslash in a regular expression of ECMAScript with the flag `u`."""


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return generate.documents()


def patterns_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for child in node.values():
            yield from patterns_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from patterns_in(child)


def untyped_in(node: Any) -> Iterator[Any]:
    """Values without the type that they are of; clients read a discriminator by its type."""
    if isinstance(node, dict):
        values = node.get("enum", node.get("const"))
        if isinstance(values, list | str) and "type" not in node:
            yield values
        for name, child in node.items():
            if name not in {"examples", "default", "propertyNames"}:  # a name is always a text
                yield from untyped_in(child)
    elif isinstance(node, list):
        for child in node:
            yield from untyped_in(child)


def odd_escapes(pattern: str) -> list[str]:
    """Escapes with which Ajv, and whatever else compiles patterns with Unicode, refuses all."""
    return re.findall(rf"\\(?!{_KNOWN_ESCAPE}).", re.sub(r"\\\\", "", pattern))


def test_each_pattern_is_one_of_ecmascript_with_unicode(documents: dict[str, Document]) -> None:
    found = {pattern for document in documents.values() for pattern in patterns_in(document)}
    assert patterns.LINK in found
    assert {pattern: odd for pattern in found if (odd := odd_escapes(pattern))} == {}
    assert odd_escapes(r"^https?://[^\s<>\"]+$") == [r"\""]


def test_each_value_of_a_list_has_its_type(documents: dict[str, Document]) -> None:
    untyped = {path: [*untyped_in(document)] for path, document in documents.items()}
    assert {path: found for path, found in untyped.items() if found} == {}


def test_a_pattern_takes_more_only_where_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    released, present = (
        {"type": "object", "properties": {"qualifier": {"type": "string", "pattern": pattern}}}
        for pattern in (patterns.QUALIFIER, "^.+$")
    )
    assert [change.breaks for change in changes("t", released, present)] == [True]
    monkeypatch.setattr(patterns, "WIDENED", {patterns.QUALIFIER: "^.+$"})
    assert [change.breaks for change in changes("t", released, present)] == [False]
    assert [change.breaks for change in changes("t", present, released)] == [True]


def test_no_two_services_have_a_kind_of_event_of_one_name() -> None:
    """Rules, webhooks and `follows` name a kind without its service."""
    names = Counter(
        catalogue.called(event.type)
        for manifest in manifests.MANIFESTS.values()
        for event in manifest.publishes
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("service", sorted(manifests.MANIFESTS))
def test_an_outcome_can_be_waited_for(service: str, documents: dict[str, Document]) -> None:
    asked = documents[f"openapi/{service}.json"]["paths"]["/events/{source}/{id}"]["get"]
    assert [one["name"] for one in asked["parameters"]] == ["source", "id", "prefer"]


@pytest.mark.parametrize("service", sorted(manifests.MANIFESTS))
def test_whoever_reads_is_told_what_may_be_added(
    service: str, documents: dict[str, Document]
) -> None:
    for path in ("asyncapi.json", f"openapi/{service}.json"):
        assert "new values of enumerations" in documents[path]["info"]["description"]


@pytest.mark.parametrize("service", sorted(manifests.MANIFESTS))
def test_an_answer_can_always_say_more(service: str, documents: dict[str, Document]) -> None:
    """A bare list never can."""
    bare = {
        path
        for path, methods in documents[f"openapi/{service}.json"]["paths"].items()
        for answer in methods.get("get", {}).get("responses", {}).values()
        for content in answer.get("content", {}).values()
        if content.get("schema", {}).get("type") == "array"
    }
    assert bare == set()


def test_each_scope_that_is_enough_is_said(documents: dict[str, Document]) -> None:
    paths = documents["openapi/notifications.json"]["paths"]
    for path, scopes in {
        "/announcements": ["publish", "people:read"],
        "/rejected": ["operate", "publish"],
        "/webhooks": ["operate"],
    }.items():
        ways = paths[path]["get"]["security"]
        assert [scope for way in ways for one in way.values() for scope in one] == scopes
        assert all(len(way) == 1 for way in ways), path
