"""CloudEvents' HTTP binding: how an attribute is written in a header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from shared.cloudevents import Headers
from shared.context_attributes import Unreadable
from shared.tracing.context import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable

_ATTRIBUTE: Final = "ce-"
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*)"')


def attribute_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """A request's headers as `cloudevents.read` takes them, the attributes decoded.

    The older way, a text in double quotes, is undone first, then one round of percent-encoding.
    A `%` that begins no code stands for itself.

    Raises:
        Unreadable: an attribute is there twice.
    """
    found: Headers = []
    seen: set[str] = set()
    for name, value in headers:
        raw = value.encode("latin-1")
        if name.startswith(_ATTRIBUTE):
            if name in seen and name.removeprefix(_ATTRIBUTE) not in NAMES:
                raise Unreadable("envelope", f"the header {name} is there twice")
            seen.add(name)
            raw = _decoded(raw)
        found.append((name, raw))
    return found


def _decoded(value: bytes) -> bytes:
    if quoted := _QUOTED.fullmatch(value):
        value = re.sub(rb"\\(.)", rb"\1", quoted[1])
    return unquote_to_bytes(value)
