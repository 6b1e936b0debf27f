"""No rule of today takes back what was published: folding history knows no rules."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

from shared.contracts import catalogue
from shared.domain.decider import Decider, Refused, fold
from tests.unit.domains import ROOT, SERVICES, decider_of, module_name, modules, published, taken_in
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from shared.contracts.base import Event

HISTORY: Final = ROOT / "data" / "history" / "events.jsonl"
GOLDEN: Final = ROOT / "tests" / "contract" / "golden"


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


def history(service: str) -> list[Event]:
    """The demo's events that a service reads."""
    types = {event.type: event for event in taken_in(service)}
    found = map(json.loads, HISTORY.read_text().splitlines())
    return [types[e["type"]].model_validate(e["data"]) for e in found if e["type"] in types]


def journal(service: str) -> list[tuple[str, Event]]:
    """What a service publishes of the demo's history, and the golden events, by stream."""
    folded, entries = Folded(decider_of(service)), []
    for event in history(service):
        stream = folded.decider.route(event, ("", "")).stream
        entries += [(stream, one) for one in folded.tell(event)]
    assert entries
    for model in published(service):
        golden = (GOLDEN / f"{model.type}.json").read_text()
        entries.append((f"golden/{model.__name__}", model.model_validate_json(golden)))
    return entries


def states(decider: Decider[Any], entries: Iterable[tuple[str, Event]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for stream, event in entries:
        read = catalogue.ALL[event.type].model_validate_json(event.model_dump_json())
        found[stream] = fold(decider, found.get(stream), [read])
    return found


def refuse(*_: object, **__: object) -> NoReturn:
    msg = "a rule was asked"
    raise AssertionError(msg)


@pytest.mark.parametrize("service", SERVICES)
def test_history_folds_the_same_where_every_rule_refuses(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, decider = journal(service), decider_of(service)
    before = states(decider, entries)
    assert sum(state is not None for state in before.values()) > 10
    for path in set(modules(service)) - folding(service):
        module = import_module(module_name(path))
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__:
                monkeypatch.setattr(module, name, refuse)
    monkeypatch.setattr(Refused, "__init__", refuse)
    refusing = Decider[Any](
        *(
            replace(a, rows=tuple(replace(row, decide=row.decide and refuse) for row in a.rows))
            for a in decider.aggregates.values()
        )
    )
    assert states(refusing, entries) == before
