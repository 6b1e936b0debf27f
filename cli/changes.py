"""`coalition changes`, `coalition members timeline`: what was recorded, over all services."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from cli import client, endpoints, tables
from cli.reading import MEMBERS, AsJson, Coalition, Id
from cli.running import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

console = Console()

_MOST: Final = 2_000
"""Changes that are shown at once."""
_TIMELINE: Final = {"When": "when", "What": "what", "Recorded": "recorded"}
_CHANGES: Final = {"Recorded": "recorded", "When": "when", "What": "what"}
_UNSAID: Final = frozenset({"Coalition", "Country", "Kind", "Date", "Commitments"})
"""Details that a line says already, that are the same on each, or that are ten lines."""
_NO_COALITION: Final = "All coalitions"

DayFrom = Annotated[str | None, typer.Option(help="YYYY-MM-DD: from this day on; else a week")]
DayTo = Annotated[str | None, typer.Option(help="YYYY-MM-DD: to the end of this day")]
AsText = Annotated[bool, typer.Option("--text", help="as text, to be sent on")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("changes")(changes)
    MEMBERS.app.command()(timeline)


def changes(
    *,
    since: DayFrom = None,
    until: DayTo = None,
    coalition: Coalition = None,
    as_text: AsText = False,
    as_json: AsJson = False,
) -> None:
    """Show what was recorded in the last week, or since a day, over all services."""
    where = {"since": since, "until": until, "coalition": coalition}
    found = run(_some("/changes", where))
    if as_json:
        tables.as_json(found)
    elif as_text:
        for line in text(found):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    else:
        console.print(tables.table(_CHANGES, map(row, found)))
    if not as_json:
        _say_how_many(found)


def timeline(id_: Id, *, as_json: AsJson = False) -> None:
    """Show all that is recorded of a member, by date: with its sources, and who recorded it."""
    found = run(of_member(id_))
    if as_json:
        tables.as_json(found)
        return
    console.print(table_of(found))
    _say_how_many(found)


async def of_member(id_: str) -> list[dict[str, Any]]:
    """What is recorded of a member, by date."""
    return await _some(f"/members/{id_}/timeline", {})


def table_of(found: Iterable[dict[str, Any]], title: str = "") -> Any:  # noqa: ANN401 - rich's table
    """A timeline as a table that 80 columns hold."""
    return tables.table(_TIMELINE, map(row, found), title)


def row(change: dict[str, Any]) -> dict[str, str]:
    """A change in three cells: its date, what it says, and when who recorded it."""
    details = [
        f"{one['label']}: {one['text']}"
        for one in change["details"]
        if one["label"] not in _UNSAID and one["text"] not in {"", change["dated"]}
    ]
    return {
        "when": change["dated"] or "-",
        "what": "\n".join([change["headline"], *details]),
        "recorded": f"{change['recorded'][:10]}\n{_by(change)}",
    }


def _by(change: dict[str, Any]) -> str:
    """Who recorded it: the last part of a long source says most."""
    return str(change["recorded_by"]).removeprefix("/coalition/")


def text(found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What changed as text: coalition after coalition, a line for each change."""
    named = sorted(found, key=lambda change: change["coalition"] or "")
    for coalition, changes_of_it in groupby(named, key=lambda change: change["coalition"]):
        yield f"{coalition or _NO_COALITION}"
        for change in changes_of_it:
            dated = f" ({change['dated']})" if change["dated"] else ""
            yield f"  - {change['headline']}{dated}"
        yield ""


async def _some(path: str, where: dict[str, str | None]) -> list[dict[str, Any]]:
    """As many changes as are shown at once."""
    url = f"{endpoints.load().url('notifications')}{path}"
    found: list[dict[str, Any]] = []
    async for change in client.pages(url, **where):
        found.append(change)
        if len(found) == _MOST:
            break
    return found


def _say_how_many(found: list[dict[str, Any]]) -> None:
    more = ", and there may be more: ask for fewer days" if len(found) == _MOST else " in all"
    console.print(f"{len(found)}{more}", highlight=False)
