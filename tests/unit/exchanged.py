"""Tables exported and imported in memory, as the services do over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services import manifests
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.tabular import spreadsheet
from shared.tabular.checking import Import
from shared.tabular.reading import read
from shared.tabular.rows import ImportedRow, Table, columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.base import Event
    from shared.domain.decider import S
    from shared.kafka.producer import Outgoing
    from shared.tabular.reading import Form
    from shared.tabular.report import Checked
    from tests.unit.fold import Folded


def exported(table: Table, folded: Folded[Any]) -> str:
    """The table of what was told, as CSV."""
    lines = [spreadsheet.line(columns(table.row))]
    for stream, state in sorted(folded.states.items()):
        if stream.kind == table.kind:
            for row in table.rows(state):
                said = row.model_dump(mode="json")
                lines.append(spreadsheet.line(said[name] for name in columns(table.row)))
    return "".join(lines)


async def checked(table: Table, folded: Folded[S], text: str, form: Form = "csv") -> Checked:
    """A file, checked against what was told."""
    assert issubclass(table.row, ImportedRow)

    async def current(streams: set[Stream]) -> dict[Stream, Versioned[S]]:
        return {s: Versioned(folded.given, folded.states.get(s)) for s in streams}

    importing = Import("membership", table, folded.decider, current)
    return await importing.check(read(text.encode(), form, table.row))


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
