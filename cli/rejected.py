"""`coalition rejected`: look at what could not be accepted, and try it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from cli import endpoints, operating, rejections, report, tables
from cli.operating import Service
from cli.rejections import Asked
from cli.running import run
from services.manifests import MANIFESTS
from shared.journal.entry import Origin as Place
from shared.kafka import lookup
from shared.pipeline.headers import POINTER_HEADER

if TYPE_CHECKING:
    from shared.kafka.salvage import Record

app = typer.Typer(no_args_is_help=True, help="What could not be accepted, and why.")
console = Console()

_SHOWN: Final = 64 * 1024
"""Characters of a body that are shown."""

_SERVICES: Final = ", ".join(MANIFESTS)
Origin = Annotated[str, typer.Argument(help="topic/partition/offset, as `list` shows it")]


def _read(service: str) -> dict[str, Record]:
    found: dict[str, Record] = run(report.rejections(endpoints.load(), service))
    return found


def _find(service: str, origin: str) -> Record:
    record = _read(service).get(origin)
    if record is None:
        _end(f"{service} rejected nothing from {origin}.")
    return record


def _original(origin: str, record: Record) -> Record:
    """The record itself, from where it was read where `rejected` has only a pointer to it."""
    headers = dict(record.headers)
    if POINTER_HEADER not in headers:
        return record
    size = (headers.get(POINTER_HEADER) or b"?").decode()
    at = Place.of(origin)
    found: Record | None = run(
        lookup.record_at(endpoints.load().connection(), at.topic, at.partition, at.offset)
    )
    if found is None:
        _end(f"Its {size} bytes were at {origin} alone, and are no longer there.")
    if found.lost:
        _end(f"Its {size} bytes are at {origin}, but not readable: {found.error}.")
    return found


def _end(why: str) -> NoReturn:
    console.print(why, style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(1)


@app.command("list")
def list_(  # noqa: PLR0913 - each filter is an option
    service: Annotated[str | None, typer.Argument(help=f"{_SERVICES}; else all")] = None,
    *,
    code: Annotated[str | None, typer.Option(help="rule, contract, reused, defect, …")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="such as CitySigned")] = None,
    about: Annotated[str | None, typer.Option(help="the id of a member or a coalition")] = None,
    source: Annotated[str | None, typer.Option(help="who sent it")] = None,
    since: Annotated[str | None, typer.Option(help="2026-11-26, or 2026-11-26T08:30Z")] = None,
    unmended: Annotated[bool, typer.Option(help="only what nobody has put right since")] = False,
    limit: Annotated[int, typer.Option(min=1, help="how many of each service at most")] = 50,
    after: Annotated[str, typer.Option(help="go on behind what was shown last")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """List what was rejected, the newest first: whom it is about, who sent it, and why."""
    if after and service is None:
        raise typer.BadParameter("--after goes on with one service: say which")
    where = {"code": code, "type": type_, "about": about, "source": source, "since": since}
    names = [service] if service else [*MANIFESTS]
    asked = {name: Asked(where, after, limit, unmended=unmended) for name in names}
    found = {name: run(rejections.some(endpoints.load(), name, asked[name])) for name in names}
    if as_json:
        tables.as_json({name: {"items": items, "next": n} for name, (items, n) in found.items()})
        return
    for name, (items, more) in found.items():
        for one in items:
            _print(_described(name, one))
        if more:
            _print(f"There is more: coalition rejected list {name} --after '{more}'")


@app.command()
def show(service: Service, origin: Origin) -> None:
    """Show one rejected record with its headers and body."""
    record = _find(service, origin)
    for name, value in record.headers:
        _print(f"{name}: {(value or b'').decode(errors='replace')}")
    original = _original(origin, record)
    if original is not record:
        for name, value in original.headers:
            _print(f"{name}: {(value or b'').decode(errors='replace')[:_SHOWN]}")
    body = (original.value or b"").decode(errors="replace")
    _print(f"\n{body[:_SHOWN]}")
    if len(body) > _SHOWN:
        _print(f"... and {len(body) - _SHOWN} more characters")


def _described(service: str, one: dict[str, Any]) -> str:
    """A few lines: a table with ids, origins and reasons side by side fits no terminal."""
    mended = one["mended"] or "nothing yet"
    when, about = one["recorded"][:19], one["about"] or "-"
    return "\n".join(
        (
            f"{when}  {one['event'] or 'no event'}  {about}  ({service})",
            f"    {one['code']}: {one['reason']}",
            f"    sent by {one['source'] or 'an unknown sender'}; mended by {mended}",
            f"    {one['origin']}",
        )
    )


def _print(text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)


@app.command()
def replay(service: Service, origin: Origin) -> None:
    """Have the service decide one rejected record anew; twice is harmless."""
    run(operating.replay(service, origin))
    console.print(f"Sent again; `coalition rejected list {service}` tells if in vain.")
