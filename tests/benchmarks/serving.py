"""A service, up and ready, for as long as something is asked of it."""

from __future__ import annotations

import sys
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx

from services.manifests import MANIFESTS
from tests.benchmarks.filling import join_all, open_all
from tests.benchmarks.job import join_installation
from tests.benchmarks.race import running
from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.benchmarks.observer import Offsets
    from tests.benchmarks.race import Running, Stage

_READY_SECONDS: Final = 300
"""With many members its indexes take their time."""
_FILLED: Final = {"plans": open_all, "membership": join_all}


class Served(NamedTuple):
    """A service that is up."""

    url: str
    database: str
    running: Running

    @property
    def memory(self) -> float:
        """What it takes now, or took when somebody looked before; in MB."""
        self.running.look()
        return self.running.peak


@asynccontextmanager
async def serving(stage: Stage, members: int, service: str = "plans") -> AsyncIterator[Served]:
    """Run a service with this many members."""
    database, port = f"bench_{uuid.uuid4().hex[:8]}", free_port()
    await _FILLED[service](stage.client[database], members)
    # All that it reads: as of the service before it the group has read what this store has not.
    ends: Offsets = {}
    for source in MANIFESTS[service].sources():
        ends |= await stage.observer.ends(source.topic)
    await stage.observer.rewind(f"coalition.{service}", ends)
    await join_installation(stage.client[database], ends)
    command = (sys.executable, "-m", "services", service)
    environment = stage.environment(database, HTTP_PORT=port)
    with running(stage, "serving", command, [environment]) as process:
        url = f"http://127.0.0.1:{port}"
        await answers(f"{url}/readyz", _READY_SECONDS, process)
        yield Served(url, database, process)
    await stage.client.drop_database(database)


async def answers(url: str, seconds: float = 60, running: Running | None = None) -> None:
    """Wait until somebody answers that all is well; whoever is `running` may not end meanwhile."""

    async def well() -> bool:
        if running:
            running.look()
        async with httpx.AsyncClient(timeout=seconds) as client:
            try:
                return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False

    await eventually(well, seconds)
