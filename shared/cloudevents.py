"""CloudEvents 1.0 over Kafka and HTTP: binary and structured in, binary out.

Reads what strangers send, so every failure is an `Unreadable` with a code and a reason, never
another exception; one bad record costs nothing but itself.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic import ValidationError
from pydantic_core import to_json

from shared.bodies import NotJson, read_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from shared.contracts.base import Event

MAX_BODY: Final = 256 * 1024
"""Bytes of an event's data; the largest honest event here is under 64 KiB."""
MAX_ATTRIBUTE: Final = 512
"""Characters of a context attribute."""
STRUCTURED: Final = "application/cloudevents+json"
_REQUIRED: Final = ("specversion", "id", "source", "type")
# `fromisoformat` alone takes far more: weeks, any separator, offsets with seconds.
_RFC3339: Final = re.compile(
    r"(?P<minute>[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2})"
    r":(?P<second>[0-9]{2})(\.[0-9]+)?(?P<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})?"
)

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
    if content_type.startswith(STRUCTURED) or not attributes:
        return _structured(value)
    return _envelope(attributes, value)


def parse(envelope: Envelope, types: Mapping[str, type[Event]]) -> Event:
    """Check the data against the contract of its type.

    Raises:
        Unreadable: the type is unknown here, or the data breaks its contract.
    """
    model = types.get(envelope.type)
    if model is None:
        raise Unreadable("type", f"the type {envelope.type!r} is not taken here")
    try:
        return model.model_validate_json(envelope.data)
    except ValidationError as error:
        raise Unreadable("contract", explain(error)) from None


def explain(error: ValidationError) -> str:
    """Say in one line what breaks the contract, without repeating the input."""
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    said = (f"{'.'.join(map(str, p['loc'])) or 'data'}: {p['msg']}" for p in problems[:10])
    return "; ".join(said)


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
        document = read_json(value)
    except NotJson as error:
        raise Unreadable("body", str(error)) from None
    if not isinstance(document, dict) or "specversion" not in document:
        raise Unreadable("envelope", "neither ce_ headers nor a structured CloudEvent")
    if "data" not in document:
        raise Unreadable("body", "the event has no JSON data")
    data = to_json(document.pop("data"))
    if not all(isinstance(item, str | int | bool) for item in document.values()):
        raise Unreadable("envelope", "a context attribute is neither text, number nor boolean")
    for name in _REQUIRED:
        if name in document and not isinstance(document[name], str):
            raise Unreadable("envelope", f"{name} is not text")
    return _envelope({name: str(item) for name, item in document.items()}, data)


def _envelope(attributes: dict[str, str], data: bytes) -> Envelope:
    missing = [name for name in _REQUIRED if not attributes.get(name)]
    if missing:
        raise Unreadable("envelope", f"missing: {', '.join(missing)}")
    if attributes["specversion"] != "1.0":
        raise Unreadable("envelope", "only CloudEvents 1.0 is read")
    for name, text in attributes.items():
        if not is_attribute(text):
            raise Unreadable("envelope", f"{name[:40]!a} is too long or has control characters")
    if " " in attributes["source"]:
        raise Unreadable("envelope", "source is a URI reference and has no blanks")
    if "time" in attributes:
        _check_time(attributes["time"])
    del attributes["specversion"]
    return Envelope(
        source=attributes.pop("source"),
        id=attributes.pop("id"),
        type=attributes.pop("type"),
        data=data,
        extensions=attributes,
    )


def _check_time(text: str) -> None:
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise Unreadable("envelope", "time is not an RFC 3339 timestamp")
    if match["offset"] is None:
        raise Unreadable("envelope", "time lacks its offset from UTC")
    minute, second, offset = match["minute"], match["second"], match["offset"].upper()
    try:
        # A leap second is a time, though not to Python.
        datetime.fromisoformat(f"{minute}:{'59' if second == '60' else second}{offset}")
    except ValueError:
        raise Unreadable("envelope", "time names no moment that there is") from None


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
