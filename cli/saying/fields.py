"""The fields of a contract, as options name them: `--member.name`, `--member-name`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shared.contracts.strict import schema_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pydantic import BaseModel

Path = tuple[int | str, ...]
"""Where something stands in data."""
_SEPARATORS: Final = re.compile(r"[._-]")
_DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A place in a contract: an object with fields, a list, texts by language, or one value.

    Attributes:
        schema: its JSON Schema, as it stands in its object: with a description, perhaps.
        root: the schema of the whole, which has the definitions.
    """

    schema: Mapping[str, Any]
    root: Mapping[str, Any]

    @classmethod
    def of(cls, model: type[BaseModel]) -> Field:
        """A whole contract."""
        return cls(schema_of(model), schema_of(model))

    @property
    def kind(self) -> str:
        """What stands there: object, array, string, integer, number or boolean."""
        return str(self._inner.get("type", "string"))

    @property
    def fields(self) -> Mapping[str, Field]:
        """The fields of an object, by name; nothing else has any."""
        found = self._inner.get("properties", {})
        return {name: Field(one, self.root) for name, one in found.items()}

    @property
    def required(self) -> Sequence[str]:
        """Those of its fields that have to be given."""
        return tuple(self._inner.get("required", ()))

    @property
    def is_by_language(self) -> bool:
        """Whether it is texts, each under its language."""
        return self.kind == "object" and "properties" not in self._inner

    @property
    def item(self) -> Field:
        """What a list is of; of texts by language, one of them."""
        inner = self._inner.get("items") or self._inner.get("additionalProperties") or {}
        return Field(inner, self.root)

    @property
    def choices(self) -> Sequence[str]:
        """The values that there are, where they are few."""
        return tuple(map(str, self._inner.get("enum", ())))

    @property
    def meaning(self) -> str:
        """What to give, in a few words."""
        if self.kind == "array":
            return f"{self.item.meaning}; again for each"
        if self.is_by_language:
            return "by language, as .fr"
        if self.choices:
            return ", ".join(self.choices)
        if self.fields:
            return "its id, or its parts" if "id" in self.fields else "its parts"
        words = _described(self.schema) or _described(self._inner)
        return words or {"boolean": "yes or no"}.get(self.kind, "")

    @property
    def _inner(self) -> dict[str, Any]:
        return within(dict(self.schema), dict(self.root))

    def at(self, path: Path) -> Field:
        """What stands at a place; of a list, at the place of each of its items."""
        found = self
        for step in path:
            found = found.item if isinstance(step, int) else found.fields.get(step, found.item)
        return found

    def names(self, before: str = "", depth: int = 0) -> Iterator[tuple[str, Field, bool]]:
        """All that can be given, as options name it, with whether it must be; what must be first.

        What has an id is given by it alone, or by its parts.
        """
        for name in sorted(self.fields, key=lambda one: one not in self.required):
            one, must, named = self.fields[name], name in self.required, f"{before}{name}"
            inner = one.item if one.kind == "array" else one
            if "id" in inner.fields:
                yield named, one, must
            if inner.fields and depth < _DEEPEST:
                for within_it, field, needed in inner.names(f"{named}.", depth + 1):
                    yield within_it, field, must and needed
            else:
                yield named, one, must

    def place(self, option: str) -> Path | None:
        """The place that an option names; None where there is none."""
        return _place(self, tuple(_SEPARATORS.split(option)))


def _described(schema: Mapping[str, Any]) -> str:
    """What a schema says of itself, with its examples."""
    examples = ", ".join(map(str, schema.get("examples", ())))
    words = str(schema.get("description", "")).partition("\n")[0]
    return " ".join(filter(None, (words, f"Such as {examples}." if examples else "")))


def _place(field: Field, words: tuple[str, ...]) -> Path | None:
    """The place that words lead to, the longest name first: `signed-by` is not in `signed`."""
    if not words:
        return ()
    if field.kind == "array":
        if not field.item.fields:
            return None
        number, rest = (int(words[0]), words[1:]) if words[0].isdecimal() else (0, words)
        inner = _place(field.item, rest)
        return None if inner is None else (number, *inner)
    if field.is_by_language:
        return ("-".join(words),)
    for count in range(len(words), 0, -1):
        name = "_".join(words[:count]).lower()
        if name in field.fields:
            inner = _place(field.fields[name], words[count:])
            if inner is not None:
                return (name, *inner)
    return None
