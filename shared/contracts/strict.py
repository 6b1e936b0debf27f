"""Contracts as an inbox reads them: a field that no contract has is refused, not dropped.

Published events are read with fields of a newer publisher left out, since two services need not be
upgraded at once. What is sent to be recorded is another matter: a field that is dropped there is
lost for ever, and nobody hears of it. Names that begin with `x-` are their publisher's own.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import SchemaValidator, from_json

from shared.contracts import reasons
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic_core import CoreSchema, ErrorDetails

M = TypeVar("M", bound=BaseModel)

OWN_PREFIX: Final = "x-"
_MOST: Final = 10
_NO_SCHEMA: Final = frozenset(
    {"cls", "config", "default", "expected", "function", "metadata", "serialization"}
)
"""Keys of a schema below which there is none."""


class Flaw(NamedTuple):
    """What is wrong with data, and where in them; an empty place means all of them together."""

    place: tuple[int | str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.place)) or 'data'}: {self.reason}"


class Unfit(Exception):
    """Data that breaks its contract, or has a field that it does not have; one line says where."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__("; ".join(map(str, self.flaws)))


def read_json(model: type[M], data: bytes) -> M:
    """Read what a publisher sends.

    Raises:
        Unfit: it breaks its contract, or has a field that is in none.
    """
    try:
        return cast("M", _of(model).validate_json(data))
    except ValidationError as error:
        if not any(map(_is_own, reasons.problems(error))):
            raise Unfit(_flaws(error, model)) from None
    try:
        return cast("M", _of(model).validate_python(_without_own(from_json(data)), strict=False))
    except ValidationError as error:
        raise Unfit(_flaws(error, model)) from None


@cache
def _of(model: type[BaseModel]) -> SchemaValidator:
    # Those that pydantic has built for the models within take any field: use none of them.
    schema = cast("CoreSchema", _forbidding(model.__pydantic_core_schema__))
    return SchemaValidator(schema, None, False)  # noqa: FBT003 - positional in pydantic-core


def _forbidding(node: Any) -> Any:  # noqa: ANN401 - a schema is nested dictionaries and lists
    if isinstance(node, list | tuple):
        return [_forbidding(item) for item in node]
    if not isinstance(node, dict):
        return node
    forbidding = {k: v if k in _NO_SCHEMA else _forbidding(v) for k, v in node.items()}
    if node.get("type") == "model-fields":
        forbidding["extra_behavior"] = "forbid"
    return forbidding


def _is_own(problem: ErrorDetails) -> bool:
    return problem["type"] == "extra_forbidden" and _name(problem).startswith(OWN_PREFIX)


def _name(problem: ErrorDetails) -> str:
    return str(problem["loc"][-1]) if problem["loc"] else ""


def _without_own(data: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(data, list):
        return [_without_own(one) for one in data]
    if isinstance(data, dict):
        return {k: _without_own(v) for k, v in data.items() if not k.startswith(OWN_PREFIX)}
    return data


def _flaws(error: ValidationError, model: type[BaseModel]) -> Iterator[Flaw]:
    for problem in reasons.problems(error)[:_MOST]:
        reason = reasons.reason(problem)
        if problem["type"] == "extra_forbidden":
            fields = sorted(_fields(model, problem["loc"][:-1]))
            reason = f"there is no such field; {meant(_name(problem), fields)}"
        yield Flaw(problem["loc"], reason)


def _fields(model: type[BaseModel], path: Sequence[str | int]) -> Sequence[str]:
    """The fields of the model at a place in the data."""
    schema = schema_of(model)
    node: dict[str, Any] = schema
    for step in path:
        node = within(node, schema)
        node = node.get("items", {}) if isinstance(step, int) else node["properties"].get(step, {})
    return list(within(node, schema).get("properties", ()))


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a contract."""
    # A publisher may be wrong in the same way in each of its events, and to make it takes long.
    return model.model_json_schema()


def within(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its reference followed, and its null left out."""
    for choice in node.get("anyOf", ()):
        if choice.get("type") != "null":
            return within(choice, schema)
    if "$ref" in node:
        return within(schema["$defs"][node["$ref"].rpartition("/")[2]], schema)
    return node
