"""Tables exported and imported in memory, as the services do over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services import manifests
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.tabular import spreadsheet, xlsx_writing
from shared.tabular.checking import Import
from shared.tabular.reading import read
from shared.tabular.rows import LICENCE, ImportedRow, Table, columns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from shared.contracts.base import Event
    from shared.domain.decider import S
    from shared.kafka.producer import Outgoing
    from shared.tabular.reading import Form
    from shared.tabular.report import Checked
    from tests.unit.fold import Folded


def exported(table: Table, folded: Folded[Any]) -> str:
    """The table of what was told, as CSV."""
    lines = [spreadsheet.line(columns(table.row))]
    lines += (spreadsheet.line(row.values()) for row in _rows(table, folded))
    return "".join(lines)


async def exported_workbook(table: Table, folded: Folded[Any]) -> bytes:
    """The table of what was told, as a workbook."""

    async def rows() -> AsyncIterator[dict[str, Any]]:
        for row in _rows(table, folded):
            yield row

    return b"".join([piece async for piece in xlsx_writing.workbook(rows(), table)])


def exported_lines(table: Table, folded: Folded[Any]) -> str:
    """The table of what was told, as JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in _rows(table, folded))


def _rows(table: Table, folded: Folded[Any]) -> Iterator[dict[str, Any]]:
    for stream, state in sorted(folded.states.items()):
        if stream.kind == table.kind:
            for row in table.rows(state):
                said = row.model_dump(mode="json") | {LICENCE: "CC-BY-4.0"}
                yield {name: said[name] for name in columns(table.row)}


async def checked(
    table: Table, folded: Folded[S], text: str | bytes, form: Form = "csv"
) -> Checked:
    """A file, checked against what was told."""
    content = text.encode() if isinstance(text, str) else text
    assert issubclass(table.row, ImportedRow)

    async def current(streams: set[Stream]) -> dict[Stream, Versioned[S]]:
        return {s: Versioned(folded.given, folded.states.get(s)) for s in streams}

    importing = Import("membership", table, folded.decider, current)
    return await importing.check(read(content, form, table.row))


def events(outgoing: Iterable[Outgoing]) -> list[Event]:
    """The events that are on their way to the inbox."""
    return [
        manifests.EVENTS[dict(one.headers)["ce_type"].decode()].model_validate_json(
            one.value or b""
        )
        for one in outgoing
    ]


def ids(outgoing: Iterable[Outgoing]) -> list[str]:
    return [dict(one.headers)["ce_id"].decode() for one in outgoing]
