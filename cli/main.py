"""The `coalition` command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from cli import (
    announcements,
    backup,
    changes,
    client,
    deliveries,
    demonstration,
    doctor,
    endpoints,
    events,
    files,
    following_up,
    gatherings,
    lane,
    local_plans,
    mail,
    offices,
    operating,
    people,
    reading,
    rejected,
    report,
    reports,
    restore,
    rights,
    serve,
    subscriptions,
    suppressions,
    tables,
    token,
    webhooks,
)
from cli.running import failures, run
from cli.saying import commands as saying
from cli.version import version

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
lane.register(app)
serve.register(app)
doctor.register(app)
operating.register(app)
backup.register(app)
restore.register(app)
rights.register(app)
files.register(app)
reading.register(app)
local_plans.register(app)
reports.register()
following_up.register(app)
saying.register(app)
changes.register(app)
gatherings.register(app)
app.add_typer(offices.app, name="offices", help="Who has which office, and until when.")
app.add_typer(events.app, name="events")
app.add_typer(rejected.app, name="rejected")
app.add_typer(deliveries.app, name="deliveries")
app.add_typer(mail.app, name="mail")
app.add_typer(subscriptions.app, name="subscriptions")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(people.app, name="people")
app.add_typer(announcements.app, name="announcements")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(token.app, name="token")
console = Console()


def _version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        console.print(version(), highlight=False)
        raise typer.Exit


@app.callback()
def _coalition(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="say the release")
    ] = False,
) -> None:
    """The International Coalition of Cities against Racism, from the command line."""
    del version


DATA = Path(__file__).parent.parent / "data"
_DEMO_SECONDS = 120
_SHOWN = "uy-city-montevideo"
"""The member whose timeline the demo shows."""


@app.command()
def publish(
    file: Annotated[str, typer.Argument(help="JSON Lines of CloudEvents, or - for standard input")],
    *,
    validate_only: Annotated[
        bool, typer.Option("--validate-only", help="check all lines, and publish none")
    ] = False,
) -> None:
    """Publish events through Kafka to the inboxes that take them; all lines are checked first."""
    with failures():
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        if validate_only:
            checked = client.check(_lines(raw), endpoints.load().publishers)
            console.print(f"{len(checked)} events are good; nothing was published.")
            return
    count = run(_publish(raw))
    console.print(f"{count} published; `coalition rejected list` has what is not accepted.")


def _lines(raw: bytes) -> list[bytes]:
    return [line for line in raw.splitlines() if line.strip()]


async def _publish(raw: bytes) -> int:
    lines = _lines(raw)
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("publishing", total=len(lines))
        return await client.publish(endpoints.load(), lines, lambda n: bar.advance(task, n))


@app.command()
def status(
    *, as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False
) -> None:
    """Members, commitments, lag per consumer, rejected events, deliveries."""
    found = run(report.collect(endpoints.load()))
    if as_json:
        tables.as_json(found)
    else:
        report.show(found, console)


@app.command()
def demo(
    *,
    external: Annotated[
        bool, typer.Option(help="use the system that is running, do not start one")
    ] = False,
    port: lane.Ports = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON only")] = False,
) -> None:
    """Publish the whole real history through Kafka, as an outsider would, and show what is.

    In the end something happens today, of which staff get e-mails to look at.
    """
    if external and port:
        raise typer.BadParameter("--port is for the system that `demo` starts, not with --external")
    if not external:
        lane.ensure_up(port or [], quiet=as_json)
    found = run(_demo(quiet=as_json))
    if as_json:
        tables.as_json(found)
        return
    report.show(found, console)
    console.print(changes.table_of(found["timeline"], title=f"The timeline of {_SHOWN}"))
    demonstration.show(found["emails"], console)
    where = endpoints.load()
    console.print(f"\nLook around: {where.url('membership')}/docs  {where.url('plans')}/docs")
    console.print(f"             {where.url('notifications')}/docs  e-mails at {where.mailpit_url}")
    if not external:
        console.print("`coalition down` (or `make down`) stops it; the data stays.")


async def _demo(*, quiet: bool) -> dict[str, Any]:
    where = endpoints.load()
    staff = json.loads((DATA / "staff.json").read_text())
    lines = (DATA / "history" / "events.jsonl").read_bytes().splitlines()
    with Progress(console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("publishing the history", total=len(lines))
        await client.publish(where, lines, lambda n: bar.advance(task, n))
        bar.add_task("waiting until every service has caught up", total=None)
        await client.settled(where, _DEMO_SECONDS)
        # Not before: a subscription names what there is.
        await client.subscribe(where, staff)
        bar.add_task("waiting for e-mails about what happens today", total=None)
        emails = await demonstration.happen(where)
    timeline = await changes.of_member(_SHOWN)
    return {**await report.collect(where), "timeline": timeline, "emails": emails}


if __name__ == "__main__":
    app()
