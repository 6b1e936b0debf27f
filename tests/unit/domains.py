"""The services' domains, as the tests that hold for each of them see them."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from services import manifests
from shared.domain.decider import Decider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.contracts.base import Event
    from shared.domain.decider import Aggregate

SERVICES: Final = tuple(manifests.MANIFESTS)
ROOT: Final = Path(__file__).parents[2]


def decider_of(service: str) -> Decider[Any]:
    decider: Decider[Any] = import_module(f"services.{service}.domain.decider").DECIDER
    return decider


def taken_in(service: str) -> frozenset[type[Event]]:
    """What the service reads, from its inbox and from the others' topics."""
    sources = manifests.MANIFESTS[service].sources()
    inbox = manifests.MANIFESTS[service].inbox.values()
    return frozenset(inbox) | {event for source in sources for event in source.types.values()}


def published(service: str) -> frozenset[type[Event]]:
    return frozenset(manifests.MANIFESTS[service].publishes)


def modules(service: str) -> Iterator[Path]:
    """The files of a service's domain."""
    yield from sorted((ROOT / "services" / service / "domain").rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def table_of(aggregate: Aggregate[Any]) -> tuple[str, str]:
    """The file and line at which an aggregate's rows begin, and the table's name."""
    for name, module in list(sys.modules.items()):
        for variable, value in vars(module).items() if name.endswith(".table") else ():
            if value is aggregate:
                path = f"{name.replace('.', '/')}.py"
                return f"{path}:{_line_of_rows(ROOT / path, variable)}", variable
    msg = f"the aggregate {aggregate.kind!r} has no table.py"
    raise AssertionError(msg)


def _line_of_rows(path: Path, variable: str) -> int:
    lines = path.read_text().splitlines()
    table = next(n for n, line in enumerate(lines) if line.startswith(f"{variable}:"))
    return next(n for n, line in enumerate(lines[table:], table + 1) if "rows=" in line)


def nearest(decider: Decider[Any], event: type[Event]) -> Aggregate[Any]:
    """The aggregate whose events are most like an event: those with the nearest common base."""

    def likeness(aggregate: Aggregate[Any]) -> int:
        bases = set(event.__mro__)
        return max(len(bases.intersection(row.event.__mro__)) for row in aggregate.rows)

    return max(decider.aggregates.values(), key=likeness)


def rows_to_add(decider: Decider[Any], function: str, events: frozenset[type[Event]]) -> list[str]:
    """The lines that are missing in the tables, each with its file."""
    lines = []
    for event in sorted(events, key=lambda event: event.type):
        path, table = table_of(nearest(decider, event))
        lines.append(f"{path}: {table} needs `on({event.__name__}, {function}=…)`")
    return lines


def refuse(*_: object, **__: object) -> NoReturn:
    msg = "a rule was asked"
    raise AssertionError(msg)


def refusing(decider: Decider[Any]) -> Decider[Any]:
    """The same tables with every rule replaced by a refusal."""
    return Decider[Any](
        *(
            replace(a, rows=tuple(replace(row, decide=row.decide and refuse) for row in a.rows))
            for a in decider.aggregates.values()
        )
    )
