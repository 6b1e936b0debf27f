"""A first example of a type of event that has none: made of what the others' examples hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from shared.contracts.base import Event

Document = dict[str, Any]

_NULL: Final = {"type": "null"}
_WORDS: Final = {"title", "description", "default", "examples"}


class NoDraft(Exception):
    """A field has a type that no example has yet."""


def draft(model: type[Event], examples: Mapping[type[Event], Document]) -> Document:
    """An example of a type: its fields as other examples have them.

    Args:
        model: the type.
        examples: those that there are.

    Raises:
        NoDraft: a person has to think of it; the message says what no other example has.
    """
    made: Document = {}
    for name, kind in _kinds(model).items():
        found = dict(_alike(kind, examples))
        is_required = model.model_fields[name].is_required()
        if name in found or (found and is_required):
            made[name] = found.get(name, next(iter(found.values())))
        elif is_required:
            raise NoDraft(f"no other example has a value for its {name!r}")
    try:
        model.model_validate_json(json.dumps(made))
    except ValidationError as error:
        raise NoDraft(f"others' values do not fit: {error.errors()[0]['msg']}") from None
    return made


def _alike(kind: Document, examples: Mapping[type[Event], Document]) -> Iterator[tuple[str, Any]]:
    """The values, by name, of fields that take the same."""
    for model, document in examples.items():
        for name, other in _kinds(model).items():
            if other == kind and document.get(name) is not None:
                yield name, document[name]


@cache
def _kinds(model: type[Event]) -> Document:
    """What each field takes; how it is called and whether it may be left out is another matter."""
    return {name: _kind(one) for name, one in model.model_json_schema()["properties"].items()}


def _kind(schema: Document) -> Document:
    (only, *others) = [one for one in schema.get("anyOf", (schema,)) if one != _NULL]
    return {"anyOf": [only, *others]} if others else {k: only[k] for k in only.keys() - _WORDS}
