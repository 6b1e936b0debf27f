"""Workbooks as people have them: what stands in the cells, and on which sheet."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import datetime, time
from typing import TYPE_CHECKING, Any
from zipfile import is_zipfile

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.membership.exchange import TABLES
from services.plans.exchange import TABLES as OF_PLANS
from shared.tabular import spreadsheet, xlsx_writing
from shared.tabular.rows import columns
from tests.unit.exchanged import checked, events, exported_workbook
from tests.unit.membership_facts import founded
from tests.unit.plans_facts import opened
from tests.workbooks import BONN, HEADINGS, book, loaded, replaced, saved, sheet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MEMBERS, COMMITMENTS = TABLES[0], OF_PLANS[0]


async def signed(content: bytes) -> list[str]:
    """The dates of the signatures in a workbook without errors."""
    found = await checked(MEMBERS, founded(), content, "xlsx")
    assert found.errors == []
    return [event.date for event in events(found.outgoing)]  # type: ignore[attr-defined]  # they are all signatures


async def reasons(content: bytes) -> list[tuple[int, str | None, str]]:
    found = await checked(MEMBERS, founded(), content, "xlsx")
    assert found.outgoing == [] or found.bad
    return [(error.row, error.column, error.reason) for error in found.errors]


# --- dates and numbers ------------------------------

MARCH = datetime(2019, 3, 26)  # noqa: DTZ001 - cells have no time zone
DATES = [
    (MARCH, "yyyy-mm-dd", "2019-03-26"),
    (MARCH.date(), "dd/mm/yyyy", "2019-03-26"),
    (MARCH, "[$-407]d. mmmm yyyy;@", "2019-03-26"),
    (MARCH, '"day of "mmm-yy', "2019-03"),
    (MARCH, "mm/yyyy", "2019-03"),
    (MARCH, "yyyy", "2019"),
    (2016, "0", "2016"),
    (2016.0, "General", "2016"),
    ("2016-08", "@", "2016-08"),
]


@pytest.mark.parametrize("calendar", [None, CALENDAR_MAC_1904], ids=["1900", "1904"])
@pytest.mark.parametrize(("value", "shown", "meant"), DATES, ids=str)
async def test_a_date_is_as_precise_as_the_sheet_shows_it(
    value: Any, shown: str, meant: str, calendar: Any
) -> None:
    made = Workbook()
    made.epoch = calendar or made.epoch
    for row in (HEADINGS, (*BONN[:-1], value)):
        sheet(made).append(list(row))
    sheet(made)["E2"].number_format = shown
    assert await signed(saved(made)) == [meant]


@pytest.mark.parametrize("value", [datetime(2019, 3, 26, 10, 30), time(10, 30), 3.5, True])  # noqa: DTZ001 - likewise
async def test_what_is_no_date_is_refused_with_the_rule(value: Any) -> None:
    ((row, column, reason),) = await reasons(saved(book((*BONN[:-1], value))))
    assert (row, column) == (2, "signed")
    assert "YYYY, YYYY-MM or YYYY-MM-DD" in reason


@pytest.mark.parametrize(
    ("value", "shown", "meant"),
    [(0.4, "0%", 40), (40, "0", 40), (1, "0.00%", 100), ("40", "@", 40)],
)
async def test_a_percentage_is_what_the_sheet_shows(value: Any, shown: str, meant: int) -> None:
    headings = ("member", "point", "status", "as_of", "percent")
    made = book(("uy-city-montevideo", 3, "in progress", 2020, value), headings=headings)
    sheet(made)["E2"].number_format = shown
    (event,) = events((await checked(COMMITMENTS, opened(), saved(made), "xlsx")).outgoing)
    assert event.model_dump()["percent"] == meant


# --- formulas and errors ------------------------------


async def test_of_a_formula_its_result_is_taken() -> None:
    content = saved(book((*BONN[:-1], "=2000+16")))
    content = replaced(content, "<f>2000[+]16</f><v ?/>", "<f>2000+16</f><v>2016</v>")
    assert await signed(content) == ["2016"]


async def test_a_formula_without_a_result_is_an_error() -> None:
    found = await reasons(saved(book(BONN, ("europe", "Kiel", "DE", "city", "=2000+16"))))
    assert [(row, column) for row, column, _ in found] == [(3, "signed")]
    assert "save it again" in found[0][2]


async def test_a_formula_whose_result_is_empty_says_nothing() -> None:
    content = saved(book((*BONN, '=IF(A1="","",1)'), headings=(*HEADINGS, "website")))
    content = replaced(content, r'<c r="F2"><f>(.*?)</f><v ?/>', '<c r="F2" t="str"><f>1</f><v/>')
    assert await signed(content) == ["2016"]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#NAME?"])
async def test_an_error_in_a_cell_is_an_error_of_its_column(error: str) -> None:
    ((row, column, reason),) = await reasons(saved(book((*BONN[:-1], error))))
    assert (row, column) == (2, "signed")
    assert error in reason


# --- sheets ------------------------------


async def test_hidden_sheets_and_sheets_of_notes_are_passed_over() -> None:
    made = Workbook()
    sheet(made).append(["Notes of May", "see the other sheet"])
    for state in ("hidden", "veryHidden", "visible"):
        more = made.create_sheet(f"members {state}")
        more.sheet_state = state
        more.append(HEADINGS)
        more.append((*BONN[:-1], "2016" if state == "visible" else "1999"))
    assert await signed(saved(made)) == ["2016"]


async def test_of_two_sheets_with_the_headings_none_is_dropped_in_silence() -> None:
    made = book(BONN)
    made.create_sheet("older").append(HEADINGS)
    ((_, _, reason),) = await reasons(saved(made))
    assert "'Sheet', 'older'" in reason
    assert "hide" in reason


async def test_an_empty_workbook_lacks_its_columns() -> None:
    found = await reasons(saved(Workbook()))
    assert {column for _, column, _ in found} == {"coalition", "name", "kind"}


async def test_titles_blank_rows_and_capitals_are_as_in_any_sheet() -> None:
    made = Workbook()
    sheet(made)["B2"] = "Members, as of May"
    sheet(made).merge_cells("B2:F2")
    for place, (heading, value) in enumerate(zip(HEADINGS, BONN, strict=True), 2):
        sheet(made).cell(5, place, f" {heading.upper()}\u200b ")
        sheet(made).cell(9, place, value)
    sheet(made)["G5"] = " "
    sheet(made).cell(11, 5, "town")
    found = await reasons(saved(made))
    assert {row for row, _, _ in found} == {11}


async def test_all_unknown_columns_are_named_with_the_nearest() -> None:
    found = await reasons(saved(book(BONN, headings=("coalition", "nmae", "cuontry", "kind", "x"))))
    assert {column for _, column, _ in found} == {"nmae", "cuontry", "x", "name"}
    assert any("'country'" in reason for _, _, reason in found)


async def test_merged_headings_leave_cells_without_one() -> None:
    headings = ("coalition", "name", "", "country", "kind")
    made = book(("europe", "Bonn", "Beuel", "DE", "city"), headings=headings)
    sheet(made).merge_cells("B1:C1")
    found = await reasons(saved(made))
    assert "cell 3 has no heading" in found[0][2]


async def test_merged_cells_of_the_table_are_refused() -> None:
    made = book(BONN, ("europe", "Kiel", "DE", "city", None))
    sheet(made).merge_cells("E2:E3")
    ((row, _, reason),) = await reasons(saved(made))
    assert (row, "E2:E3" in reason) == (2, True)


# --- texts, out and in ------------------------------

TEXTS = ["=1+1", "'=1", "@SUM(A1)", "_x000D_ and _x0041_", "two\nlines", "a\r\nb", "<b>&amp;\"'",
         "الدار البيضاء", "\u5bcc\u58eb\u5e02", "\U0001f600"]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
async def test_a_text_is_read_back_as_it_was(text: str) -> None:
    headings = ("member", "point", "status", "as_of", "note")
    row = ("uy-city-montevideo", "3", "planned", "2020", "x")
    first = opened()
    given = saved(book(row, headings=headings))
    for event in events((await checked(COMMITMENTS, first, given, "xlsx")).outgoing):
        first.tell(event.model_copy(update={"note": text}))
    content = await exported_workbook(COMMITMENTS, first)
    fresh = opened()
    for event in events((await checked(COMMITMENTS, fresh, content, "xlsx")).outgoing):
        fresh.tell(event)
    assert fresh.states == first.states


async def test_what_is_too_long_for_a_cell_is_named_there_and_passed_over() -> None:
    async def rows() -> AsyncIterator[dict[str, Any]]:
        given = {**dict(zip(HEADINGS, BONN, strict=True)), "names": {"de": "x" * 40_000}}
        yield {name: given.get(name) for name in columns(MEMBERS.row)}

    content = b"".join([piece async for piece in xlsx_writing.workbook(rows(), MEMBERS)])
    assert spreadsheet.TOO_LONG in str([*sheet(loaded(content)).values])
    assert await signed(content) == ["2016"]


async def test_a_workbook_is_sent_as_its_rows_are_read() -> None:
    read = 0

    async def rows() -> AsyncIterator[dict[str, Any]]:
        nonlocal read
        for read in range(1, 3_001):
            yield {name: f"{name} {read * 7919 % 10007}" for name in columns(MEMBERS.row)}

    pieces = xlsx_writing.workbook(rows(), MEMBERS)
    sizes = [len(await anext(pieces))]
    assert read < 2_500
    sizes += [len(piece) async for piece in pieces]
    assert max(sizes) < 1 << 20


async def test_what_no_sheet_has_room_for_breaks_off_and_opens_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def rows() -> AsyncIterator[dict[str, Any]]:
        for number in range(3_000):
            yield {name: f"{name} {number * 7919 % 10007}" for name in columns(MEMBERS.row)}

    monkeypatch.setattr(spreadsheet, "MAX_ROW", 3_000)
    pieces = xlsx_writing.workbook(rows(), MEMBERS)
    sent = await anext(pieces)
    with pytest.raises(ValueError, match="members: more rows than a sheet takes"):
        sent = b"".join([sent, *[piece async for piece in pieces]])
    assert not is_zipfile(io.BytesIO(sent))


def test_whoever_serves_tables_starts_without_what_reads_and_writes_workbooks() -> None:
    code = "import sys, shared.tabular.routes; sys.exit('openpyxl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_a_workbook_takes_what_is_typed_into_it_as_text() -> None:
    made = loaded(await exported_workbook(MEMBERS, founded()))
    by_name = dict(zip(columns(MEMBERS.row), sheet(made).column_dimensions.items(), strict=True))
    assert by_name["signed"][1].number_format == "@"
    assert by_name["latitude"][1].number_format == "General"
    lists = {one.formula1 for one in sheet(made).data_validations.dataValidation}
    assert any("city" in one for one in lists)
