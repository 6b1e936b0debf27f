"""What a type of event says, for other programs: its JSON Schema under a name of its own."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from shared.contracts.base import Event

Document = dict[str, Any]

EXAMPLES: Final = files("shared.contracts") / "examples"
"""An example of the data of each type, in a file `<type>.json`."""

GROWS: Final = (
    "Ignore types and fields that you do not know, and be ready for new values of enumerations, for"
    " longer texts and lists, and for other forms of what a pattern describes."
)
"""What within `v1` may happen to whoever reads, as our documents tell them."""


def schema_id(type_: str) -> str:
    """The name of the schema of a type's data: its `$id`, and `dataschema` of what we publish."""
    return f"urn:coalition:{type_}"


def example(type_: str) -> Document | None:
    """An example of a type's data; None where there is none yet."""
    file = EXAMPLES / f"{type_}.json"
    found: Document | None = json.loads(file.read_text("utf-8")) if file.is_file() else None
    return found


@cache
def schema(model: type[Event]) -> Document:
    """The JSON Schema of a type's data, complete in itself."""
    one = example(model.type)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": schema_id(model.type),
        **model.model_json_schema(),
        **({"examples": [one]} if one else {}),
    }
