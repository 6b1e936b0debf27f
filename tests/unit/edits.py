"""For any cell another value that its column takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WITHIN: Final = {
    "title": "Other",
    "name": "Other",
    "value": 8,
    "outcome": "Other",
    "policies": ["Other"],
    "now": 9,
    "date": "2001",
    "role": "Other",
}
"""What a field of an object is edited to, the first one that is there."""
_TEXTS: Final = {
    r"https?:.*": "https://b.example",
    r"[0-9]+([.][0-9]+)": "17",
    r"EUR": "CHF",
    r"[A-Z]{2}-[0-9]{2}": "JP-13",
}


def another(value: Any, schema: Mapping[str, Any]) -> Any:
    """Another value of the kind."""
    if "enum" in schema:
        return next(one for one in schema["enum"] if one != value)
    if isinstance(value, int | float):
        return value - 1
    if isinstance(value, list):
        return [another(value[0], schema.get("items", {})), *value[1:]]
    if isinstance(value, dict):
        field = next((name for name in _WITHIN if value.get(name)), None)
        return {**value, field: _WITHIN[field]} if field else {"de": "Anders"}
    return _text(value, schema)


def _text(value: str, schema: Mapping[str, Any]) -> str:
    if re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", value):
        return "2007" + value[4:]
    for pattern, other in _TEXTS.items():
        if re.fullmatch(pattern, value):
            return other
    return "other" if "pattern" in schema else "Other"
