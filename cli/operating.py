"""What operators ask of a running service, in groups as HTTP has them; a replay is asked here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

import httpx
import typer
from rich.console import Console

from cli import endpoints
from cli.client import get
from cli.confirming import Yes, confirm
from cli.running import run
from services.manifests import MANIFESTS

if TYPE_CHECKING:
    from cli.endpoints import Endpoints

console = Console()
consumer = typer.Typer(no_args_is_help=True, help="How a service reads on after a halt.")
snapshots = typer.Typer(
    no_args_is_help=True, help="What is read of a service, made of its journal."
)
journal = typer.Typer(no_args_is_help=True, help="What a service has decided.")
_SECONDS = 60
"""Longer than a service takes for any of these."""
_NUMBERS = 2
Service = Annotated[str, typer.Argument(help=f"one of {', '.join(MANIFESTS)}")]


def register(app: typer.Typer) -> None:
    """Add the groups to the command line."""
    app.add_typer(consumer, name="consumer")
    app.add_typer(snapshots, name="snapshots")
    app.add_typer(journal, name="journal")


@consumer.command()
def resume(service: Service) -> None:
    """Have a service read halted inboxes again, once their publishers are mended."""
    ending = "reads on" if run(_resume(service)) else "had no inbox halted"
    console.print(f"{service} {ending}.")


@consumer.command()
def reread(service: Service) -> None:
    """Have a halted service read again all that its store has not read."""
    _read_on(service, "reread")


@consumer.command()
def skip_unread(
    service: Service,
    *,
    yes: Yes = False,
) -> None:
    """Have a halted service take Kafka as it is; what it has not read is given up."""
    confirm(f"Give up for good what {service} has not read?", yes=yes)
    _read_on(service, "skip-unread")


@snapshots.command()
def rebuild(service: Service) -> None:
    """Write a service's snapshots anew from its journal, while it goes on."""
    console.print(f"{run(_done(service, 'snapshots/rebuild', 'written'))} snapshots written.")


@journal.command()
def republish(service: Service) -> None:
    """Make a service's events topic anew from its journal, after Kafka was lost."""
    count = run(_done(service, "journal/republish", "published"))
    console.print(f"{count} events published again.")


def url_of(where: Endpoints, service: str) -> str:
    """Where a service answers.

    Raises:
        typer.BadParameter: there is no such service.
    """
    if service not in MANIFESTS:
        raise typer.BadParameter(f"one of {', '.join(MANIFESTS)}")
    return where.url(service)


async def _post(url: str, where: Endpoints, body: object = None) -> httpx.Response:
    async with httpx.AsyncClient(timeout=_SECONDS, headers=where.bearer()) as client:
        return await client.post(url, json=body)


async def _done(service: str, path: str, count: str) -> int:
    """Have a service do something that takes a while, and wait for it; returns how much it did."""
    where = endpoints.load()
    url = f"{url_of(where, service)}/{path}"
    (await _post(url, where)).raise_for_status()
    while (state := await get(url))["running"]:  # noqa: ASYNC110 - it runs in another process
        await asyncio.sleep(0.3)
    return int(state[count])


async def _resume(service: str) -> bool:
    """End a halt; says whether there was one."""
    where = endpoints.load()
    answer = await _post(f"{url_of(where, service)}/consumer/resume", where)
    if answer.status_code == httpx.codes.CONFLICT:
        return False
    answer.raise_for_status()
    return True


async def replay(service: str, origin: str) -> None:
    """Have a service decide anew what it rejected from an origin, `topic/partition/offset`.

    Raises:
        typer.BadParameter: that is no origin.
        httpx.HTTPStatusError: it has not rejected it, or cannot read it any more.
    """
    topic, *numbers = origin.rsplit("/", 2)
    if len(numbers) != _NUMBERS or not all(n.isascii() and n.isdigit() for n in numbers):
        raise typer.BadParameter(f"{origin!r} is not topic/partition/offset, as `list` shows it")
    where = endpoints.load()
    body = {"topic": topic, "partition": int(numbers[0]), "offset": int(numbers[1])}
    answer = await _post(f"{url_of(where, service)}/rejected/replay", where, body)
    answer.raise_for_status()


def _read_on(service: str, how: Literal["skip-unread", "reread"]) -> None:
    """End a halt over offsets that do not fit the store, and show where it reads on."""
    for partition, offset in sorted(run(_offsets(service, how)).items()):
        console.print(f"{partition} from {offset}", highlight=False)
    console.print(f"{service} reads on within seconds, if nothing else is in its way.")


async def _offsets(service: str, how: str) -> dict[str, int]:
    """Where each partition is read on.

    Raises:
        httpx.HTTPStatusError: there is no such halt, or others read with the group.
    """
    where = endpoints.load()
    answer = await _post(f"{url_of(where, service)}/consumer/{how}", where)
    answer.raise_for_status()
    offsets: dict[str, int] = answer.json()["offsets"]
    return offsets
