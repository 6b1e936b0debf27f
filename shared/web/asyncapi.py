"""The AsyncAPI 3 document: topics, who writes and reads them, messages with headers and examples.

It is made of the catalogue alone; a new event type appears here without a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import models_json_schema

from shared.cloudevents import MAX_BODY, STRUCTURED, derived_id
from shared.contracts import catalogue
from shared.contracts.base import Event
from shared.contracts.schemas import GROWS, example, schema_id
from shared.kafka.topics import MAX_RECORD
from shared.web.event_headers import HEADERS

if TYPE_CHECKING:
    from shared.manifest import Manifest

Document = dict[str, Any]
Payloads = Mapping[type[Event], Document]
"""Where the schema of each type's data is."""

_SCHEMAS: Final = "#/components/schemas/"
_TIME: Final = "2020-05-04T09:30:00+00:00"
_ID: Final = derived_id("an example")

_INFO: Final = f"""
Coalition keeps the record of the cities that join a regional coalition against racism.

Events are CloudEvents 1.0. **We publish in binary mode**: context attributes in `ce_` headers, the
data alone as JSON in the body. **We accept binary and structured mode**: a record without `ce_`
headers, or with the content type `{STRUCTURED}`, is read as a structured CloudEvent (one
JSON object with the attributes and `data`). At most {MAX_BODY} bytes of a body are read.

Within v1 contracts only grow. {GROWS}
"""

_INBOX: Final = """What {service} takes, from anyone who may write here.

An event is decided once, by its source and id; saying it again changes nothing. Key the record by
what must stay in order for you, or give the CloudEvents attribute `partitionkey`."""
_PUBLISHER: Final = """What one publisher tells {service}: an inbox where nobody else can write.

It takes what the plain inbox does, from the sources, of the types and about the coalitions that are
this publisher's; anything else is rejected as `source` or `forbidden`."""
_EVENTS: Final = """What {service} accepted, and what follows from it; only {service} writes here.

The key is the subject, and order is kept for each subject. After a crash an event can come again
under the same id, behind newer ones: readers tell by `ce_id`, or by
`ce_sequence` within `ce_stream`."""
_REJECTED: Final = """What {service} could not accept: the record as it came, and the reason beside.

A repeat has the same `coalition-rejected-origin`."""


def document(manifests: Iterable[Manifest]) -> Document:
    """All topics of some services, and what is on them."""
    manifests = list(manifests)
    models = {model: None for one in manifests for model in (*one.publishes, *one.takes)}
    places, defined = models_json_schema(
        [(model, "validation") for model in models], ref_template=_SCHEMAS + "{model}"
    )
    payloads = {model: places[model, "validation"] for model in models}
    channels: Document = {}
    operations: Document = {}
    for manifest in manifests:
        for name, action, channel in _channels(manifest, payloads):
            channels[f"{manifest.name}.{name}"] = channel
            operations[f"{manifest.name}.{name}"] = {
                "action": action,
                "channel": {"$ref": f"#/channels/{manifest.name}.{name}"},
                "summary": channel["summary"],
            }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Coalition", "version": "1", "description": _INFO.strip()},
        "defaultContentType": "application/json",
        "servers": {
            "kafka": {
                "host": "{bootstrap}",
                "protocol": "kafka",
                "description": "Ask whoever runs the installation.",
                "variables": {"bootstrap": {"default": "localhost:9092"}},
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {"schemas": {**HEADERS, **defined.get("$defs", {})}},
    }


def _channels(manifest: Manifest, payloads: Payloads) -> Iterator[tuple[str, str, Document]]:
    service = manifest.name
    inbox, events = manifest.inbox, catalogue.by_type(*manifest.publishes)
    if inbox:
        messages = {n: _message(m, payloads[m], "taken") for n, m in inbox.items()}
        yield "inbox", "receive", _channel(catalogue.inbox(service), _INBOX, service, messages)
        yield "publisher", "receive", _publishers_channel(service, messages)
    messages = {n: _message(m, payloads[m], "published") for n, m in events.items()}
    yield "events", "send", _channel(catalogue.events(service), _EVENTS, service, messages)
    messages = {"rejected": _rejected(service)}
    yield "rejected", "send", _channel(catalogue.rejected(service), _REJECTED, service, messages)


def _channel(topic: str, text: str, service: str, messages: Document) -> Document:
    summary, _, description = text.format(service=service).partition("\n\n")
    return {
        "address": topic,
        "summary": summary,
        "description": description,
        "messages": messages,
        "bindings": {
            "kafka": {
                "topic": topic,
                "topicConfiguration": {"retention.ms": -1},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _publishers_channel(service: str, messages: Document) -> Document:
    """The inboxes that publishers have for themselves."""
    topic = catalogue.publisher_inbox(service, "{publisher}")
    channel = _channel(topic, _PUBLISHER, service, {**messages})
    named = "As the installation's file of publishers calls it: a-z, 0-9 and dashes."
    del channel["bindings"]["kafka"]["topic"]  # a binding knows no parameters
    return {**channel, "parameters": {"publisher": {"description": named}}}


def _message(model: type[Event], payload: Document, headers: str) -> Document:
    summary, _, description = cleandoc(model.__doc__ or "").partition("\n\n")
    key = "The subject." if headers == "published" else "Any, or none; order is kept for each key."
    return {
        "name": model.type,
        "title": catalogue.called(model.type),
        "summary": summary,
        **({"description": description} if description else {}),
        "contentType": "application/json",
        "headers": {"$ref": f"{_SCHEMAS}headers.{headers}"},
        "payload": payload,
        "bindings": _keyed(key),
        **_examples(model, headers),
    }


def _examples(model: type[Event], headers: str) -> Document:
    """The example of a type, if it has one."""
    data = example(model.type)
    if data is None:
        return {}
    subject = model.model_validate(data).subject
    return {"examples": [{"headers": _example(model.type, subject, headers), "payload": data}]}


def _keyed(description: str) -> Document:
    key = {"type": "string", "description": description}
    return {"kafka": {"key": key, "bindingVersion": "0.5.0"}}


def _example(name: str, subject: str, headers: str) -> Document:
    taken = {
        "ce_specversion": "1.0",
        "ce_id": "7f3a",
        "ce_source": "urn:my-city",
        "ce_type": name,
        "content-type": "application/json",
    }
    if headers == "taken":
        return taken
    return {
        **taken,
        "ce_id": _ID,
        "ce_source": catalogue.source(name.split(".")[1]),
        "ce_subject": subject,
        "ce_time": _TIME,
        "ce_sequence": f"{3:019d}",
        "ce_stream": f"records/{subject}",
        "ce_dataschema": schema_id(name),
        "ce_causesource": taken["ce_source"],
        "ce_causeid": taken["ce_id"],
    }


def _rejected(service: str) -> Document:
    return {
        "name": "rejected",
        "title": "Rejected",
        "summary": f"A record as {service} received it, key, body and headers, with our own added.",
        "headers": {"$ref": f"{_SCHEMAS}headers.rejected"},
        "payload": {"description": f"Any bytes, or none; the record has at most {MAX_RECORD}."},
        "bindings": _keyed("The key of the original."),
        "examples": [
            {
                "headers": {
                    "coalition-rejected-code": "type",
                    "coalition-rejected-reason": "the type 'example.Unknown' is not taken here",
                    "coalition-rejected-origin": f"{catalogue.inbox(service)}/0/41",
                    "coalition-rejected-at": _TIME,
                },
                "payload": {},
            }
        ],
    }
