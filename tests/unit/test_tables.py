"""What the command line prints of JSON."""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

import cli
from cli.tables import Listing, show, table, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def printed(what: object, width: int = 200) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as caught:
        console.print(what)
    return caught.get()


def test_whatever_json_holds_reads_as_text() -> None:
    steps = [{"step": "signed", "date": "2006-08", "reason": None}, {"step": "admitted"}]
    assert text_of(steps) == "step signed, date 2006-08\nstep admitted"
    said = {None: "-", True: "yes", 3: "3", "الرباط": "الرباط"}
    assert [text_of(value) for value in said] == list(said.values())
    assert (text_of([]), text_of({})) == ("-", "-")


def test_a_column_reaches_into_what_is_nested() -> None:
    columns = {"Name": "member.name", "Of": "points.#", "Titles": "points.title", "None": "x.y"}
    row = {"member": {"name": "[red]Hof[/red]"}, "points": [{"title": "One"}, {"title": "Two"}]}
    text = printed(table(columns, [row]))
    assert "[red]Hof[/red]" in text
    assert all(word in text for word in ("2", "One", "Two", "-"))


def test_one_document_shows_only_what_it_says() -> None:
    console = Console(width=200)
    with console.capture() as caught:
        show(console, {"name": "Hof", "steps": [{"step": "signed"}], "website": None, "names": {}})
    text = caught.get()
    assert "step signed" in text
    assert "website" not in text


# --- as wide as a terminal ------------------------------

WORDS = ("de-city-frankfurt-am-main", "Third", "General", "Conference", "2026-11-26")


def all_columns() -> Iterator[tuple[str, list[str]]]:
    """The headings of each table that a command prints."""
    for module in pkgutil.walk_packages(cli.__path__, "cli."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            columns = getattr(value, "columns", value)
            is_one = isinstance(columns, dict) and all(isinstance(one, str) for one in columns)
            if name.isupper() and is_one and columns and all(one[0].isupper() for one in columns):
                yield f"{module.name}.{name}", list(columns)


@pytest.mark.parametrize(("where", "headings"), list(all_columns()))
def test_at_80_columns_no_word_of_a_table_is_broken(where: str, headings: list[str]) -> None:
    rows = [[" ".join(WORDS)] * len(headings), [WORDS[0]] * len(headings)]
    lines = printed(Listing(headings, rows, "A title"), width=80).splitlines()
    assert max(map(len, lines)) <= 80
    found = {word for line in lines for word in line.replace("│", " ").split()}
    assert {*WORDS} <= found, where
    assert {word for heading in headings for word in heading.split()} <= found | {"-"}


def test_where_there_is_no_room_columns_are_left_out_in_which_nothing_stands() -> None:
    columns = {name: name for name in ("One", "Two", "Three", "Four", "Five")}
    text = printed(table(columns, [{"One": "a" * 30, "Two": "b" * 28, "Four": "c"}]), width=80)
    assert "Five" not in text
    assert "Three" not in text
    assert len(text.splitlines()) == 5, "a table, and not cell by cell"
    assert "Five" in printed(table(columns, [{"One": "a"}]), width=80)
