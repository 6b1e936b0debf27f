"""CSV that a spreadsheet may open, and that is read back as it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.tabular import spreadsheet
from shared.tabular.exporting import pieces

ARABIC = "الدار البيضاء"
MIXED = "عمّان (Amman) — \u2067القدس\u2069 №1"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\uff1dcmd", "a;=cmd|' /C calc'!A0"],
)
def test_no_text_is_run_as_a_formula(text: str) -> None:
    (cells,) = ([cell.strip() for cell in spreadsheet.safe(text).split(";")],)
    assert not any(cell[:1] in "=+-@\t\r\uff1d" for cell in cells)
    assert spreadsheet.unsafe(spreadsheet.safe(text)) == text


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in (ARABIC, MIXED, "L'Hospitalet", "'t Gooi", "Frankfurt-Höchst", "3 = 2 + 1", "a; b"):
        assert spreadsheet.safe(text) == text


@given(st.text(alphabet=st.sampled_from("=+-@;'\t\r ab\uff1d")))
def test_whatever_was_made_safe_is_read_back(text: str) -> None:
    assert spreadsheet.unsafe(spreadsheet.safe(text)) == text


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (ARABIC, "string"),
        (MIXED, "string"),
        ('two\nlines, a comma and a "quote"; all there', "string"),
        ({"ar": ARABIC, "fr": "Casablanca"}, "object"),
        (["https://a.example/x", "https://b.example/y"], "array"),
        ([{"organisation": "=1", "joined": "2010"}], "array"),
        ("'", "string"),
    ],
)
def test_a_cell_is_read_back(value: Any, type_: str) -> None:
    ((cell,),) = spreadsheet.lines(spreadsheet.line([value]))
    assert spreadsheet.value(cell, {"type": type_}) == value


@pytest.mark.parametrize(
    "texts",
    [["two words", "=1"], ["UNESCO", "b"], ["a"], ["a; b", "c"], ["[1]", "c"], [" a", "b, c"]],
)
def test_a_list_of_texts_is_read_back(texts: list[str]) -> None:
    ((cell,),) = spreadsheet.lines(spreadsheet.line([texts]))
    schema = {"type": "array", "items": {"type": "string"}}
    assert spreadsheet.value(cell, schema) == texts


def test_a_negative_number_stays_a_number() -> None:
    assert spreadsheet.line([-34.9]) == '"-34.9"\r\n'


async def test_an_export_reads_no_further_than_it_is_read() -> None:
    read = 0

    async def rows() -> AsyncIterator[dict[str, Any]]:
        nonlocal read
        for read in range(1, 1001):
            yield {"n": read}

    written = pieces(rows(), lambda row: f"{row['n']}\n")
    first = await anext(written)
    assert (first.count("\n"), read) == (200, 200)
    assert len([piece async for piece in written if piece]) == 4
