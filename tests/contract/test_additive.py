"""Within v1 contracts only grow: each kind of break by an example, then what was released."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cli.contracts import generate, release
from cli.contracts.compatibility import changes
from services import manifests

Document = dict[str, Any]

RELEASED: Document = {
    "$defs": {
        "City": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
        }
    },
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[a-z]+$", "minLength": 2, "maxLength": 20},
        "city": {"$ref": "#/$defs/City"},
        "kind": {"anyOf": [{"enum": ["city", "canton"]}, {"type": "null"}], "default": None},
        "only": {"const": "this"},
        "when": {"type": "string", "format": "date-time"},
        "links": {"type": "array", "items": {"type": "string"}, "maxItems": 5, "default": []},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        "texts": {"type": "object", "additionalProperties": {"type": "string"}},
        "point": {"type": "integer", "minimum": 1, "maximum": 10},
        "free": {"type": "string"},
    },
    "required": ["id", "city"],
}


def props(schema: Document) -> Document:
    properties: Document = schema["properties"]
    return properties


def on(name: str, **keywords: Any) -> Callable[[Document], object]:
    return lambda schema: props(schema)[name].update(keywords)


BREAKS: dict[str, tuple[Callable[[Document], object], str]] = {
    "a property is removed": (lambda s: props(s).pop("free"), "t.free: is gone"),
    "a property within a reference is removed": (
        lambda s: s["$defs"]["City"].update(properties={}, required=[]),
        "t.city.name: is gone",
    ),
    "a type changes": (on("free", type="integer"), "t.free: type was 'string', is 'integer'"),
    "a format changes": (on("when", format="date"), "t.when: format"),
    "a format is added": (on("free", format="uuid"), "t.free: format"),
    "a pattern changes": (on("id", pattern="^[a-c]+$"), "t.id: pattern"),
    "a pattern is added": (on("free", pattern="^x"), "t.free: pattern"),
    "a value is lost": (
        lambda s: props(s)["kind"]["anyOf"][0].update(enum=["city"]),
        "t.kind: has lost the value 'canton'",
    ),
    "a constant changes": (on("only", const="that"), "t.only: has lost the value 'this'"),
    "values become limited": (on("free", enum=["a"]), "t.free: is limited"),
    "values become unlimited": (
        lambda s: props(s)["only"].pop("const"),
        "t.only: is no longer limited",
    ),
    "an upper bound falls": (on("point", maximum=9), "t.point: maximum was 10, is 9"),
    "a lower bound rises": (on("id", minLength=3), "t.id: minLength was 2, is 3"),
    "a bound is added": (on("free", maxLength=300), "t.free: maxLength was None, is 300"),
    "fewer items are allowed": (on("links", maxItems=4), "t.links: maxItems"),
    "an item's type changes": (on("links", items={"type": "integer"}), "t.links[]: type"),
    "a pair becomes a triple": (
        lambda s: props(s)["pair"]["prefixItems"].append({"type": "string"}),
        "t.pair: had 2 items, has 3",
    ),
    "one of a pair changes": (
        lambda s: props(s)["pair"]["prefixItems"][1].update(type="number"),
        "t.pair[]: type",
    ),
    "a map's values change": (
        on("texts", additionalProperties={"type": "integer"}),
        "t.texts[]: type",
    ),
    "unknown properties are refused": (
        lambda s: s.update(additionalProperties=False),
        "t: additionalProperties",
    ),
    "a new property is required": (
        lambda s: (props(s).update(new={"type": "string"}), s["required"].append("new")),
        "t.new: is required now",
    ),
    "an old property is required": (
        lambda s: s["required"].append("free"),
        "t.free: is required now",
    ),
    "a property that readers count on is optional": (
        lambda s: s["required"].remove("id"),
        "t.id: is no longer required",
    ),
    "null is no longer taken": (
        lambda s: props(s)["kind"].update(anyOf=[{"enum": ["city", "canton"]}]),
        "t.kind: ",
    ),
    "another form is taken": (
        lambda s: props(s).update(free={"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        "t.free: takes another form",
    ),
    "a default changes": (on("links", default=["x"]), "t.links: means something else"),
    "a keyword that nobody thought of": (on("point", multipleOf=2), "t.point: multipleOf"),
}

GROWS: dict[str, tuple[Callable[[Document], object], list[str]]] = {
    "nothing": (lambda _: None, []),
    "words about it": (on("free", description="x", title="y", examples=["z"]), []),
    "an optional property": (
        lambda s: props(s).update(new={"type": "string", "default": "x"}),
        ["t.new: is new"],
    ),
    "another value": (
        lambda s: props(s)["kind"]["anyOf"][0]["enum"].append("district"),
        ["t.kind: has the new value 'district'"],
    ),
    "a wider bound": (on("id", maxLength=30), ["t.id: maxLength was 20, is 30"]),
    "a bound less": (lambda s: props(s)["id"].pop("minLength"), ["t.id: minLength was 2, is none"]),
    "null where it was optional": (
        lambda s: props(s).update(free={"anyOf": [{"type": "string"}, {"type": "null"}]}),
        [],
    ),
    "a definition under another name": (
        lambda s: (
            s["$defs"].update(Town=s["$defs"].pop("City")),
            props(s).update(city={"$ref": "#/$defs/Town"}),
        ),
        [],
    ),
}


def after(change: Callable[[Document], object]) -> Document:
    schema = copy.deepcopy(RELEASED)
    change(schema)
    return schema


@pytest.mark.parametrize("what", BREAKS)
def test_it_breaks_a_promise_when(what: str) -> None:
    change, said = BREAKS[what]
    found = [str(change) for change in changes("t", RELEASED, after(change)) if change.breaks]
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize("what", GROWS)
def test_a_contract_may_get(what: str) -> None:
    change, said = GROWS[what]
    found = changes("t", RELEASED, after(change))
    assert [str(change) for change in found] == said
    assert not any(change.breaks for change in found)


def test_a_schema_within_itself_is_compared_once() -> None:
    tree: Document = {
        "$defs": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}},
        "$ref": "#/$defs/Node",
    }
    other = copy.deepcopy(tree)
    other["$defs"]["Node"]["properties"]["leaf"] = {"type": "string"}
    assert [str(change) for change in changes("t", tree, other)] == ["t.leaf: is new"]


def test_types_messages_and_headers_are_promised_too() -> None:
    present = generate.documents()
    older = present
    newer = copy.deepcopy(older)
    del newer["schemas/coalition.membership.CitySigned.v1.json"]
    document = newer["asyncapi.json"]
    del document["channels"]["plans.inbox"]["messages"]["coalition.plans.PlanPublished.v1"]
    document["components"]["schemas"]["headers.published"]["required"].remove("ce_sequence")
    found = {str(change) for change in release.since(older, newer) if change.breaks}
    assert found == {
        "coalition.membership.CitySigned.v1: is gone",
        "coalition.plans.inbox.v1: no longer has coalition.plans.PlanPublished.v1",
        "headers.published.ce_sequence: is no longer required, and readers count on it",
    }
    assert not [change for change in release.since(older, present) if change.breaks]


def test_nothing_that_was_released_is_broken() -> None:
    released = dict(generate.read(release.RELEASED))
    assert released
    breaks = [str(c) for c in release.since(released, generate.documents()) if c.breaks]
    assert not breaks, "; ".join(breaks)


def test_released_examples_are_read_by_the_models_of_today() -> None:
    released = release.schemas(dict(generate.read(release.RELEASED)))
    examples = 0
    for document in released.values():
        for example in document.get("examples", ()):
            name = document["$id"].removeprefix("urn:coalition:")
            event = manifests.EVENTS[name].model_validate_json(json.dumps(example))
            assert event.subject
            examples += 1
    assert examples == len(released)
