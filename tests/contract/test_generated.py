"""What we tell other systems is generated, committed, valid, and true of what we send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from pydantic import TypeAdapter
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cli.contracts import generate
from services import manifests
from shared import cloudevents
from shared.contracts import catalogue, patterns
from shared.contracts.base import Country, Language, LongText, Qualifier, Text, Texts
from shared.contracts.text import Currency
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.kafka.salvage import Salvaged
from shared.pipeline.outbound import published_event, rejected_record
from shared.tracing.context import TraceContext
from shared.web import asyncapi

VENDORED = Path(__file__).parent / "vendored"
Document = dict[str, Any]


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return generate.documents()


def within(document: Document, place: str) -> Draft202012Validator:
    """A validator of what stands at a place in a document."""
    resource = DRAFT202012.create_resource(document)
    registry = Registry[Any]().with_resource("urn:document", resource)
    return Draft202012Validator(
        {"$ref": f"urn:document#{place}"},
        registry=registry,
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_every_type_has_an_example() -> None:
    assert set(generate.golden()) == set(manifests.EVENTS)


def test_the_committed_documents_are_the_generated_ones(documents: dict[str, Document]) -> None:
    committed = {
        path.relative_to(generate.CONTRACTS).as_posix(): path.read_text()
        for path in generate.CONTRACTS.rglob("*.json")
        if "released" not in path.parts
    }
    generated = {name: generate.text(document) for name, document in documents.items()}
    names = sorted(committed.keys() | generated.keys())
    stale = [name for name in names if committed.get(name) != generated.get(name)]
    assert not stale, f"run `make contracts` and commit what it writes: {', '.join(stale)}"


def test_generating_twice_gives_the_same(documents: dict[str, Document]) -> None:
    assert generate.documents() == documents


@pytest.mark.parametrize("name", sorted(manifests.EVENTS))
def test_the_schema_is_one_and_takes_its_example(name: str, documents: dict[str, Document]) -> None:
    schema = documents[f"schemas/{name}.json"]
    Draft202012Validator.check_schema(schema)
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)
    assert schema["description"]


def test_asyncapi_is_valid(documents: dict[str, Document]) -> None:
    official = json.loads((VENDORED / "asyncapi-3.0.0.json").read_text())
    errors = Draft7Validator(official).iter_errors(documents["asyncapi.json"])
    assert not [f"{error.json_path}: {error.message[:200]}" for error in errors]


def test_asyncapi_names_each_topic_and_what_may_be_on_it(documents: dict[str, Document]) -> None:
    channels = documents["asyncapi.json"]["channels"].values()
    said = {channel["address"]: set(channel["messages"]) for channel in channels}
    for service, manifest in manifests.MANIFESTS.items():
        assert said.get(catalogue.inbox(service), set()) == set(manifest.inbox)
        assert said[catalogue.rejected(service)] == {"rejected"}
        own = {name for name in manifests.EVENTS if name.startswith(f"coalition.{service}.")}
        assert said[catalogue.events(service)] == own, "a service publishes its own events alone"


def test_examples_in_asyncapi_obey_their_schemas(documents: dict[str, Document]) -> None:
    document = documents["asyncapi.json"]
    for channel in document["channels"].values():
        for message in channel["messages"].values():
            for example in message["examples"]:
                for part in ("headers", "payload"):
                    schema = message[part]
                    place = schema.get("$ref", "#").removeprefix("#")
                    within(document, place).validate(example[part])


def test_what_we_publish_has_the_headers_that_asyncapi_says() -> None:
    event = manifests.EVENTS["coalition.membership.CitySigned.v1"].model_validate(
        generate.golden()["coalition.membership.CitySigned.v1"]
    )
    entry = Entry(
        key=Key("urn:my-city", "1"),
        stream=Stream("members", "de-city-nurnberg"),
        version=3,
        outcome=Outcome.ACCEPTED,
        recorded=datetime(2020, 5, 4, tzinfo=UTC),
        digest="",
        origin=Origin("t", 0, 0),
    )
    published = Published.of(cloudevents.derived_id(1), event)
    trace = TraceContext(f"00-{'a' * 32}-{'b' * 16}-01", "vendor=1")
    key = entry.key._replace(replay="t/0/0")
    replayed = entry._replace(key=key, events=(published, published), trace=trace)
    document = asyncapi.document([manifests.MANIFESTS["membership"]])
    said = document["components"]["schemas"]["headers.published"]
    for one, names in ((entry, said["required"]), (replayed, said["properties"])):
        sent = published_event("membership", one, published)
        headers = {name: value.decode() for name, value in sent.headers}
        within(document, "/components/schemas/headers.published").validate(headers)
        assert set(headers) == set(names)


def test_what_we_reject_has_the_headers_that_asyncapi_says() -> None:
    entry = Entry(
        key=Key("urn:my-city", "1"),
        stream=Stream("unread", "1"),
        version=1,
        outcome=Outcome.REJECTED,
        recorded=datetime(2020, 5, 4, tzinfo=UTC),
        digest="",
        origin=Origin("t", 0, 0),
        code="contract",
        reason="signed: it is missing",
        about=Key("urn:my-city", "1"),
        subject="europe",
    )
    lost = Salvaged("t", 0, 0, lost=42)
    sent = rejected_record("membership", lost, entry)
    document = asyncapi.document([manifests.MANIFESTS["membership"]])
    headers = {name: value.decode() for name, value in sent.headers}
    within(document, "/components/schemas/headers.rejected").validate(headers)
    assert set(headers) == set(document["components"]["schemas"]["headers.rejected"]["properties"])


@pytest.mark.parametrize("service", sorted(manifests.MANIFESTS))
def test_openapi_refers_to_what_is_there_and_its_examples_are_taken(
    service: str, documents: dict[str, Document]
) -> None:
    document = documents[f"openapi/{service}.json"]
    schemas = document["components"]["schemas"]
    missing = {r for r in references(document) if r.rsplit("/", 1)[-1] not in schemas}
    assert not missing
    assert "HTTPValidationError" not in schemas
    if not manifests.MANIFESTS[service].inbox:
        assert "/events" not in document["paths"]
        return
    structured = cloudevents.STRUCTURED
    content = document["paths"]["/events"]["post"]["requestBody"]["content"][structured]
    assert set(content["examples"]) == set(manifests.MANIFESTS[service].inbox)
    place = f"/paths/~1events/post/requestBody/content/{structured.replace('/', '~1')}/schema"
    for example in content["examples"].values():
        within(document, place).validate(example["value"])
        body = json.dumps(example["value"]).encode()
        cloudevents.parse(cloudevents.read([], body), manifests.MANIFESTS[service].inbox)


OF_TEXTS: dict[Any, tuple[list[str], list[str]]] = {
    Text: (
        ["Nürnberg", " x ", "富士市", "نیو\u200cیورک"],
        ["", "  ", "a\nb", "a\x85b", "\x00"],
    ),
    LongText: (["a\nb\tc", "\n x"], ["", "\n", "a\x07b", "\ufffe"]),
    Country: (["DE", "UK", "XK"], ["de", "DEU", "", "D1"]),
    Language: (
        ["fr", "fil", "pt-BR", "es-419", "zh-Hant", "zh-Hant-TW"],
        ["FR", "f", "fran", "es-41", "pt_BR", ""],
    ),
    Qualifier: (["DE-NW", "Q2742", "geonames:2867543", "GB-ENG"], ["Q0", "geonames:", "NW"]),
    Currency: (["EUR", "HRK"], ["eur", "EURO"]),
}


@pytest.mark.parametrize("kind", OF_TEXTS)
def test_what_a_schema_says_of_texts_is_what_is_taken(kind: Any) -> None:
    """Whoever checks by the schema before sending is refused nothing by it that we take."""
    adapter: TypeAdapter[str] = TypeAdapter(kind)
    schema, (good, bad) = Draft202012Validator(adapter.json_schema()), OF_TEXTS[kind]
    assert [text for text in good if not schema.is_valid(text)] == []
    assert [text for text in bad if schema.is_valid(text)] == []
    for text in good:
        adapter.validate_python(text)


def test_a_text_in_several_languages_says_of_its_keys_what_a_language_is() -> None:
    schema = TypeAdapter(Texts).json_schema()
    assert schema["propertyNames"]["pattern"] == patterns.LANGUAGE
    assert schema["additionalProperties"]["pattern"] == patterns.LINE
    assert not Draft202012Validator(schema).is_valid({"french": "Bonjour"})
    assert Draft202012Validator(schema).is_valid({"fr": "Bonjour", "pt-BR": "Oi"})
