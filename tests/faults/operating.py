"""The command line, as an operator uses it beside what goes on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.system import TOKEN

if TYPE_CHECKING:
    from tests.faults.fleet import Fleet
    from tests.faults.world import World


async def coalition(world: World, *words: str, fleet: Fleet | None = None) -> str:
    """What `coalition` says.

    Args:
        world: where it looks for Kafka and the store.
        words: what it is asked.
        fleet: whose first instance it may ask.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        *words,
        env={
            **os.environ,
            "COLUMNS": "200",
            "COALITION_KAFKA": world.parts.kafka,
            "COALITION_MONGODB": world.parts.mongodb,
            "COALITION_DIRECTORY": str(world.logs),
            "COALITION_TOKEN": TOKEN,
            **(_where(fleet) if fleet else {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


def _where(fleet: Fleet) -> dict[str, str]:
    url = f"http://127.0.0.1:{fleet.instances[0].port}"
    return {f"COALITION_{fleet.service.upper()}_URL": url}
