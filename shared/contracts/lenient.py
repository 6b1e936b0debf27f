"""Contracts without their bounds: what was accepted once is readable for ever.

A contract that is tightened later, or a list of countries that loses one, binds what comes in from
then on. It must not take back history, so the journal, and the states that are folded from it, are
read without bounds on length, pattern or number, and what a validator refuses stays as it is.
"""

from __future__ import annotations

from functools import cache, wraps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pydantic import BaseModel
from pydantic_core import SchemaValidator

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import CoreSchema

M = TypeVar("M", bound=BaseModel)
V = TypeVar("V", bound="Callable[..., Any]")

_LENGTHS: Final = frozenset({"min_length", "max_length"})
_RANGES: Final = frozenset({"ge", "gt", "le", "lt", "multiple_of"})
_BOUNDS: Final = {
    "str": _LENGTHS | {"pattern"},
    "bytes": _LENGTHS,
    "int": _RANGES,
    "float": _RANGES,
    "decimal": _RANGES | {"max_digits", "decimal_places"},
    "list": _LENGTHS,
    "tuple": _LENGTHS,
    "set": _LENGTHS,
    "frozenset": _LENGTHS,
    "dict": _LENGTHS,
}
"""What each type's schema can bound."""
_VALIDATORS: Final = frozenset({"function-after", "function-before"})
_ONLY_REFUSES: Final = "only_refuses"
_NO_SCHEMA: Final = frozenset(
    {"cls", "config", "default", "expected", "function", "metadata", "serialization"}
)
"""Keys of a schema below which there is none."""


def only_refuses(check: V) -> V:
    """Mark a validator that gives back what it was given: here it has nothing to do.

    Each is a call of Python for each text of a state, when it is loaded and when it is folded.
    """
    setattr(check, _ONLY_REFUSES, True)
    return check


def read_json(model: type[M], data: bytes) -> M:
    """Read stored JSON without the bounds of its model; unknown fields are ignored.

    Raises:
        pydantic.ValidationError: something is missing, or of another type.
    """
    return cast("M", _of(model).validate_json(data))


def validator(model: type[BaseModel]) -> SchemaValidator:
    """Validates a model's data, and that of the models within, without bounds."""
    # Those that pydantic has built for the models within have their bounds: use none of them.
    return SchemaValidator(_loosened(model.__pydantic_core_schema__), None, False)  # noqa: FBT003


_of: Final = cache(validator)


def _loosened(schema: CoreSchema) -> CoreSchema:
    return cast("CoreSchema", _walked(schema))


def _walked(node: Any) -> Any:  # noqa: ANN401 - a schema is nested dictionaries and lists
    if isinstance(node, list | tuple):
        return [_walked(item) for item in node]
    if not isinstance(node, dict):
        return node
    kind = str(node.get("type"))  # among a model's fields, one may be named `type`
    if kind in _VALIDATORS and _is_needless(node):
        return _walked(node["schema"])
    bounds = _BOUNDS.get(kind, frozenset())
    loosened = {
        key: value if key in _NO_SCHEMA else _walked(value)
        for key, value in node.items()
        if key not in bounds
    }
    if kind in _VALIDATORS:
        call = node["function"]
        loosened["function"] = {**call, "function": _forgiving(call["function"])}
    return loosened


def _is_needless(node: Any) -> bool:  # noqa: ANN401 - likewise
    refuses = getattr(node["function"]["function"], _ONLY_REFUSES, False)
    return bool(refuses) and not node.keys() & {"ref", "serialization"}


def _forgiving(check: Callable[..., Any]) -> Callable[..., Any]:
    """A validator that completes what it can, and leaves as it is what it would refuse."""

    @wraps(check)
    def checked(value: Any, *info: Any) -> Any:  # noqa: ANN401 - as pydantic's validators
        try:
            return check(value, *info)
        except (ValueError, AssertionError):
            return value

    return checked
