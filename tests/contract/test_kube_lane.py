"""`make kube` says in a line what it lacks, and puts its table where the page has room for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import figures
from tests.kube import conftest

if TYPE_CHECKING:
    from pathlib import Path


def test_without_its_programs_it_names_the_first_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    assert conftest.missing().startswith("kubectl is not on PATH")


def test_without_a_cluster_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("kubectl", "helm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert conftest.missing().startswith("no cluster answers at what KUBECONFIG names")


@pytest.mark.parametrize("recipe", figures.PAGES)
def test_the_table_takes_the_place_of_the_one_before(
    recipe: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        f"Before\n\n{figures.BEGIN.format(recipe=recipe)}\nold\n{figures.END}\n\nAfter\n"
    )
    row = figures.Row(
        "a node lost", events=12345, faults="5 pods", lost=0, emails="3 sent", seconds=61.4
    )
    monkeypatch.setattr(figures, "_rows", [row])
    figures.write(recipe, page)
    text = page.read_text()
    assert "| a node lost | 12,345 | 5 pods | 0 | 0 | 0 | 0 | 3 sent | 61 |" in text
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "old" not in text


@pytest.mark.parametrize("recipe", figures.PAGES)
def test_the_page_has_room_for_the_table(recipe: str) -> None:
    text = figures.PAGES[recipe].read_text()
    assert text.index(figures.BEGIN.format(recipe=recipe)) < text.index(figures.END)
