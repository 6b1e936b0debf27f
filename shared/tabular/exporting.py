"""Rows of an export as text or as a workbook: read, made and sent some at a time.

Of all exports of a process one makes rows at a time, and only some before something else has its
turn; while these are sent it keeps nobody waiting. So whoever asks for little waits for no export,
however many there are and however large.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json
from pymongo import ASCENDING

from shared.pipeline.tolerant import UnreadableDocument, reading
from shared.tabular import spreadsheet
from shared.tabular.rows import LICENCE, Table, columns
from shared.tabular.xlsx_writing import workbook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from shared.pipeline.snapshots import Document, Snapshots
    from shared.tabular.reading import Form

_AT_ONCE: Final = 200
"""Rows in one piece of an export, and aggregates read at once for it."""
_BETWEEN: Final = 20
"""Aggregates whose rows are made before something else has its turn."""
_CHANGING: Final = frozenset({"coalition", "state"})


async def rows_of(
    table: Table, snapshots: Snapshots[Any], where: Document, licence: str, day: str | None
) -> AsyncIterator[Document]:
    """The rows of what is recorded, in order of id, today or as of a day."""
    # What changes with time is compared as it was on the day.
    then = {name: where.pop(name) for name in _CHANGING & where.keys()} if day else {}
    model = snapshots.kinds[table.kind]
    complete = await table.completed(snapshots) if table.completed else None
    if table.narrowed:
        where = await table.narrowed(snapshots, where)
    found = snapshots.database[table.kind].find(where).sort("_id", ASCENDING).batch_size(_AT_ONCE)
    number = 0
    async for document in found:
        number += 1
        if number % _BETWEEN == 0:
            await asyncio.sleep(0)
        rows: list[Document] = []
        # One that cannot be read is left out, and named in the log.
        with suppress(UnreadableDocument), reading(table.kind, document["_id"]):
            state = model.model_validate(document)
            if day and table.as_of:
                state = table.as_of(state, day)
            if state is None or any(getattr(state, name) != then[name] for name in then):
                continue
            rows = [row.model_dump(mode="json") | {LICENCE: licence} for row in table.rows(state)]
        for shown in map(complete, rows) if complete else rows:
            yield {name: shown[name] for name in columns(table.row)}


async def in_turn(
    pieces: AsyncIterator[str] | AsyncIterator[bytes], turns: asyncio.Lock
) -> AsyncIterator[str | bytes]:
    """Pieces of an export, each made when no other export makes one, and sent meanwhile."""
    while True:
        async with turns:
            try:
                piece: str | bytes = await anext(pieces)
            except StopAsyncIteration:
                return
        yield piece


async def pieces(
    rows: AsyncIterator[Document], write: Callable[[Document], str]
) -> AsyncIterator[str]:
    """Rows as text, some at a time, and read no sooner than they are wanted."""
    piece: list[str] = []
    async for row in rows:
        piece.append(write(row))
        if len(piece) == _AT_ONCE:
            yield "".join(piece)
            piece.clear()
    yield "".join(piece)


def written(
    rows: AsyncIterator[Document], table: Table, form: Form, separator: str, *, bom: bool
) -> AsyncIterator[str] | AsyncIterator[bytes]:
    """Rows as what is sent, piece by piece; with `bom`, Excel sees that a CSV is UTF-8."""
    if form == "xlsx":
        return workbook(rows, table)
    if form == "jsonl":
        return pieces(rows, _jsonl)
    header = (spreadsheet.BOM if bom else "") + spreadsheet.line(columns(table.row), separator)
    return _headed(header, pieces(rows, partial(_csv, separator=separator)))


async def _headed(header: str, rows: AsyncIterator[str]) -> AsyncIterator[str]:
    yield header
    async for piece in rows:
        yield piece


def _csv(row: Document, separator: str) -> str:
    return spreadsheet.line(row.values(), separator)


def _jsonl(row: Document) -> str:
    return to_json(row).decode() + "\n"
