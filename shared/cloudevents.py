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

from shared import rfc3339
from shared.bodies import NotJson, read_json
from shared.contracts import strict
from shared.contracts.reasons import explain
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.contracts.base import Event

MAX_BODY: Final = 256 * 1024
"""Bytes of an event's data; the largest honest event here is under 64 KiB."""
MAX_ATTRIBUTE: Final = 512
"""Characters of a context attribute."""
STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
_TEXTS: Final = frozenset(
    {
        *("specversion", "id", "source", "type", "subject", "time"),
        *("datacontenttype", "dataschema", "partitionkey"),
    }
)
"""The attributes that CloudEvents has as texts; of an extension nobody here knows the type."""
_REQUIRED: Final = ("specversion", "id", "source", "type")
_NAME: Final = re.compile("[a-z0-9]+")
_USUAL: Final = frozenset(
    {
        *("id", "source", "type", "subject", "time", "datacontenttype", "dataschema"),
        *("partitionkey", "sequence", "stream", "causesource", "causeid"),
    }
)
"""Names that need not be looked at each time."""
_NEVER_EMPTY: Final = ("subject", "time", "dataschema", "partitionkey")
_INTEGERS: Final = range(-(2**31), 2**31)
_JSON: Final = re.compile(r"[^/;]+/([^/;]+\+)?json *(;.*)?")

Headers = list[tuple[str, bytes]]


class Unreadable(Exception):
    """What arrived is no event that this service knows.

    Args:
        code: a short stable word for programs: `body`, `envelope`, `type` or `contract`.
        reason: one line for people.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Envelope(NamedTuple):
    """An event as it travels: context attributes and the bytes of its data."""

    source: str
    id: str
    type: str
    data: bytes
    extensions: Mapping[str, str] = MappingProxyType({})

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
    attributes, content_type = _attributes(headers)
    if content_type.startswith(BATCH):
        raise Unreadable("envelope", "a batch of events is taken over HTTP only, by POST /events")
    if content_type.startswith(STRUCTURED) or not attributes:
        return _structured(value)
    return _envelope(attributes, value, content_type)


def parse(
    envelope: Envelope, types: Mapping[str, type[Event]], *, to_record: bool = False
) -> Event:
    """Check the data against the contract of its type; strictly, if it is sent `to_record`.

    Raises:
        Unreadable: the type is unknown here, or the data breaks its contract.
    """
    model = types.get(envelope.type)
    if model is None:
        near = meant(envelope.type, sorted(types))
        raise Unreadable("type", f"the type {envelope.type!r} is not taken here; {near}")
    try:
        if to_record:
            return strict.read_json(model, envelope.data)
        return model.model_validate_json(envelope.data)
    except strict.Unfit as unfit:
        raise Unreadable("contract", str(unfit)) from None
    except ValidationError as error:
        raise Unreadable("contract", explain(error)) from None


def is_attribute(text: str) -> bool:
    """Whether a reader takes a text as a context attribute: short enough, and printable."""
    return len(text) <= MAX_ATTRIBUTE and text.isprintable()


def derived_id(*parts: object) -> str:
    """An id that is the same whenever it is made of the same parts: 32 hexadecimal digits."""
    return blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def binary_headers(
    *, source: str, id_: str, type_: str, extensions: Mapping[str, str] | None = None
) -> Headers:
    """The Kafka headers of an event in binary mode."""
    headers = [*_alike(source, type_), ("ce_id", id_.encode())]
    if extensions:
        headers += [(f"ce_{name}", text.encode()) for name, text in extensions.items()]
    return headers


@lru_cache(256)
def _alike(source: str, type_: str) -> tuple[tuple[str, bytes], ...]:
    """The headers that all events of a source and a type have."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_source", source.encode()),
        ("ce_type", type_.encode()),
        ("content-type", b"application/json"),
    )


def headers_of(envelope: Envelope) -> Headers:
    """The Kafka headers under which an envelope travels on."""
    return binary_headers(
        source=envelope.source,
        id_=envelope.id,
        type_=envelope.type,
        extensions=envelope.extensions,
    )


def _attributes(headers: Iterable[tuple[Any, Any]]) -> tuple[dict[str, str], str]:
    attributes: dict[str, str] = {}
    content_type = ""
    for name, raw in headers:
        prefix = name[:3]
        if prefix == "ce_":
            attributes[name[3:].lower()] = _text(name, raw)
        elif (lowered := name.lower()) == "content-type":
            content_type = _text(lowered, raw).lower()
        elif lowered.startswith(("ce_", "ce-")):
            attributes[lowered[3:]] = _text(lowered, raw)
    return attributes, content_type


def _text(name: str, raw: bytes | None) -> str:
    if raw is None:
        raise Unreadable("envelope", f"the header {name} is null")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Unreadable("envelope", f"the header {name} is not UTF-8") from None


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
    given = {name: _canonical(name, one) for name, one in document.items() if one is not None}
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


def _canonical(name: str, value: object) -> str:
    """An attribute as text, in the canonical form of its CloudEvents type."""
    if isinstance(value, str):
        return value
    if name in _TEXTS:
        raise Unreadable("envelope", f"the attribute {name} is not a text")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value in _INTEGERS:
        return str(value)
    kinds = "a text, a boolean or an integer of 32 bits"
    raise Unreadable("envelope", f"the attribute {name[:40]!a} is not {kinds}")


def _envelope(attributes: dict[str, str], data: bytes, content_type: str = "") -> Envelope:
    missing = [name for name in _REQUIRED if not attributes.get(name)]
    if missing:
        raise Unreadable("envelope", f"missing: {', '.join(missing)}")
    if attributes.pop("specversion") != "1.0":
        raise Unreadable("envelope", "only CloudEvents 1.0 is read")
    _check(attributes)
    declared = attributes.pop("datacontenttype", content_type)
    if declared not in {"", "application/json"} and not _JSON.fullmatch(declared.lower()):
        raise Unreadable("envelope", f"the data are declared as {declared[:80]!a}, not as JSON")
    return Envelope(
        source=attributes.pop("source"),
        id=attributes.pop("id"),
        type=attributes.pop("type"),
        data=data,
        extensions=attributes,
    )


def _check(attributes: Mapping[str, str]) -> None:
    """See that the attributes are such as the specification allows, and within our bounds."""
    for name, text in attributes.items():
        if not is_attribute(text):
            raise Unreadable("envelope", f"{name[:40]!a} is too long or has control characters")
    if not attributes.keys() <= _USUAL:
        _check_names(attributes.keys() - _USUAL)
    if "" in attributes.values():
        _check_filled(attributes)
    if " " in attributes["source"]:
        raise Unreadable("envelope", "source is a URI reference and has no blanks")
    if "time" in attributes:
        try:
            rfc3339.check(attributes["time"])
        except ValueError as error:
            raise Unreadable("envelope", f"time {error}") from None


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not _NAME.fullmatch(name) or name == "data":
            allowed = "lower-case letters a to z and digits, and `data` is none"
            raise Unreadable("envelope", f"{name[:40]!a} is no attribute's name: {allowed}")


def _check_filled(attributes: Mapping[str, str]) -> None:
    for name in _NEVER_EMPTY:
        if attributes.get(name) == "":
            raise Unreadable("envelope", f"{name} is empty: leave it out, or say it")


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
