"""`coalition rebuild` and `coalition resume`: what operators ask of a running service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import httpx
import typer

from cli import endpoints
from cli.client import get

if TYPE_CHECKING:
    from cli.endpoints import Endpoints

Service = Annotated[str, typer.Argument(help="membership, plans or notifications")]


def url_of(where: Endpoints, service: str) -> str:
    """Where a service answers.

    Raises:
        typer.BadParameter: there is no such service.
    """
    urls = {name: getattr(where, name) for name in ("membership", "plans", "notifications")}
    if service not in urls:
        raise typer.BadParameter(f"one of {', '.join(urls)}")
    return str(urls[service])


async def _post(url: str, where: Endpoints) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10, headers=where.bearer()) as client:
        return await client.post(url)


async def rebuild(service: str) -> int:
    """Have a service rebuild its views, and wait for it; returns how many it wrote."""
    where = endpoints.load()
    url = f"{url_of(where, service)}/views/rebuild"
    (await _post(url, where)).raise_for_status()
    while (state := await get(url))["running"]:  # noqa: ASYNC110 - it runs in another process
        await asyncio.sleep(0.3)
    return int(state["written"])


async def resume(service: str) -> bool:
    """End a halt; says whether there was one."""
    where = endpoints.load()
    answer = await _post(f"{url_of(where, service)}/consumer/resume", where)
    if answer.status_code == httpx.codes.CONFLICT:
        return False
    answer.raise_for_status()
    return True
