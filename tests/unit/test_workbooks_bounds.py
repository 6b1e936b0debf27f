"""Workbooks that are broken, or made to break who reads them: each costs only itself."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest

from services.membership.exchange import TABLES
from shared.tabular.xlsx_limits import MAX_UNPACKED
from tests.unit.exchanged import checked, events
from tests.unit.membership_facts import founded
from tests.workbooks import BONN, SHEET, book, replaced, saved, with_part

MEMBERS = TABLES[0]
STRINGS = "xl/sharedStrings.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PLAIN = saved(book(BONN))
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SHARED = with_part(
    replaced(
        replaced(
            PLAIN,
            "</Types>",
            f'<Override PartName="/{STRINGS}" ContentType="{TYPE}"/></Types>',
            "[Content_Types].xml",
        ),
        '<c r="A2" t="inlineStr"><is><t>europe</t></is></c>',
        '<c r="A2" t="s"><v>0</v></c>',
    ),
    STRINGS,
    f'<sst xmlns="{MAIN}"><si><t>europe</t></si></sst>'.encode(),
)
"""One whose texts stand in a part of their own, as most have it."""
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
MOST_MEMORY = 160 * 1024 * 1024


async def refused(content: bytes, form: str = "xlsx") -> str:
    """Why a file is refused, which takes no more memory than any."""
    tracemalloc.start()
    found = await checked(MEMBERS, founded(), content, form)  # type: ignore[arg-type]  # one of the forms
    assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    tracemalloc.stop()
    assert found.is_broken
    assert not found.outgoing
    return found.errors[-1].reason


async def taken(content: bytes) -> int:
    found = await checked(MEMBERS, founded(), content, "xlsx")
    assert found.errors == []
    return len(events(found.outgoing))


async def test_a_plain_one_is_taken() -> None:
    assert await taken(PLAIN) == 1
    assert await taken(SHARED) == 1


def behind(rows: str) -> bytes:
    return replaced(PLAIN, "</sheetData>", f"{rows}</sheetData>")


# --- sizes that are only declared ------------------------------


async def test_a_declared_size_counts_for_nothing() -> None:
    dimension = '<dimension ref="A1:XFD1048576"'
    assert await taken(replaced(PLAIN, '<dimension ref="[^"]*"', dimension)) == 1
    assert await taken(replaced(PLAIN, '<dimension ref="[^"]*"', '<dimension ref="A1"')) == 1
    assert await taken(replaced(PLAIN, '<dimension ref="[^"]*" ?/>', "")) == 1


async def test_cells_without_content_count_for_nothing_wherever_they_are() -> None:
    empty = '<row r="1048576" s="1"><c r="A1048576" s="0"/><c r="XFD1048576" s="0"/></row>'
    assert await taken(behind(empty)) == 1


async def test_content_far_to_the_right_is_not_dropped_in_silence() -> None:
    far = '<row r="3"><c r="XFD3" t="inlineStr"><is><t>x</t></is></c></row>'
    assert "content in column XFD" in await refused(behind(far))


@pytest.mark.parametrize("number", ["1048577", "99999999999999", "2", "1"])
async def test_rows_are_in_order_and_on_the_sheet(number: str) -> None:
    row = f'<row r="{number}"><c r="A9" t="inlineStr"><is><t>europe</t></is></c></row>'
    assert "not in order" in await refused(behind(row))


async def test_a_cell_beyond_any_sheet_is_refused() -> None:
    assert "content in column" in await refused(
        behind('<row r="3"><c r="ZZZZZ3"><v>1</v></c></row>')
    )


# --- sizes that are real ------------------------------


async def test_what_unpacks_to_too_much_is_not_unpacked() -> None:
    assert "64 MiB unpacked" in await refused(with_part(PLAIN, "xl/x.xml", bytes(MAX_UNPACKED)))


async def test_what_says_less_of_its_size_than_it_has_is_cut() -> None:
    content = bytearray(with_part(PLAIN, "xl/x.xml", b"<a>" + b" " * (MAX_UNPACKED // 2)))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    assert "no workbook" in await refused(bytes(content))


async def test_too_many_parts_are_not_looked_through() -> None:
    out = io.BytesIO(PLAIN)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(1001):
            archive.writestr(f"x{number}.xml", b"")
    assert "too large" in await refused(out.getvalue())


async def test_a_row_of_endless_cells_is_not_read() -> None:
    assert "more than 100000" in await refused(behind(f'<row r="3">{"<c/>" * 200_000}</row>'))


async def test_styles_without_end_are_not_read() -> None:
    content = replaced(PLAIN, "<cellXfs.*?>", f"<cellXfs>{'<xf/>' * 200_000}", "xl/styles.xml")
    assert "more than 100000" in await refused(content)


async def test_a_text_that_comes_again_and_again_counts_each_time() -> None:
    long = replaced(SHARED, "<t>europe</t>", f"<t>{'x' * 30_000}</t>", STRINGS)
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(3, 2000))
    assert "too much text" in await refused(replaced(long, "</sheetData>", cells + "</sheetData>"))


async def test_a_cell_longer_than_any_is_an_error_of_its_column() -> None:
    content = replaced(SHARED, "<t>europe</t>", f"<t>{'x' * 40_000}</t>", STRINGS)
    found = await checked(MEMBERS, founded(), content, "xlsx")
    assert ("coalition", "a cell has at most 32767 characters") in {
        (error.column, error.reason) for error in found.errors
    }


# --- entities ------------------------------


@pytest.mark.parametrize(
    "part", [SHEET, STRINGS, "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"]
)
async def test_entities_are_not_even_declared(part: str) -> None:
    assert "entities" in await refused(replaced(SHARED, r"\A(<\?xml.*?\?>)?", DOCTYPE, part))


# --- broken files ------------------------------


async def test_a_password_or_an_old_format_is_named() -> None:
    assert "password" in await refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.parametrize(
    "content",
    [b"", b"coalition,name\n", PLAIN[:2000], PLAIN[:-30], PLAIN.replace(b"sheet1", b"sheet2", 1)],
    ids=["empty", "csv", "half", "cut", "renamed"],
)
async def test_what_is_no_workbook_says_so(content: bytes) -> None:
    assert "no workbook" in await refused(content)


@pytest.mark.parametrize("part", [SHEET, STRINGS, "xl/workbook.xml", "xl/styles.xml"])
async def test_broken_xml_is_no_workbook(part: str) -> None:
    assert "no workbook" in await refused(replaced(SHARED, r"</[^>]*>\s*\Z", "", part))


async def test_a_text_that_is_not_there_is_no_workbook() -> None:
    assert "no workbook" in await refused(replaced(SHARED, "<v>0</v>", "<v>999</v>"))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_a_workbook_with_another_name_is_recognised(form: str) -> None:
    assert ".xlsx" in await refused(PLAIN, form)
