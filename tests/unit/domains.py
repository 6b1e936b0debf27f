"""The services' deciders, and what can be asked of every one of them."""

from __future__ import annotations

import builtins
import dis
import importlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from shared.contracts import catalogue
from shared.domain.decider import Aggregate, Context, Decider, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.base import Event, Model
    from shared.pipeline.inbound import Source

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Domain:
    """One service's rules, with what it must have a row for.

    Attributes:
        taken: the types that it reads, from its inbox and from others' topics.
        published: the types of its events topic.
    """

    name: str
    decider: Decider[Any]
    taken: frozenset[type[Event]]
    published: frozenset[type[Event]]


def domain(name: str) -> Domain:
    """The rules of a service, with the types in its sources and its published language."""
    decider = importlib.import_module(f"services.{name}.domain").DECIDER
    sources: Sequence[Source] = importlib.import_module(f"services.{name}.subscribers").SOURCES
    taken = {event for source in sources for event in source.types.values()}
    taken |= set(catalogue.INBOX[name].values())
    published = importlib.import_module(f"shared.contracts.{name}").EVENTS
    return Domain(name, decider, frozenset(taken), frozenset(published))


DOMAINS: Final = [
    domain(name)
    for name in sorted(catalogue.INBOX)
    if hasattr(importlib.import_module(f"services.{name}.domain"), "DECIDER")
]


# --- rows that are missing -------------------------------------------------------------------


def missing(of: Domain, decider: Decider[Any] | None = None) -> list[str]:
    """What has no row, each with the file and line to add it at."""
    decider = decider or of.decider
    undecided = sorted(of.taken - decider.decided, key=str)
    unfolded = sorted(of.published - decider.evolved, key=str)
    return [
        *(_say(of, decider, event, "decide") for event in undecided),
        *(_say(of, decider, event, "evolve") for event in unfolded),
    ]


def _say(of: Domain, decider: Decider[Any], event: type[Event], what: str) -> str:
    likely = max(decider.aggregates.values(), key=lambda aggregate: _kinship(aggregate, event))
    return f"{_place(of.name, likely.kind)}: add on({event.__name__}, {what}=...)"


def _kinship(aggregate: Aggregate[Any], event: type[Event]) -> int:
    """How near the types of an aggregate's rows are to another: their common bases."""
    return max(len(set(row.event.__mro__) & set(event.__mro__)) for row in aggregate.rows)


def _place(name: str, kind: str) -> str:
    """The file and line at which the rows of an aggregate begin."""
    for path in sorted((ROOT / "services" / name / "domain").rglob("*.py")):
        source = path.read_text().splitlines()
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for number, line in enumerate(source, 1):
            variable, _, made = line.partition(": Final = ")
            if made == "Aggregate(" and vars(sys.modules[module])[variable].kind == kind:
                rows = next(n for n, row in enumerate(source[number:]) if "rows=(" in row)
                return f"{path.relative_to(ROOT)}:{number + rows + 1}"
    msg = f"no module of services.{name}.domain makes the aggregate {kind!r}"
    raise LookupError(msg)


# --- what a function can reach ---------------------------------------------------------------


def refusing(function: Any) -> list[str]:
    """Names of what a function reaches, in services and the shared domain, that may refuse."""
    return [
        f"{reached.__module__}.{reached.__qualname__}"
        for reached in _reached(function)
        if _is_ours(reached) and _may_refuse(reached)
    ]


def _is_ours(function: FunctionType) -> bool:
    return function.__module__.startswith(("services.", "shared.domain."))


def _may_refuse(function: FunctionType) -> bool:
    raises = any(
        instruction.opname == "RAISE_VARARGS"
        for code in _codes(function.__code__)
        for instruction in dis.get_instructions(code)
    )
    return raises or any(value is Refused for value in _values(function))


def _reached(function: Any) -> list[FunctionType]:
    """Every function whose code a function's own names, whatever the arguments."""
    found: dict[FunctionType, None] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        one = getattr(one, "__func__", one)
        if isinstance(one, FunctionType) and one not in found:
            found[one] = None
            waiting += _values(one)
    return list(found)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _values(function: FunctionType) -> list[Any]:
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    known = {**vars(builtins), **function.__globals__}
    values = [known[name] for name in names if name in known]
    within = [value for value in values if isinstance(value, ModuleType | type)]
    values += [getattr(value, name) for value in within for name in names if hasattr(value, name)]
    return values + [cell.cell_contents for cell in function.__closure__ or ()]


def models(model: type[Model]) -> Iterator[type[Model]]:
    """All models that there are, made of one."""
    for made in model.__subclasses__():
        yield made
        yield from models(made)


# --- rules that refuse everything ------------------------------------------------------------


def refuse(state: Any, event: Event, context: Context) -> Sequence[Event]:
    """A rule of today that would take back all of history, if history asked it."""
    del state, event, context
    raise Refused("nothing is allowed")


def refusing_all(decider: Decider[Any]) -> Decider[Any]:
    """The same tables with every rule replaced by a refusal."""
    return Decider(
        *(
            replace(
                aggregate,
                rows=tuple(replace(row, decide=row.decide and refuse) for row in aggregate.rows),
            )
            for aggregate in decider.aggregates.values()
        )
    )
