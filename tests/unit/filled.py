"""Events filled to the bounds of their contracts, made from the contracts' own JSON Schemas."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pycountry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from shared.contracts.base import Event

WIDE: Final = "\U00010348"
"""A letter of four bytes in UTF-8."""
LANGUAGES: Final = sorted(
    language.alpha_2 for language in pycountry.languages if hasattr(language, "alpha_2")
)
_TIMES: Final = 3
_LINK_BYTES: Final = 1000


def _has_lists(schema: dict[str, Any], named: dict[str, Any]) -> bool:
    """Whether it holds lists: full lists of full lists are more than any message can hold."""
    if "$ref" in schema:
        schema = named[schema["$ref"].rpartition("/")[2]]
    fields = schema.get("properties", {}).values()
    return schema.get("type") == "array" or any(one.get("type") == "array" for one in fields)


@dataclass(frozen=True, slots=True)
class Filling:
    """How far to fill.

    Attributes:
        most: items of a list at most, whatever its bound is.
        beyond: fill texts, lists and maps beyond their bounds, and name an unknown country.
        numbers: tell texts apart.
    """

    most: int = 1_000_000
    beyond: bool = False
    numbers: Iterator[int] = field(default_factory=count)

    def fill(self, model: type[BaseModel]) -> dict[str, Any]:
        """The JSON of a model with each of its fields filled."""
        schema = _schema(model)
        filled: dict[str, Any] = self._value(schema, schema.get("$defs", {}))
        return filled

    def stretch(self, event: Event) -> dict[str, Any]:
        """The JSON of an event as it is, with its texts and lists beyond their bounds."""
        schema = _schema(type(event))
        data = json.loads(event.model_dump_json(exclude_none=True))
        stretched: dict[str, Any] = self._stretched(data, schema, schema.get("$defs", {}))
        return stretched

    def _stretched(self, data: Any, schema: dict[str, Any], named: dict[str, Any]) -> Any:  # noqa: PLR0911 - one line for each kind of schema
        if "$ref" in schema:
            return self._stretched(data, named[schema["$ref"].rpartition("/")[2]], named)
        if "anyOf" in schema:
            return self._stretched(data, schema["anyOf"][0], named)
        match data:
            case dict() if "properties" in schema:
                fields = schema["properties"]
                return {n: self._stretched(value, fields[n], named) for n, value in data.items()}
            case list():
                items = [self._stretched(item, schema["items"], named) for item in data]
                more = schema.get("maxItems", 0) + _TIMES - len(items)
                return items + items[:1] * (_TIMES if _has_lists(schema["items"], named) else more)
            case str() if "maxLength" in schema and "pattern" not in schema:
                return data.ljust(_TIMES * schema["maxLength"], WIDE)
            case str() if schema.get("examples") == ["DE"]:
                return "XX"
            case _:
                return data

    def _value(self, schema: dict[str, Any], named: dict[str, Any]) -> Any:  # noqa: PLR0911 - one line for each kind of schema
        if "$ref" in schema:
            return self._value(named[schema["$ref"].rpartition("/")[2]], named)
        if "anyOf" in schema:
            choices = [one for one in schema["anyOf"] if one != {"type": "null"}]
            # Where a decimal number may be given as text, it is published so.
            return "12.345678" if len(choices) > 1 else self._value(choices[0], named)
        if "const" in schema or "enum" in schema:
            return schema.get("const") or schema["enum"][0]
        match schema.get("type"):
            case None:  # any JSON
                return "x"
            case "object" if "properties" in schema:
                return {n: self._value(s, named) for n, s in schema["properties"].items()}
            case "object":
                return self._map(schema, named)
            case "array":
                return self._list(schema, named)
            case "string":
                return self._text(schema)
            case "boolean":
                return True
            case _:
                return schema.get("maximum", 10**12)

    def _list(self, schema: dict[str, Any], named: dict[str, Any]) -> list[Any]:
        length = min(self.most, schema.get("maxItems", self.most)) + (_TIMES if self.beyond else 0)
        length = max(length, schema.get("minItems", 0))
        if "uniqueItems" in schema and "enum" in schema["items"]:
            return list(schema["items"]["enum"][:length])
        items = [self._value(schema["items"], named) for _ in range(length)]
        # Numbers of one list are numbers of different things, and so are commitments.
        for n, item in enumerate(items):
            if isinstance(item, int):
                items[n] = item - n
            elif isinstance(item, dict) and isinstance(item.get("point"), int):
                item["point"] = max(item["point"] - n, 1)
        return items

    def _map(self, schema: dict[str, Any], named: dict[str, Any]) -> dict[str, Any]:
        length = min(self.most, schema.get("maxProperties", self.most)) + (
            _TIMES if self.beyond else 0
        )
        keys = schema.get("propertyNames", {}).get("enum", LANGUAGES)
        return {key: self._value(schema["additionalProperties"], named) for key in keys[:length]}

    def _text(self, schema: dict[str, Any]) -> str:
        pattern, most = schema.get("pattern", ""), schema.get("maxLength", 0)
        number = str(next(self.numbers))
        if schema.get("format") == "date-time":
            return "2020-05-04T09:30:00Z"
        if "examples" in schema and most <= 10:  # a code or a date: of one length
            return "XX" if self.beyond and schema["examples"] == ["DE"] else _to_the_day(schema)
        length = (most or 60) * (_TIMES if self.beyond else 1)
        match pattern[:4]:
            case "^htt":
                return _link(number, length)
            case "^[a-" | "^[!-":
                return number.rjust(length, "a")
            case "^[A-":
                return "K" * length
            case _:
                return f"{number} ".ljust(length, WIDE)


@cache
def _schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _link(number: str, length: int) -> str:
    """A link is bounded in characters, and in bytes as well."""
    beginning = f"https://{number}.org/"
    most = _LINK_BYTES if length <= _LINK_BYTES // 2 else 4 * length
    return beginning + WIDE * ((most - len(beginning)) // len(WIDE.encode()))


def _to_the_day(schema: dict[str, Any]) -> str:
    example: str = schema["examples"][0]
    return "2010-10-25" if schema.get("pattern", "").startswith(r"^\d{4}") else example
