"""Whether a type of the contracts takes a value."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError


def is_taken(type_: Any, value: Any) -> bool:
    """Whether a type takes a value, which must not depend on how it is read."""
    adapter = TypeAdapter[Any](type_)
    found = []
    for read, given in (
        (adapter.validate_python, value),
        (adapter.validate_json, json.dumps(value)),
    ):
        try:
            read(given)
        except ValidationError:
            found.append(False)
        else:
            found.append(True)
    assert found[0] == found[1], f"{value!r} is taken in one of two ways"
    return found[0]
