"""The dictionary of each table is a Table Schema, and each export holds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from frictionless import Resource, Schema, validate

from cli.contracts import generate
from shared.settings import Settings
from shared.tabular.rows import dictionary
from tests.unit.every_table import TABLES, recorded, table_of
from tests.unit.exchanged import exported, exported_lines, exported_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from shared.tabular.rows import Table
    from tests.unit.fold import Folded


async def described(service: str, name: str) -> dict[str, Any]:
    """A table's dictionary, as it is sent."""
    transport = httpx.ASGITransport(generate.wired(service)[0])
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        found: dict[str, Any] = (await client.get(f"/{name}/export.dictionary")).json()
    return found


@pytest.mark.parametrize(("service", "name"), TABLES)
async def test_a_dictionary_is_a_table_schema(service: str, name: str) -> None:
    sent = await described(service, name)
    assert all(value is not None for one in sent["fields"] for value in one["constraints"].values())
    schema = Schema.from_descriptor(sent)
    assert schema.field_names[-1] == "licence"
    assert "licenses" not in sent, "nobody has chosen one"
    assert all(field.description for field in schema.fields)


def test_a_licence_is_named_only_where_one_was_given() -> None:
    table = table_of("membership", "members")
    (given,) = dictionary(table, "CC-BY-4.0").licenses or ()
    assert (given.name, given.path) == ("CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0")
    assert dictionary(table, Settings().licence).licenses is None


async def written(table: Table, folded: Folded[Any], form: str) -> bytes:
    if form == "xlsx":
        return await exported_workbook(table, folded)
    return (exported if form == "csv" else exported_lines)(table, folded).encode()


def wrong(content: bytes, schema: dict[str, Any], form: str, folder: Path) -> list[Any]:
    """What in a file does not hold to its dictionary."""
    (folder / f"table.{form}").write_bytes(content)
    described = Schema.from_descriptor(schema)
    table = Resource(path=f"table.{form}", basepath=str(folder), schema=described)
    found: list[Any] = validate(table).flatten(["type", "rowNumber", "fieldName", "note"])
    return found


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
@pytest.mark.parametrize(("service", "name"), TABLES)
async def test_an_export_holds_to_its_dictionary(
    service: str, name: str, form: str, tmp_path: Path
) -> None:
    content = await written(table_of(service, name), recorded()[service], form)
    schema = await described(service, name)
    assert wrong(content, schema, form, tmp_path) == []
    for field in schema["fields"]:
        if field["name"] in {"kind", "status", "office", "state"}:
            field["constraints"]["enum"] = ["nothing of the kind"]
    if name != "partners":
        assert wrong(content, schema, form, tmp_path)
