"""The AsyncAPI 3 document: topics, who writes and reads them, messages with headers and examples.

It is made of the catalogue alone; a new event type appears here without a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from services import manifests
from shared.cloudevents import MAX_BODY, STRUCTURED, derived_id
from shared.context_attributes import MAX_ATTRIBUTE
from shared.contracts import catalogue
from shared.contracts.base import Event
from shared.kafka.topics import MAX_RECORD, PARTITIONS

Document = dict[str, Any]

_SCHEMAS: Final = "#/components/schemas/"
_PLACES, _DEFINED = models_json_schema(
    [(model, "validation") for model in manifests.EVENTS.values()],
    ref_template=_SCHEMAS + "{model}",
)
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": MAX_ATTRIBUTE}
_TIME: Final = "2020-05-04T09:30:00+00:00"
_ID: Final = derived_id("an example")

_INFO: Final = f"""
Coalition keeps the record of the cities that join a regional coalition against racism.

Events are CloudEvents 1.0. **We publish in binary mode**: context attributes in `ce_` headers, the
data alone as JSON in the body. **We accept binary and structured mode**: a record without `ce_`
headers, or with the content type `{STRUCTURED}`, is read as a structured CloudEvent (one
JSON object with the attributes and `data`). At most {MAX_BODY} bytes of a body are read.

Within v1 contracts only grow: readers ignore fields and types that they do not know.
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
`ce_sequence` within `ce_stream`. A type that
{service} only says to itself does not appear here: `coalition.{service}.self.v1`, on which it
does, is its own business, and nobody else reads or writes it."""
_REJECTED: Final = """What {service} could not accept: the record as it came, and the reason beside.

A repeat has the same `coalition-rejected-origin`."""


def document(examples: Mapping[str, Document]) -> Document:
    """All topics of all services.

    Args:
        examples: an example of the data of each type.
    """
    channels: Document = {}
    operations: Document = {}
    for service in manifests.MANIFESTS:
        for name, action, channel in _channels(service, examples):
            channels[f"{service}.{name}"] = channel
            operations[f"{service}.{name}"] = {
                "action": action,
                "channel": {"$ref": f"#/channels/{service}.{name}"},
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
        "components": {"schemas": {**_HEADERS, **_DEFINED["$defs"]}},
    }


def _channels(
    service: str, examples: Mapping[str, Document]
) -> Iterator[tuple[str, str, Document]]:
    manifest = manifests.MANIFESTS[service]
    inbox, events = manifest.inbox, catalogue.by_type(*manifest.publishes)
    if inbox:
        messages = {n: _message(n, m, examples[n], "taken") for n, m in inbox.items()}
        yield "inbox", "receive", _channel(catalogue.inbox(service), _INBOX, service, messages)
        yield "publisher", "receive", _publishers_channel(service, messages)
    messages = {n: _message(n, m, examples[n], "published") for n, m in events.items()}
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
                "partitions": PARTITIONS,
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


def _message(name: str, model: type[Event], example: Document, headers: str) -> Document:
    summary, _, description = cleandoc(model.__doc__ or "").partition("\n\n")
    subject = model.model_validate(example).subject
    key = "The subject." if headers == "published" else "Any, or none; order is kept for each key."
    return {
        "name": name,
        "title": model.__name__,
        "summary": summary,
        **({"description": description} if description else {}),
        "contentType": "application/json",
        "headers": {"$ref": f"{_SCHEMAS}headers.{headers}"},
        "payload": _PLACES[model, "validation"],
        "bindings": _keyed(key),
        "examples": [{"headers": _example(name, subject, headers), "payload": example}],
    }


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


def _headers(description: str, properties: Document, *, optional: Document) -> Document:
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": {**properties, **optional},
    }


_ANYONE: Final = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {**_TEXT, "description": "Unique within its source."},
    "ce_source": {**_TEXT, "format": "uri-reference", "description": "Who says so."},
    "ce_type": {**_TEXT, "description": "The message's name."},
}
_SUBJECT: Final = {
    "ce_subject": {**_TEXT, "description": "The id of what the event is about."},
    "ce_time": {"type": "string", "format": "date-time", "description": "When it was recorded."},
}
_CONTENT: Final = {"content-type": {"type": "string", "const": "application/json"}}

_HEADERS: Final = {
    "headers.taken": _headers(
        "CloudEvents in binary mode. In structured mode the same attributes, without `ce_`, stand "
        "beside `data` in the body.",
        _ANYONE,
        optional={
            **_SUBJECT,
            "ce_partitionkey": {**_TEXT, "description": "The key under which HTTP forwards it."},
            **_CONTENT,
        },
    ),
    "headers.published": _headers(
        "CloudEvents in binary mode.",
        {
            **_ANYONE,
            **_SUBJECT,
            "ce_sequence": {
                "type": "string",
                "pattern": "^[0-9]{19}$",
                "description": "The version of the stream after the decision, to be compared as a "
                "text. It grows, with gaps, within a stream; the events of one decision share it.",
            },
            "ce_stream": {
                **_TEXT,
                "description": "The record that decided, such as `members/de-city-nurnberg`: "
                "that within which `ce_sequence` grows.",
            },
            "ce_causesource": {**_TEXT, "description": "The source of the event that led to it."},
            "ce_causeid": {**_TEXT, "description": "The id of the event that led to it."},
            **_CONTENT,
        },
        optional={
            "ce_causecount": {
                **_TEXT,
                "description": "How many events that decision published, where more than one.",
            },
            "ce_causereplay": {
                **_TEXT,
                "description": "Where what led to it was rejected before: topic/partition/offset.",
            },
        },
    ),
    "headers.rejected": _headers(
        "The headers of the original, and these.",
        {
            "coalition-rejected-code": {
                "type": "string",
                "description": "For programs, such as `body`, `envelope`, `type`, `contract`, "
                "`reused`, `rule`, `source` and `forbidden`.",
            },
            "coalition-rejected-reason": {"type": "string", "description": "For people."},
            "coalition-rejected-origin": {
                "type": "string",
                "description": "Where the original is: topic/partition/offset.",
            },
            "coalition-rejected-at": {"type": "string", "format": "date-time"},
        },
        optional={
            f"coalition-rejected-{name}": {
                "type": "string",
                "description": "As the journal has it, so that its entry can be made again.",
            }
            for name in ("stream", "version", "key", "digest", "type", "about", "subject")
        },
    ),
}
