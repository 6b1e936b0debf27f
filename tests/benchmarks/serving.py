"""The plans service, up and ready, for as long as something is asked of it."""

from __future__ import annotations

import sys
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from tests.benchmarks.job import INBOX, join_installation, open_all
from tests.benchmarks.race import running
from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.benchmarks.race import Stage


@asynccontextmanager
async def serving(stage: Stage, members: int) -> AsyncIterator[tuple[str, str]]:
    """Run plans with this many members; gives its URL and the name of its database."""
    database, port = f"bench_{uuid.uuid4().hex[:8]}", free_port()
    await open_all(stage.client[database], members)
    ends = await stage.observer.ends(INBOX)
    await stage.observer.rewind("coalition.plans", ends)
    await join_installation(stage.client[database], ends)
    command = (sys.executable, "-m", "services", "plans")
    environment = stage.environment(database, HTTP_PORT=port)
    with running(stage, "serving", command, [environment]):
        url = f"http://127.0.0.1:{port}"
        await answers(f"{url}/readyz")
        yield url, database
    await stage.client.drop_database(database)


async def answers(url: str) -> None:
    """Wait until somebody answers that all is well."""

    async def well() -> bool:
        async with httpx.AsyncClient() as client:
            try:
                return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False

    await eventually(well)
