"""CloudEvents 1.0 over Kafka and HTTP: binary and structured in, binary out.

Reads what strangers send, so every failure is an `Unreadable` with a code and a reason, never
another exception; one bad record costs nothing but itself.
"""

from __future__ import annotations

import re
from base64 import b64decode
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from shared import context_attributes
from shared.bodies import NotJson, read_json
from shared.context_attributes import Unreadable
from shared.contracts import strict
from shared.contracts.base import EVENT_TYPES
from shared.contracts.reasons import explain
from shared.contracts.schemas import schema_id
from shared.nearest import meant
from shared.tracing.context import NAMES, PARENT, STATE, TraceContext

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.contracts.base import Event

MAX_BODY: Final = 256 * 1024
"""Bytes of an event's data; the largest honest event here is under 64 KiB."""
STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
_REQUIRED: Final = ("specversion", "id", "source", "type")
_JSON: Final = re.compile(r"[^/;]+/([^/;]+\+)?json *(;.*)?")

Headers = list[tuple[str, bytes]]


class Envelope(NamedTuple):
    """An event as it travels: context attributes and the bytes of its data.

    Attributes:
        trace: in which trace it stands: what its transport says, else the event itself.
    """

    source: str
    id: str
    type: str
    data: bytes
    extensions: Mapping[str, str] = MappingProxyType({})
    trace: TraceContext | None = None

    @property
    def key(self) -> bytes | None:
        """The Kafka key: the partitioning extension, else the subject."""
        key = self.extensions.get("partitionkey") or self.extensions.get("subject")
        return key.encode() if key else None


def read(headers: Iterable[tuple[Any, Any]], value: bytes | None) -> Envelope:
    """Read a record or request, binary or structured; a body without `ce_` headers is structured.

    Raises:
        Unreadable: it is no CloudEvent 1.0, or one beyond our bounds.
    """
    if value is None:
        raise Unreadable("body", "the record has no body (a tombstone)")
    if len(value) > MAX_BODY:
        raise Unreadable("body", f"the body has {len(value)} bytes; at most {MAX_BODY} are read")
    attributes, content_type, carried = _attributes(headers)
    if content_type.startswith(BATCH):
        raise Unreadable("envelope", "a batch of events is taken over HTTP only, by POST /events")
    trace = TraceContext.of(carried.get(PARENT, ""), carried.get(STATE, "")) if carried else None
    if content_type.startswith(STRUCTURED) or not attributes:
        envelope = _structured(value)
        return envelope._replace(trace=trace) if trace else envelope
    return _envelope(attributes, value, content_type, trace)


def parse(
    envelope: Envelope, types: Mapping[str, type[Event]], *, to_record: bool = False
) -> Event:
    """Check the data against the contract of its type; strictly, if it is sent `to_record`.

    Raises:
        Unreadable: the type is unknown here, or the data breaks its contract.
    """
    model = types.get(envelope.type)
    if model is None:
        raise Unreadable(
            "type", f"the type {envelope.type!r} is not taken here{_why(envelope, types)}"
        )
    try:
        if to_record:
            return strict.read_json(model, envelope.data)
        return model.model_validate_json(envelope.data)
    except strict.Unfit as unfit:
        raise Unreadable("contract", str(unfit)) from None
    except ValidationError as error:
        raise Unreadable("contract", explain(error)) from None


def _why(envelope: Envelope, types: Mapping[str, type[Event]]) -> str:
    owner = envelope.type.split(".")[1] if envelope.type in EVENT_TYPES else ""
    if not owner:
        return f"; {meant(envelope.type, sorted(types))}"
    return f": it is for the inbox of {owner}, or {owner} says it by itself, and nobody sends it"


def derived_id(*parts: object) -> str:
    """An id that is the same whenever it is made of the same parts: 32 hexadecimal digits."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def binary_headers(  # noqa: PLR0913 - an event's parts
    *,
    source: str,
    id_: str,
    type_: str,
    extensions: Mapping[str, str] | None = None,
    with_schema: bool = False,
    trace: TraceContext | None = None,
) -> Headers:
    """The Kafka headers of an event in binary mode; `with_schema`, they name that of its data."""
    headers = [*_alike(source, type_, with_schema), ("ce_id", id_.encode())]
    if extensions:
        headers += [(f"ce_{name}", text.encode()) for name, text in extensions.items()]
    if trace:
        headers += trace.headers()
    return headers


@lru_cache(512)
def _alike(source: str, type_: str, with_schema: bool) -> tuple[tuple[str, bytes], ...]:  # noqa: FBT001 - a part of the key
    """The headers that all events of a source and a type have."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_source", source.encode()),
        ("ce_type", type_.encode()),
        *((("ce_dataschema", schema_id(type_).encode()),) if with_schema else ()),
        ("content-type", b"application/json"),
    )


def headers_of(envelope: Envelope) -> Headers:
    """The Kafka headers under which an envelope travels on."""
    return binary_headers(
        source=envelope.source,
        id_=envelope.id,
        type_=envelope.type,
        extensions=envelope.extensions,
        trace=envelope.trace,
    )


def _attributes(
    headers: Iterable[tuple[Any, Any]],
) -> tuple[dict[str, str], str, dict[str, str] | None]:
    """The attributes, the type of the content, and the trace context that the transport carries."""
    attributes: dict[str, str] = {}
    content_type = ""
    carried: dict[str, str] | None = None
    for name, raw in headers:
        prefix = name[:3]
        if prefix == "ce_":
            attributes[name[3:].lower()] = _text(name, raw)
        elif (lowered := name.lower()) == "content-type":
            content_type = _text(lowered, raw).lower()
        elif lowered.startswith(("ce_", "ce-")):
            attributes[lowered[3:]] = _text(lowered, raw)
        elif lowered in NAMES:
            carried = carried or {}
            carried[lowered] = _text(lowered, raw)
    return attributes, content_type, carried


def _text(name: str, raw: bytes | None) -> str:
    try:
        if raw is not None:
            return raw.decode()
        wrong = "null"
    except UnicodeDecodeError:
        wrong = "not UTF-8"
    if name.lower().removeprefix("ce_").removeprefix("ce-") in NAMES:
        return ""  # a trace is no reason to refuse an event
    raise Unreadable("envelope", f"the header {name} is {wrong}")


def _structured(value: bytes) -> Envelope:
    try:
        return from_document(read_json(value))
    except NotJson as error:
        raise Unreadable("body", str(error)) from None


def from_document(document: Any) -> Envelope:  # noqa: ANN401 - JSON
    """Read an event in the JSON format, once it is parsed; what is null is not there.

    Raises:
        Unreadable: it is no CloudEvent 1.0, or one beyond our bounds.
    """
    if not isinstance(document, dict) or "specversion" not in document:
        raise Unreadable("envelope", "neither ce_ headers nor a structured CloudEvent")
    data = _data(document)
    given = {
        name: context_attributes.canonical(name, one)
        for name, one in document.items()
        if one is not None
    }
    return _envelope(given, data)


def _data(document: dict[str, Any]) -> bytes:
    """Take the data out of an event in the JSON format."""
    base64 = document.pop("data_base64", None)
    if base64 is None:
        if "data" not in document:
            raise Unreadable("body", "the event has no JSON data")
        data = to_json(document.pop("data"))
    elif "data" in document:
        raise Unreadable("body", "the event has both data and data_base64")
    else:
        try:
            data = b64decode(base64, validate=True)
        except (TypeError, ValueError):
            raise Unreadable("body", "data_base64 is not a text in Base64") from None
    if len(data) > MAX_BODY:
        raise Unreadable("body", f"the data have {len(data)} bytes; at most {MAX_BODY} are read")
    return data


def _envelope(
    attributes: dict[str, str],
    data: bytes,
    content_type: str = "",
    trace: TraceContext | None = None,
) -> Envelope:
    missing = [name for name in _REQUIRED if not attributes.get(name)]
    if missing:
        raise Unreadable("envelope", f"missing: {', '.join(missing)}")
    if attributes.pop("specversion") != "1.0":
        raise Unreadable("envelope", "only CloudEvents 1.0 is read")
    state, parent = attributes.pop(STATE, ""), attributes.pop(PARENT, "")
    context_attributes.check(attributes)
    declared = attributes.pop("datacontenttype", content_type)
    if declared not in {"", "application/json"} and not _JSON.fullmatch(declared.lower()):
        raise Unreadable("envelope", f"the data are declared as {declared[:80]!a}, not as JSON")
    return Envelope(
        source=attributes.pop("source"),
        id=attributes.pop("id"),
        type=attributes.pop("type"),
        data=data,
        extensions=attributes,
        trace=trace or (TraceContext.of(parent, state) if parent else None),
    )


def structured(events: Sequence[bytes]) -> list[Envelope]:
    """Read structured CloudEvents, one in each line of a file.

    Raises:
        Unreadable: a line is none; the reason names it.
    """
    envelopes = []
    for number, line in enumerate(events, 1):
        try:
            envelopes.append(_structured(line))
        except Unreadable as error:
            raise Unreadable(error.code, f"line {number}: {error.reason}") from None
    return envelopes
