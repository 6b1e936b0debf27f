"""A store that speaks MongoDB's protocol over WiredTiger, as a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path


def command(data: Path, host: str, port: int) -> list[str]:
    """The command that runs the store.

    Args:
        data: the store's own folder.
        host: the address to listen on.
        port: the port to listen on.
    """
    data.mkdir(parents=True, exist_ok=True)
    program = Path(sys.executable).parent / "secantusd-py"
    return [
        str(program),
        "--host",
        host,
        "--port",
        str(port),
        "--storage-path",
        str(data),
        "--cache-size",
        "128M",
        "--log-level",
        "WARNING",
    ]


def uri(host: str, port: int) -> str:
    """The connection URI of the store."""
    return f"mongodb://{host}:{port}/?directConnection=true"
