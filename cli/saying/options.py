"""What options say, as the data of an event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.saying.fields import Field, Path

_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_YES_OR_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
_MOST_ITEMS: Final = 1000


class Unclear(Exception):
    """An option names nothing that there is, or has no value."""


def data_of(contract: Field, words: Sequence[str], whose: str) -> dict[str, Any]:
    """Read options as the data of a contract; whether these are good is not looked at.

    Args:
        contract: what can be given.
        words: as they were typed: `--member.name`, `Bonn`.
        whose: the contract's name, for messages.

    Raises:
        Unclear: the message names the option, and the nearest that there is.
    """
    data: dict[str, Any] = {}
    for option, value in _pairs(contract, words, whose):
        path = contract.place(option)
        if path is None:
            names = [name for name, _, _ in contract.names()]
            raise Unclear(f"{whose} has no field {option!r}; {meant(option, names)}")
        put(contract, data, path, value)
    return data


def _pairs(contract: Field, words: Sequence[str], whose: str) -> Iterator[tuple[str, str]]:
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if not word.startswith("--"):
            msg = f"{word!r} belongs to no field: fields are given as --field value"
            raise Unclear(msg)
        option, is_given, value = word[2:].partition("=")
        if not is_given:
            value = _value(contract, option, waiting, whose)
        yield option, value


def _value(contract: Field, option: str, waiting: list[str], whose: str) -> str:
    path = contract.place(option)
    if waiting and not waiting[-1].startswith("--"):
        return waiting.pop()
    if path and contract.at(path).kind == "boolean":
        return "yes"
    if path is None:
        return ""  # that there is no such field is said before that it has no value
    raise Unclear(f"{whose}: --{option} has no value")


def put(contract: Field, data: dict[str, Any], path: Path, value: str) -> None:
    """Put what was typed at its place; without a number, a list gets one more.

    Raises:
        Unclear: there stands something with fields of its own, and it is not said which one.
    """
    field, at = contract, data
    for place, step in enumerate(path):
        is_last = place == len(path) - 1
        inner = field.item if isinstance(step, int) else field.fields.get(step, field.item)
        if isinstance(step, int):
            at = _item(at, step, path[place + 1 :])  # type: ignore[arg-type]  # a list, here
        elif is_last:
            _put_last(inner, at, step, value)
        else:
            at = at.setdefault(step, [] if inner.kind == "array" else {})
        field = inner


def _put_last(field: Field, at: dict[str, Any], name: str, value: str) -> None:
    if field.kind == "array":
        at.setdefault(name, []).append(_one(field.item, value, name))
    else:
        at[name] = _one(field, value, name)


def _item(items: list[dict[str, Any]], number: int, rest: Path) -> dict[str, Any]:
    """One item of a list of objects: the one with the number, the last, or a new one.

    It is a new one where the last has that field already.
    """
    if number > _MOST_ITEMS:
        raise Unclear(f"{number} is too many: a list is given up to {_MOST_ITEMS}")
    if not number:
        number = len(items) or 1
        if items and _has(items[-1], rest):
            number += 1
    items += [{} for _ in range(number - len(items))]
    return items[number - 1]


def _has(item: Any, path: Path) -> bool:  # noqa: ANN401 - JSON
    for step in path:
        if isinstance(step, int):
            return False
        if not isinstance(item, dict) or step not in item:
            return False
        item = item[step]
    return True


def _one(field: Field, value: str, name: str) -> Any:  # noqa: ANN401 - JSON
    if field.fields:
        return _as_object(field, value, name)
    if field.is_by_language:
        raise Unclear(f"say in which language: --{name}.fr")
    if field.kind == "boolean":
        return _YES_OR_NO.get(value.lower(), value)
    if field.kind in {"integer", "number"} and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def _as_object(field: Field, value: str, name: str) -> dict[str, Any]:
    """What one word says of something with fields: whose id it is, or the one thing it must say."""
    if "id" in field.fields:
        return {"id": value}
    if len(field.required) == 1 and not field.fields[field.required[0]].fields:
        only = field.required[0]
        return {only: _one(field.fields[only], value, only)}
    parts = ", ".join(f"--{name}.{part}" for part in field.fields)
    raise Unclear(f"--{name} has parts: {parts}")
