"""JSON that strangers send: read, or refused with what is wrong in it, and where."""

from __future__ import annotations

import re
from typing import Any, Final

from pydantic_core import from_json

_BOMS: Final = {
    b"\xef\xbb\xbf": "UTF-8",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_PLACE: Final = re.compile(r"(?P<what>.*) at line (?P<line>\d+) column (?P<column>\d+)", re.DOTALL)
_NO_NUMBER: Final = re.compile(rb"-?(NaN|nan|Infinity|inf)\b")
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_CONTEXT: Final = 12
"""Bytes before the place at which a reader stops in which what it stumbled over may begin."""


class NotJson(ValueError):
    """A body is no JSON; the message says why and where."""


def read_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON in UTF-8.

    Raises:
        NotJson: it is none.
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise NotJson(_reason(body, str(error))) from None


def _reason(body: bytes, error: str) -> str:
    for mark, encoding in _BOMS.items():
        if body.startswith(mark):
            return f"the body begins with the byte-order mark of {encoding}: send UTF-8 without one"
    try:
        body.decode()
    except UnicodeDecodeError as wrong:
        return f"the body is not UTF-8: byte {wrong.start + 1}{_line(body, wrong.start)}"
    if not body.strip():
        return "the body is empty, not JSON"
    place = _PLACE.fullmatch(error)
    if place is None:
        return f"the body is not JSON: {error}"
    line, column = int(place["line"]), int(place["column"])
    what = _what(body, place["what"], line, column)
    return f"the body is not JSON: {what} at line {line}, byte {column}"


def _what(body: bytes, reason: str, line: int, column: int) -> str:
    """What stands at a place, in words that name the mistake where it is a common one."""
    lines = body.split(b"\n", line)
    there = lines[line - 1] if line <= len(lines) else b""
    near = there[max(0, column - _CONTEXT) : column + _CONTEXT]
    if "recursion" in reason:
        return "it is nested too deeply (200 levels are read)"
    if number := _NO_NUMBER.search(near):
        return f"{number[0].decode()} is no number in JSON"
    if "hex escape" in reason or (_SURROGATE.search(near) and "string" not in reason):
        return "half of a surrogate pair"
    return reason


def _line(body: bytes, at: int) -> str:
    before = body[:at]
    return f", in line {before.count(10) + 1}"
