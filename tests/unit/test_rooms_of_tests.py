"""Tests share fakes and helpers through rooms of their own, never through another test."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS: Final = Path(__file__).parents[1]
ROOMS: Final = {"unit", "contract", "integration", "e2e", "faults", "benchmarks", "kube"}
"""Rooms of tests; whatever else is in `tests/` is for all of them."""


def imports() -> Iterator[tuple[str, str, str]]:
    """Each import of a module of ours: its place, the room of the importer, the module."""
    for path in sorted(TESTS.rglob("*.py")):
        room = path.relative_to(TESTS).parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
                place = f"{path.relative_to(TESTS.parent)}:{node.lineno}"
                yield from ((place, room, f"{node.module}.{alias.name}") for alias in node.names)


def test_no_test_is_imported() -> None:
    found = [
        f"{place} imports {name}: move what it needs into a module that is no test"
        for place, _, name in imports()
        if any(part.startswith("test_") for part in name.split(".")[:-1])
        or name.rpartition(".")[2].startswith("test_")
    ]
    assert not found, "\n".join(found)


def test_unit_tests_need_no_other_room() -> None:
    found = [
        f"{place} imports {name}: fakes are in tests/fakes, helpers beside it"
        for place, room, name in imports()
        if room == "unit" and name.split(".")[1] in ROOMS - {"unit"}
    ]
    assert not found, "\n".join(found)


def test_what_all_share_needs_no_room() -> None:
    """So that it can be read, and moved, alone; `unit` has the domains' own helpers."""
    found = [
        f"{place} imports {name}: move it into tests/"
        for place, room, name in imports()
        if room not in ROOMS and name.split(".")[1] in ROOMS - {"unit"}
    ]
    assert not found, "\n".join(found)
