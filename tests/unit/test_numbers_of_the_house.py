"""The house's numbers hold: no long file, no long function, no class that does everything.

Whoever must exceed one adds a line here, with the reason; a line that is no longer needed is
refused as well.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).parents[2]
PRODUCT: Final = ("services", "shared", "cli", "embedded")
LINES_OF_A_FILE: Final = 300
LINES_OF_A_FUNCTION: Final = 40
METHODS_OF_A_CLASS: Final = 12

EXCEPTIONS: Final = {
    "shared/pipeline/continuity.py: Continuity": "what the engine asks of it, what an operator "
    "asks, and the steps of one comparison, all over the same group and the same halt",
}
"""What exceeds a number, and why that is better than what it would be split into."""


def files(*folders: str) -> Iterator[tuple[str, ast.Module, int]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text()
            yield path.relative_to(ROOT).as_posix(), ast.parse(text), len(text.splitlines())


def is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def exceeding() -> Iterator[tuple[str, str]]:
    """What exceeds a number, and by how much."""
    for path, module, lines in files(*PRODUCT):
        if lines > LINES_OF_A_FILE:
            yield path, f"has {lines} lines, over {LINES_OF_A_FILE}"
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > LINES_OF_A_FUNCTION:
                    yield f"{path}: {node.name}", f"has {length} lines, over {LINES_OF_A_FUNCTION}"
            if isinstance(node, ast.ClassDef):
                methods = sum(map(is_function, node.body))
                if methods > METHODS_OF_A_CLASS:
                    yield (
                        f"{path}: {node.name}",
                        f"has {methods} methods, over {METHODS_OF_A_CLASS}",
                    )


def test_nothing_exceeds_a_number_without_a_reason() -> None:
    found = [
        f"{what} {much}: split it, or give the reason in EXCEPTIONS ({Path(__file__).name})"
        for what, much in exceeding()
        if what not in EXCEPTIONS
    ]
    assert not found, "\n".join(found)


def test_no_exception_is_kept_that_nobody_needs() -> None:
    needed = {what for what, _ in exceeding()}
    unneeded = sorted(EXCEPTIONS.keys() - needed)
    assert not unneeded, f"take out of {Path(__file__).name}: {', '.join(unneeded)}"


def test_no_file_of_tests_is_too_long() -> None:
    found = [
        f"{path} has {lines} lines, over {LINES_OF_A_FILE}: split it by subject"
        for path, _, lines in files("tests")
        if lines > LINES_OF_A_FILE
    ]
    assert not found, "\n".join(found)
