"""What holds for every table, in every form: out, in again, and by its dictionary."""

from __future__ import annotations

import asyncio
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from shared.tabular import spreadsheet
from shared.tabular.rows import ImportedRow, columns, schemas
from tests.unit.edits import another
from tests.unit.every_table import TABLES, copied, recorded, table_of
from tests.unit.exchanged import checked, events, exported, exported_lines, exported_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.tabular.reading import Form
    from shared.tabular.report import Checked
    from tests.unit.fold import Folded

FORMS = ["csv", "jsonl", "xlsx"]
IMPORTED = [(s, n) for s, n in TABLES if issubclass(table_of(s, n).row, ImportedRow)]


def test_all_but_coalitions_can_be_imported() -> None:
    assert {name for _, name in TABLES} == {
        *("members", "coalitions", "conferences", "partners", "offices"),
        *("commitments", "reports", "practices", "actions", "plans", "local-plans"),
    }
    assert {*TABLES} - {*IMPORTED} == {("membership", "coalitions")}


@cache
def written(service: str, name: str, form: Form) -> bytes:
    """A table of all that is recorded, as a file."""
    table, folded = table_of(service, name), recorded()[service]
    if form == "xlsx":
        return asyncio.run(exported_workbook(table, folded))
    text = exported(table, folded) if form == "csv" else exported_lines(table, folded)
    return text.encode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("service", "name"), IMPORTED)
async def test_an_export_imports_again_unchanged(service: str, name: str, form: Any) -> None:
    content = await asyncio.to_thread(written, service, name, form)
    found = await checked(table_of(service, name), recorded()[service], content, form)
    assert (found.new, found.changed, found.errors, found.outgoing) == (0, 0, [], [])
    assert found.rows > 0


@pytest.mark.parametrize(("service", "name"), IMPORTED)
def test_every_column_is_filled_somewhere(service: str, name: str) -> None:
    """Else the other tests would say nothing of it."""
    table, filled = table_of(service, name), set[str]()
    for stream, state in recorded()[service].states.items():
        if stream.kind == table.kind:
            for row in table.rows(state):
                filled |= {n for n, value in row.model_dump().items() if value not in (None, ())}
    assert {*columns(table.row)} - filled == {"licence"}


# --- into a system that has none of it ------------------------------


def without(service: str, name: str) -> Folded[Any]:
    """All that is recorded but what one table is about."""
    folded = copied(recorded()[service])
    for stream, state in recorded()[service].states.items():
        if stream.kind == table_of(service, name).kind:
            if bare := BARE[name](state):
                folded.states[stream] = bare
            else:
                del folded.states[stream]
    return folded


def no_actions(holder: Any) -> Any:
    without = [one.model_copy(update={"actions": ()}) for one in holder.commitments]
    return holder.model_copy(update={"commitments": tuple(without)})


BARE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("members", "conferences", "reports", "practices", "plans", "local-plans"), lambda _: None
    ),
    "partners": lambda member: member.model_copy(update={"partners": ()}),
    "offices": lambda coalition: coalition.model_copy(update={"offices": ()}),
    "actions": no_actions,
}


@pytest.mark.parametrize(("service", "name"), [one for one in IMPORTED if one[1] in BARE])
async def test_a_table_comes_back_from_its_export(service: str, name: str) -> None:
    table, fresh = table_of(service, name), without(service, name)
    text = exported(table, recorded()[service])
    found = await checked(table, fresh, text)
    assert {error.column for error in found.errors} <= NOT_BY_A_SHEET.get(name, {""})
    for event in events(found.outgoing):
        fresh.tell(event)
    again = await checked(table, fresh, text)
    assert (again.outgoing, again.bad) == ([], found.bad)


NOT_BY_A_SHEET: dict[str, set[str | None]] = {"reports": {None}}
"""Columns of what only events say: who waives a report says why."""


# --- each column of each table ------------------------------


def importable(service: str, name: str) -> list[str]:
    """The columns of a table that an import reads."""
    row = table_of(service, name).row
    over = {n for n, schema in schemas(row).items() if schema.get("readOnly")}
    return [column for column in columns(row) if column not in over]


COLUMNS = [(s, n, column) for s, n in IMPORTED for column in importable(s, n)]


def filled(service: str, name: str, column: str) -> dict[str, Any]:
    """A row as it is exported in which a column says something."""
    rows = [json.loads(line) for line in written(service, name, "jsonl").decode().splitlines()]
    return next(row for row in rows if row[column] not in (None, [], {}))


async def edited(service: str, name: str, row: dict[str, Any], form: Form) -> Checked:
    """What becomes of one row of a table."""
    text = json.dumps(row)
    if form == "csv":
        text = spreadsheet.line(row) + spreadsheet.line(row.values())
    return await checked(table_of(service, name), recorded()[service], text, form)


NOTHING = ["n/a", "-", "unknown", "TBD", "#N/A", "k.A."]
NAMED = {"name", "local_name"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize(("service", "name", "column"), COLUMNS)
async def test_a_placeholder_is_content_of_no_column(
    service: str, name: str, column: str, form: Any
) -> None:
    row = filled(service, name, column)
    for nothing in [*NOTHING, *(() if column in NAMED else ("none", "NaN", "null"))]:
        found = await edited(service, name, {**row, column: nothing}, form)
        assert column in {error.column for error in found.errors}, nothing
        assert not found.outgoing


CHOICES = [
    (s, n, c) for s, n, c in COLUMNS if "enum" in schemas(table_of(s, n).row)[c] and c != "country"
]


@pytest.mark.parametrize(("service", "name", "column"), CHOICES)
async def test_a_misspelt_value_is_refused_with_the_nearest(
    service: str, name: str, column: str
) -> None:
    row = filled(service, name, column)
    if isinstance(row[column], int):
        return
    found = await edited(service, name, {**row, column: row[column][:-1] + "q"}, "csv")
    (reason,) = [error.reason for error in found.errors if error.column == column]
    assert reason.endswith(f"the nearest is {row[column]!r}")


@pytest.mark.parametrize(("service", "name", "column"), COLUMNS)
async def test_no_edit_is_lost(service: str, name: str, column: str) -> None:
    row = filled(service, name, column)
    other = another(row[column], dict(schemas(table_of(service, name).row)[column]))
    assert other != row[column]
    found = await edited(service, name, {**row, column: other}, "csv")
    assert found.outgoing or found.errors, f"{row[column]!r} became {other!r}, and nothing of it"
    for error in found.errors:
        assert not re.search("String should|Input should|Value error|Field required", error.reason)
