"""Sheets as people have them: what stands around the headings, and what stands in the cells."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from services.membership.exchange import TABLES
from services.membership.member_rows import MemberRow
from services.plans.commitment_rows import CommitmentRow
from services.plans.exchange import TABLES as OF_PLANS
from shared.tabular import spreadsheet
from shared.tabular.routes import SEPARATORS
from shared.tabular.rows import columns, schemas
from tests.unit.exchanged import checked, events
from tests.unit.membership_facts import founded
from tests.unit.plans_facts import holder, opened
from tests.workbooks import book, saved

MEMBERS, COMMITMENTS = TABLES[0], OF_PLANS[0]
HEADINGS = "coalition,name,country,kind,signed"
BONN = "europe,Bonn,DE,city,2016"

WRITTEN = {
    "with a hint for Excel": "sep=;\ncoalition;name;country;kind;signed\neurope;Bonn;DE;city;2016",
    "with a quoted hint": '"sep=,"\r\n' + f"{HEADINGS}\r\n{BONN}\r\n",
    "with tabulators": f"{HEADINGS}\n{BONN}".replace(",", "\t"),
    "with semicolons": f"{HEADINGS}\n{BONN}".replace(",", ";"),
    "with a mark in front": spreadsheet.BOM + f"{HEADINGS}\n{BONN}",
    "with blank headings behind": f"{HEADINGS},,,\n{BONN},,,",
    "with a blank heading within": "coalition,,name,country,kind,signed\neurope,,Bonn,DE,city,2016",
    "with a title above": f"Members in 2026, as of May\n\n{HEADINGS}\n{BONN}",
    "with a title and semicolons": f"Members, all;;;;\n{HEADINGS}\n{BONN}".replace(",", ";"),
    "with capitals": f"Coalition,NAME,Country,Kind,Signed\n{BONN}",
    "with blanks and hyphens": "coalition,name,country,kind,Condition met,signed-by,signed\n"
    "europe,Bonn,DE,city,,,2016",
    "with what nobody sees": f"\u200bcoalition,na\u200dme,\ufeffcountry,kind,signed\u200e\n{BONN}",
    "with a year as a fraction": f"{HEADINGS}\neurope,Bonn,DE,city,2016.0",
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
async def test_a_sheet_is_read_as_people_have_it(text: str) -> None:
    found = await checked(MEMBERS, founded(), text)
    assert found.errors == []
    assert [(e.subject, e.date) for e in events(found.outgoing)] == [("de-city-bonn", "2016")]  # type: ignore[attr-defined]  # they are all signatures


async def test_a_row_is_counted_as_the_spreadsheet_counts() -> None:
    text = f"sep=,\nMembers\n\n{HEADINGS}\n{BONN}\neurope,Kiel,DE,town,2016"
    found = await checked(MEMBERS, founded(), text)
    assert [(error.row, error.column) for error in found.errors] == [(6, "kind")]


async def test_all_unknown_columns_are_named_at_once_with_the_nearest() -> None:
    text = "coalition,nmae,cuontry,kind,Signed on,colour\neurope,Bonn,DE,city,2016,red"
    found = await checked(MEMBERS, founded(), text)
    reasons = {error.column: error.reason for error in found.errors}
    assert found.is_broken
    assert reasons.keys() == {"nmae", "cuontry", "signed_on", "colour", "name"}
    assert "'name'" in reasons["nmae"]
    assert "'country'" in reasons["cuontry"]
    assert "'signed'" in reasons["signed_on"]
    assert "missing" in reasons["name"]


async def test_a_cell_without_a_heading_is_an_error() -> None:
    found = await checked(MEMBERS, founded(), f"{HEADINGS},\n{BONN},what is this")
    assert [error.row for error in found.errors] == [2]
    assert "cell 6 has no heading" in found.errors[0].reason


async def test_numbers_as_pandas_writes_them_are_numbers() -> None:
    folded = opened()
    text = "member,point,status,as_of\nuy-city-montevideo,10.0,planned,2020.0"
    for event in events((await checked(COMMITMENTS, folded, text)).outgoing):
        folded.tell(event)
    assert (holder(folded).commitments[9].status, holder(folded).commitments[9].as_of) == (
        "planned",
        "2020",
    )


def as_form(rows: list[list[str]], form: str) -> str | bytes:
    if form == "xlsx":
        return saved(book(*rows[1:], headings=rows[0]))
    return "".join(map(spreadsheet.line, rows))


@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
async def test_a_workbook_of_the_same_is_read_alike(text: str) -> None:
    separator = next(one for one in ";\t," if one in text.splitlines()[-1])
    lines = csv.reader(io.StringIO(text.removeprefix("sep=;\n")), delimiter=separator)
    rows = [row for row in lines if not row or not row[0].startswith("sep=")]
    found = await checked(MEMBERS, founded(), as_form(rows, "xlsx"), "xlsx")
    assert found.errors == []
    assert [event.subject for event in events(found.outgoing)] == ["de-city-bonn"]


DATES = ["26 March 2019", "26.03.2019", "3/26/19", "March 2019", "2019-3-26", "2019-02-30"]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("date", DATES)
async def test_a_date_as_people_write_it_is_refused_with_the_rule(date: str, form: Any) -> None:
    rows = [HEADINGS.split(","), ["europe", "Bonn", "DE", "city", date]]
    content = as_form(rows, form)
    found = await checked(MEMBERS, founded(), content, form)
    assert [error.column for error in found.errors] == ["signed"]
    assert "YYYY, YYYY-MM or YYYY-MM-DD" in found.errors[0].reason


# --- what stands in the cells ------------------------------

NOTHING = ["n/a", "N/A", "-", "\u2013", "unknown", "Unknown ", "tbd", "TBC", "?", "k.A.", "#N/A"]
NOT_IN_NAMES = ["none", "NaN", "null"]


def importable(row: Any) -> list[str]:
    passed_over = {n for n, schema in schemas(row).items() if schema.get("readOnly")}
    return [name for name in columns(row) if name not in passed_over]


@pytest.mark.parametrize("nothing", [*NOTHING, *NOT_IN_NAMES])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_a_placeholder_is_content_of_no_column(nothing: str, form: Any) -> None:
    whole = {"coalition": "europe", "name": "Bonn", "country": "DE", "kind": "city"}
    for column in importable(MemberRow):
        if nothing in NOT_IN_NAMES and column in {"name", "local_name"}:
            continue
        row = {**whole, "signed": "2016", "suspended": "2018", "suspension_reason": "no report"}
        row |= {"decided": "2015", column: nothing}
        found = await checked(MEMBERS, founded(), written(row, form), form)
        assert column in {error.column for error in found.errors}, column
    about = {"member": "uy-city-montevideo", "point": "3", "status": "planned", "as_of": "2020"}
    for column in importable(CommitmentRow):
        if nothing in NOT_IN_NAMES and column in {"name", "local_name"}:
            continue
        text = written({**about, column: nothing}, form)
        found = await checked(COMMITMENTS, opened(), text, form)
        assert column in {error.column for error in found.errors}, column


def written(row: dict[str, str], form: str) -> str:
    if form == "jsonl":
        return json.dumps(row)
    return spreadsheet.line(row) + spreadsheet.line(row.values())


async def test_a_city_may_be_called_none() -> None:
    found = await checked(MEMBERS, founded(), f"{HEADINGS}\neurope,None,IT,city,2016")
    assert found.errors == []


LINKS = ["https://a.b/1 https://c.d/2", "https://a.b/1, https://c.d/2", "https://a.b/1;https://c.d/2",
         "https://a.b/1,https://c.d/2", " https://a.b/1 ;\nhttps://c.d/2; "]  # fmt: skip


@pytest.mark.parametrize("cell", LINKS)
async def test_links_are_told_apart_whatever_stands_between_them(cell: str) -> None:
    folded = opened()
    row = {"member": "uy-city-montevideo", "point": "3", "status": "planned", "as_of": "2020"}
    found = await checked(COMMITMENTS, folded, written({**row, "evidence": cell}, "csv"))
    for event in events(found.outgoing):
        folded.tell(event)
    assert holder(folded).commitments[2].evidence == ("https://a.b/1", "https://c.d/2")


@pytest.mark.parametrize("cell", [*LINKS[1:4], "www.a.b", "a.b/1"])
@pytest.mark.parametrize("column", [n for n, s in schemas(MemberRow).items() if "http" in str(s)])
async def test_a_column_of_one_link_has_one(column: str, cell: str) -> None:
    dated = {"decided": "2015", "signed": "2016", "acceded": "2016"}
    row = {"coalition": "europe", "name": "Bonn", "country": "DE", "kind": "city", **dated}
    found = await checked(MEMBERS, founded(), written({**row, column: cell}, "csv"))
    assert [error.column for error in found.errors] == [column]
    assert "link" in found.errors[0].reason


async def test_an_archived_page_is_one_link() -> None:
    archived = "https://web.archive.org/web/2016/https://a.example/b,c"
    found = await checked(MEMBERS, founded(), f'{HEADINGS},website\n{BONN},"{archived}"')
    assert found.errors == []


COUNTRIES = [("UK", "GB"), ("XK", "XK"), ("EL", "GR"), ("GB", "GB")]


@pytest.mark.parametrize(("said", "code"), COUNTRIES)
async def test_every_country_can_be_said(said: str, code: str) -> None:
    row = f"{HEADINGS}\neurope,Leeds,{said},city,2016"
    (event,) = events((await checked(MEMBERS, founded(), row)).outgoing)
    assert event.subject == f"{code.lower()}-city-leeds"


MEANT = [("Germany", "DE"), ("DEU", "DE"), ("de", "DE"), ("Germny", "DE"), ("Kosovo", "XK")]


@pytest.mark.parametrize(("said", "code"), MEANT)
async def test_a_country_by_another_name_is_refused_with_its_code(said: str, code: str) -> None:
    found = await checked(MEMBERS, founded(), f"{HEADINGS}\neurope,Bonn,{said},city,2016")
    assert [error.column for error in found.errors] == ["country"]
    assert re.search(rf"\b{code}\b", found.errors[0].reason)


PYDANTICS = re.compile(r"String should|Input should|Extra inputs|Value error|Field required|valid ")


async def test_no_message_has_pydantics_words() -> None:
    bad = {"id": "No Id", "coalition": "Europe!", "name": "x" * 301, "names": '{"xx": 1}',
           "country": "DEU", "kind": "town", "qualifier": "NW", "state": "in", "signed": "yes",
           "latitude": "north", "website": "a", "further_steps": '[{"step": "x"}]',
           "called": "[1]", "partners": '[{"joined": 1}]'}  # fmt: skip
    found = await checked(MEMBERS, founded(), written(bad, "csv"))
    assert {error.column for error in found.errors} == bad.keys()
    for error in found.errors:
        assert not PYDANTICS.search(error.reason), error


# --- out ------------------------------


@pytest.mark.parametrize("separator", SEPARATORS.values())
async def test_an_export_with_any_separator_is_read_back(separator: str) -> None:
    row = ["europe", "Bonn; am Rhein", "DE", "city", "2016"]
    text = spreadsheet.line(HEADINGS.split(","), separator) + spreadsheet.line(row, separator)
    found = await checked(MEMBERS, founded(), text)
    assert [event.subject for event in events(found.outgoing)] == ["de-city-bonn-am-rhein"]
