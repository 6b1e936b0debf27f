"""Ask at a terminal for what is missing, until the contract is content."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from cli.saying.options import put
from shared.contracts import strict
from shared.contracts.strict import Unfit

if TYPE_CHECKING:
    from pydantic import BaseModel

    from cli.saying.fields import Field, Path

Ask = Callable[[str], str]
"""Asks a person for one thing."""
_MOST_TIMES: Final = 60
_A_REFERENCE: Final = ("name", "country", "kind")


def completed(
    model: type[BaseModel], contract: Field, data: dict[str, Any], ask: Ask | None
) -> dict[str, Any]:
    """The data, once they are good.

    Args:
        model: the contract.
        contract: its fields.
        data: what was given; completed here.
        ask: asks a person for one thing; None where there is nobody to ask.

    Raises:
        Unfit: they are not, and there is nobody to ask, or nothing more to ask for.
    """
    for _ in range(_MOST_TIMES):
        try:
            strict.read_json(model, to_json(data))
        except Unfit as unfit:
            place = unfit.flaws[0].place
            if ask is None or not place:
                raise
            _ask_for(contract, data, place, f"{unfit.flaws[0].reason}\n", ask)
        else:
            return data
    raise Unfit([strict.Flaw((), "too much is wrong with it: give it as options")])


def _ask_for(contract: Field, data: dict[str, Any], place: Path, why: str, ask: Ask) -> None:
    """Ask for what is wrong or missing at a place."""
    path = _known(contract, place)
    field = contract.at(path)
    if field.kind == "array":
        _ask_for_each(contract, data, path, ask)
    elif field.fields:
        _ask_for_parts(contract, data, path, ask)
    else:
        put(contract, data, path, ask(_question(field, path, why)))


def _known(contract: Field, place: Path) -> Path:
    """The place as our options have it, whose lists begin with 1."""
    path: list[int | str] = []
    for step in place:
        field = contract.at(tuple(path))
        if not field.fields and not (field.kind == "array" and field.item.fields):
            break
        path.append(step + 1 if isinstance(step, int) else step)
    return tuple(path)


def _ask_for_each(contract: Field, data: dict[str, Any], path: Path, ask: Ask) -> None:
    """Ask for the items of a list, one after another; an empty line ends it."""
    field = contract.at(path)
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step - 1] if isinstance(step, int) else inner.setdefault(step, {})
    inner.pop(path[-1], None)
    while answer := ask(f"{_named(path)} ({field.item.meaning or 'one'}; empty: no more)"):
        put(contract, data, path, answer)


def _ask_for_parts(contract: Field, data: dict[str, Any], path: Path, ask: Ask) -> None:
    """Ask for the parts of something: those it must have, or whose id it is."""
    field = contract.at(path)
    needed = field.required
    if not needed and "id" in field.fields:
        if id_ := ask(f"{_named((*path, 'id'))} (as lists show it; empty: by its name)"):
            put(contract, data, (*path, "id"), id_)
            return
        needed = _A_REFERENCE
    for part in needed or field.fields:
        if answer := ask(_question(field.fields[part], (*path, part), "")):
            put(contract, data, (*path, part), answer)


def _question(field: Field, path: Path, why: str) -> str:
    meaning = f" ({field.meaning})" if field.meaning else ""
    return f"{'' if why.startswith('it is missing') else why}{_named(path)}{meaning}"


def _named(path: Path) -> str:
    return ".".join(map(str, path))
