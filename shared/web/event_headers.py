"""The headers of events on Kafka, as AsyncAPI says them: taken, published and rejected ones."""

from __future__ import annotations

from typing import Any, Final

from shared.context_attributes import MAX_ATTRIBUTE

Document = dict[str, Any]

TEXT: Final = {"type": "string", "minLength": 1, "maxLength": MAX_ATTRIBUTE}


def _headers(description: str, properties: Document, *, optional: Document) -> Document:
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": {**properties, **optional},
    }


_ANYONE: Final = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {**TEXT, "description": "Unique within its source."},
    "ce_source": {**TEXT, "format": "uri-reference", "description": "Who says so."},
    "ce_type": {**TEXT, "description": "The message's name."},
}
_SUBJECT: Final = {
    "ce_subject": {**TEXT, "description": "The id of what the event is about."},
    "ce_time": {"type": "string", "format": "date-time", "description": "When it was recorded."},
}
_TRACE: Final = {
    "traceparent": {**TEXT, "description": "In which trace it stands (W3C Trace Context)."},
    "tracestate": {**TEXT, "description": "What tracing systems have added to that."},
    "ce_traceparent": {**TEXT, "description": "As `traceparent`; read where that is not there."},
    "ce_tracestate": {**TEXT, "description": "As `tracestate`."},
}
_CONTENT: Final = {"content-type": {"type": "string", "const": "application/json"}}

HEADERS: Final = {
    "headers.taken": _headers(
        "CloudEvents in binary mode. In structured mode the same attributes, without `ce_`, stand "
        "beside `data` in the body.",
        _ANYONE,
        optional={
            **_SUBJECT,
            "ce_partitionkey": {**TEXT, "description": "The key under which HTTP forwards it."},
            **_TRACE,
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
                **TEXT,
                "description": "The record that decided, such as `members/de-city-nurnberg`: "
                "that within which `ce_sequence` grows.",
            },
            "ce_dataschema": {
                **TEXT,
                "format": "uri",
                "description": "The `$id` of the schema of the data, which a service answers at "
                "`/schemas/<type>.json`.",
            },
            "ce_causesource": {**TEXT, "description": "The source of the event that led to it."},
            "ce_causeid": {**TEXT, "description": "The id of the event that led to it."},
            **_CONTENT,
        },
        optional={
            "ce_causecount": {
                **TEXT,
                "description": "How many events that decision published, where more than one.",
            },
            "ce_causereplay": {
                **TEXT,
                "description": "Where what led to it was rejected before: topic/partition/offset.",
            },
            **_TRACE,
        },
    ),
    "headers.rejected": _headers(
        "The headers of the original, and these.",
        {
            "coalition-rejected-code": {
                "type": "string",
                "description": "For programs: `body`, `envelope`, `record`, `type`, `contract`, "
                "`reused`, `rule`, `source`, `forbidden`, `defect`; there may be others.",
            },
            "coalition-rejected-reason": {"type": "string", "description": "For people."},
            "coalition-rejected-origin": {
                "type": "string",
                "description": "Where the original is: topic/partition/offset.",
            },
            "coalition-rejected-at": {"type": "string", "format": "date-time"},
        },
        optional={
            "coalition-rejected-pointer": {
                "type": "string",
                "pattern": "^[0-9]+$",
                "description": "There is no body: the record is too large or cannot be decoded, "
                "and lies at its origin alone. So many bytes does it have.",
            },
            **{
                f"coalition-rejected-{name}": {
                    "type": "string",
                    "description": "As the journal has it, so that its entry can be made again.",
                }
                for name in ("stream", "version", "key", "digest", "type", "about", "subject")
            },
        },
    ),
}
