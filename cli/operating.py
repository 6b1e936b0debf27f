"""What operators ask of a running service: rebuild, republish, resume, adopt, reread, replay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Literal

import httpx
import typer

from cli import endpoints
from cli.client import get
from services.manifests import MANIFESTS

if TYPE_CHECKING:
    from cli.endpoints import Endpoints

_SECONDS = 60
"""Longer than a service takes for any of these."""
_NUMBERS = 2
Service = Annotated[str, typer.Argument(help=f"one of {', '.join(MANIFESTS)}")]


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


async def rebuild(service: str) -> int:
    """Have a service rebuild its snapshots, and wait for it; returns how many it wrote."""
    where = endpoints.load()
    url = f"{url_of(where, service)}/snapshots/rebuild"
    (await _post(url, where)).raise_for_status()
    while (state := await get(url))["running"]:  # noqa: ASYNC110 - it runs in another process
        await asyncio.sleep(0.3)
    return int(state["written"])


async def republish(service: str) -> int:
    """Have a service publish all its events again, and wait for it; returns how many."""
    where = endpoints.load()
    url = f"{url_of(where, service)}/journal/republish"
    (await _post(url, where)).raise_for_status()
    while (state := await get(url))["running"]:  # noqa: ASYNC110 - it runs in another process
        await asyncio.sleep(0.3)
    return int(state["published"])


async def resume(service: str) -> bool:
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


async def read_on(service: str, how: Literal["adopt", "reread"]) -> dict[str, int]:
    """End a halt over offsets that do not fit the store; returns where each partition is read on.

    Raises:
        httpx.HTTPStatusError: there is no such halt, or others read with the group.
    """
    where = endpoints.load()
    answer = await _post(f"{url_of(where, service)}/consumer/{how}", where)
    answer.raise_for_status()
    offsets: dict[str, int] = answer.json()["offsets"]
    return offsets
