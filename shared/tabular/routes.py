"""HTTP for tables: open data out, with its licence and dictionary; files in, checked first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from shared.access.scopes import Scope
from shared.licences import licence_page
from shared.pipeline.repository import Repository
from shared.pipeline.snapshots import Document
from shared.tabular import spreadsheet
from shared.tabular.checking import Import
from shared.tabular.exporting import in_turn, rows_of, written
from shared.tabular.reading import Form, read
from shared.tabular.report import Checked, ImportReport
from shared.tabular.rows import (
    Dictionary,
    ImportedRow,
    Table,
    dictionary,
)
from shared.web.authentication import needs
from shared.web.guard import only_headers
from shared.web.intake import READING
from shared.web.openapi import failure
from shared.web.parameters import AsOf, Flag, day_of
from shared.web.problems import Problem, problem
from shared.web.routing import Route, Router

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.domain.decider import Decider
    from shared.pipeline.snapshots import Snapshots
    from shared.service import Parts

MAX_UPLOAD: Final = 8 * 1024 * 1024
"""Bytes of a file at most."""
_MEDIA: Final[dict[Form, str]] = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "xlsx": spreadsheet.XLSX,
}
_TEXT: Final[Document] = {"schema": {"type": "string"}}
_BINARY: Final[Document] = {"schema": {"type": "string", "format": "binary"}}
_CONTENT: Final = {media: _BINARY if form == "xlsx" else _TEXT for form, media in _MEDIA.items()}
_DESCRIBED: Final = '<export.dictionary>; rel="describedby"'
Separator = Literal["comma", "semicolon", "tab"]
SEPARATORS: Final[dict[Separator, str]] = {"comma": ",", "semicolon": ";", "tab": "\t"}
_FORMS: Final[dict[str, Form]] = {
    "text/csv": "csv",
    "application/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/jsonl": "jsonl",
    "application/x-ndjson": "jsonl",
    "application/ndjson": "jsonl",
    "application/x-jsonlines": "jsonl",
    spreadsheet.XLSX: "xlsx",
}


class _Upload(Route):
    """A route that takes whole files."""

    most_bytes = MAX_UPLOAD
    hint = ": send a larger file in parts"


def routes(
    service: str,
    tables: Sequence[Table],
    parts: Parts[Any],
    decider: Decider[Any],
    snapshots: Snapshots[Any],
) -> Router:
    """Export and dictionary of each table, and import where its rows can be imported.

    They stand before `GET /<kind>/{id}`, which would take `export.csv` for an id.
    """
    router = Router(_Upload, tags=["open data"])
    exports = _Exports(snapshots, parts.settings.licence)
    for table in tables:
        _export(router, table, exports)
        if issubclass(table.row, ImportedRow):
            current = Repository(decider, parts.journal, snapshots).current
            doubles = partial(table.doubles, snapshots) if table.doubles else None
            namesakes = partial(table.namesakes, snapshots) if table.namesakes else None
            importing = Import(service, table, decider, current, doubles, namesakes)
            _import(router, importing, parts)
    return router


# --- export -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Exports:
    """What all exports of a service have: where they read, under which licence; and their turns."""

    snapshots: Snapshots[Any]
    licence: str
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)


def _export(router: Router, table: Table, exports: _Exports) -> None:
    licence = exports.licence

    @router.get(f"/{table.name}/export.dictionary", response_model_exclude_none=True)
    async def meaning() -> Dictionary:
        """What each column of the export and of an import means."""
        return dictionary(table, licence)

    @router.get(
        f"/{table.name}/export.{{form}}",
        response_class=StreamingResponse,
        responses={200: {"content": _CONTENT}},
    )
    async def export(  # noqa: PLR0913, PLR0917 - most are parameters of the query
        request: Request,
        form: Form,
        bom: Flag = False,  # noqa: FBT002 - a parameter of the query
        separator: Separator = "comma",
        where: Document = Depends(table.where),
        day: str | None = Depends(_day if table.as_of else _today),
    ) -> StreamingResponse:
        """All of them as CSV, JSON Lines or XLSX; `bom` has Excel see that the CSV is UTF-8.

        `separator` is what a spreadsheet of one's country opens by double click: the semicolon
        where decimals have a comma.
        """
        page = licence_page(licence)
        links = f'<{page}>; rel="license", {_DESCRIBED}' if page else _DESCRIBED
        named = f'attachment; filename="{table.name}.{form}"'
        headers = {"Link": links, "Content-Disposition": named}
        if only_headers(request):
            return StreamingResponse((), media_type=_MEDIA[form], headers=headers)
        rows = rows_of(table, exports.snapshots, where, licence, day)
        pieces = written(rows, table, form, SEPARATORS[separator], bom=bom)
        return StreamingResponse(
            in_turn(pieces, exports.turns), media_type=_MEDIA[form], headers=headers
        )


def _day(as_of: AsOf = None) -> str | None:
    """The day of which an export is; None is today."""
    day = day_of(as_of)
    return day.isoformat() if day else None


def _today() -> None:
    """An export that is of today only takes no `as_of`."""


# --- import -----------------------------------------------------------------------------------


def _import(router: Router, importing: Import[Any], parts: Parts[Any]) -> None:
    one_at_a_time = asyncio.Lock()
    row = importing.table.row

    @router.post(
        f"/{importing.table.name}/import",
        dependencies=[needs(Scope.PUBLISH, anybody=True), READING],
        status_code=HTTPStatus.ACCEPTED,
        responses={
            200: {"model": ImportReport},
            202: {"model": ImportReport},
            503: failure("Kafka did not confirm all of it in time; `delivered` rows' events are."),
        },
        openapi_extra={"requestBody": _request_body(importing.table)},
    )
    async def take(
        request: Request,
        only_good: Flag = False,  # noqa: FBT002 - a parameter of the query
        dry_run: Flag = False,  # noqa: FBT002 - likewise
    ) -> Response:
        """Check every row; then tell all of them or none, or with `only_good` the good ones."""
        assert issubclass(row, ImportedRow)  # noqa: S101 - whoever includes the route saw to it
        form, content = _form(request), await request.body()
        async with one_at_a_time:
            checked = await importing.check(read(content, form, row))
            if dry_run:
                return _answer(HTTPStatus.OK, checked.report(sent=False))
            if checked.is_broken or (checked.bad and not only_good):
                return _refusal(checked)
            await parts.web_publisher.send(checked.outgoing)
        status = HTTPStatus.ACCEPTED if checked.outgoing else HTTPStatus.OK
        return _answer(status, checked.report(sent=True))


def _form(request: Request) -> Form:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in _FORMS:
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"one of {', '.join(_FORMS)}")
    return _FORMS[media]


def _answer(status: HTTPStatus, report: ImportReport) -> Response:
    return JSONResponse(report.model_dump(), status)


def _refusal(checked: Checked) -> Response:
    wrong = f"{checked.bad} of {checked.rows} rows are not good"
    if checked.is_broken:
        last = checked.errors[-1]
        where = f"row {last.row}" + (f", {last.column!r}" if last.column else "")
        wrong = f"the file cannot be read: {where}: {last.reason}"
    detail = f"{wrong}; nothing was imported"
    report = checked.report(sent=False).model_dump()
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, **report)


def _request_body(table: Table) -> Document:
    return {
        "required": True,
        "description": f"{table.title}: a header and rows, or JSON objects, one a line",
        "content": {**_CONTENT, "text/tab-separated-values": _TEXT},
    }
