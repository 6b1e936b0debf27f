"""A first example of a type of event that has none: made of what the others' examples hold."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from shared.contracts.base import Event

Document = dict[str, Any]


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
    for name, field in model.model_fields.items():
        found = dict(_alike(field, examples))
        if name in found or (found and field.is_required()):
            made[name] = found.get(name, next(iter(found.values())))
        elif field.is_required():
            raise NoDraft(f"no other example has a value for its {name!r}")
    try:
        model.model_validate_json(json.dumps(made))
    except ValidationError as error:
        raise NoDraft(f"others' values do not fit: {error.errors()[0]['msg']}") from None
    return made


def _alike(
    field: FieldInfo, examples: Mapping[type[Event], Document]
) -> Iterator[tuple[str, object]]:
    """The values, by name, of fields that take the same."""
    for model, document in examples.items():
        for name, other in model.model_fields.items():
            if document.get(name) is not None and _kind(other) == _kind(field):
                yield name, document[name]


def _kind(field: FieldInfo) -> tuple[object, ...]:
    """What a field takes; whether it may be left out is another matter."""
    return field.annotation, *map(repr, field.metadata)
