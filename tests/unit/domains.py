"""The services' deciders, and what can be asked of every one of them."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shared.contracts import catalogue
from shared.domain.decider import Aggregate, Context, Decider, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.contracts.base import Event, Model
    from shared.pipeline.inbound import Source

ROOT: Final = Path(__file__).parents[2]
_TABLE: Final = re.compile(r"(\w+): .* = Aggregate\(")


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


DOMAINS: Final = [domain(name) for name in sorted(catalogue.INBOX)]


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
            made = _TABLE.fullmatch(line)
            if made and vars(sys.modules[module])[made[1]].kind == kind:
                rows = next(n for n, row in enumerate(source[number:]) if "rows=(" in row)
                return f"{path.relative_to(ROOT)}:{number + rows + 1}"
    msg = f"no module of services.{name}.domain makes the aggregate {kind!r}"
    raise LookupError(msg)


# --- what folds --------------------------------------------------------------------------------


def modules(name: str) -> Iterator[Path]:
    """The files of a service's domain."""
    yield from sorted((ROOT / "services" / name / "domain").rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """What a module imports, also for its types alone: modules, and names from them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def folding(name: str) -> set[Path]:
    """The modules named evolve, and what they import of their domain."""
    of_domain = {_module(path): path for path in modules(name)}
    found: set[Path] = set()
    ahead = {path for path in of_domain.values() if path.stem == "evolve"}
    while ahead:
        found |= ahead
        used = {n for path in ahead for m, one in imports(path) for n in (m, f"{m}.{one}")}
        ahead = {of_domain[module] for module in used & of_domain.keys()} - found
    return found


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


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
