"""No rule of today takes back what was published: folding history knows no rules."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import pytest

from services import manifests
from shared.contracts.base import Model
from shared.domain.decider import Decider, Refused, fold
from shared.domain.state import State
from tests.unit.domains import (
    ROOT,
    SERVICES,
    decider_of,
    module_name,
    modules,
    published,
    refuse,
    refusing,
)
from tests.unit.histories import golden, histories

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shared.contracts.base import Event


# --- by its imports ------------------------------


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """What a module imports at run time or for its types: modules, and names from them."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def folding(service: str) -> set[Path]:
    """The modules named evolve, and what they import of their domain."""
    of_domain = {module_name(path): path for path in modules(service)}
    found: set[Path] = set()
    ahead = {p for name, p in of_domain.items() if "evolve" in name.split(".")[-2:]}
    while ahead:
        found |= ahead
        used = {n for path in ahead for m, name in imports(path) for n in (m, f"{m}.{name}")}
        ahead = {of_domain[name] for name in used & of_domain.keys()} - found
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_what_folds_imports_no_refusal(service: str) -> None:
    assert folding(service)
    wrong = [
        f"{path.relative_to(ROOT)} imports {name or module}: what folds cannot refuse"
        for path in folding(service)
        for module, name in imports(path)
        if name == "Refused" or name.startswith("refuse") or "decide" in {name, *module.split(".")}
    ]
    assert not wrong, "\n".join(wrong)


# --- by replaying history ------------------------------

OF_THE_DEMO: Final = {"membership", "plans", "notifications"}
"""The services that the demo's history is about; of another there are golden events alone."""


def journal(service: str) -> list[tuple[str, Event]]:
    """What a service publishes of the demo's history, and the golden events, by stream."""
    history = histories()[service].published
    entries = [(stream, event) for stream, events in history.items() for event in events]
    assert entries or service not in OF_THE_DEMO
    return entries + [(f"golden/{model.__name__}", golden(model)) for model in published(service)]


def states(decider: Decider[Any], entries: Iterable[tuple[str, Event]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stream, event in entries:
        read = manifests.EVENTS[event.type].model_validate_json(event.model_dump_json())
        found[stream] = fold(decider, found.get(stream), [read])
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_history_folds_the_same_where_every_rule_refuses(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, decider = journal(service), decider_of(service)
    before = states(decider, entries)
    assert sum(state is not None for state in before.values()) > (10 * (service in OF_THE_DEMO))
    # All are there before the first of them refuses: what is made once is made by rules.
    others = [import_module(module_name(path)) for path in set(modules(service)) - folding(service)]
    for module in others:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                monkeypatch.setattr(module, name, refuse)
    monkeypatch.setattr(Refused, "__init__", refuse)
    assert states(refusing(decider), entries) == before


@pytest.mark.parametrize("service", SERVICES)
def test_every_event_is_folded_into_nothing_and_into_every_state_there_is(service: str) -> None:
    decider = refusing(decider_of(service))
    there = [*states(decider, journal(service)).values()]
    for aggregate in decider.aggregates.values():
        for row in aggregate.rows:
            for state in (None, *(s for s in there if isinstance(s, aggregate.state))):
                if row.evolve:
                    decider.evolve(state, golden(row.event))


@pytest.mark.parametrize("service", ["plans", "notifications"])
def test_what_is_kept_is_never_too_strict_for_history(service: str) -> None:
    of_domain = {module_name(path) for path in modules(service)}
    kept = [model for model in subclasses(Model) if model.__module__ in of_domain]
    assert kept
    assert [model for model in kept if not issubclass(model, State)] == []


def subclasses(model: type[Model]) -> Iterator[type[Model]]:
    for made in model.__subclasses__():
        yield made
        yield from subclasses(made)
