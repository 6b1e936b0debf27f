"""Where files are that all lanes share, and files that are whole or not there."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """What the lanes of a user share: what was fetched, and locks."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "coalition"


def write(path: Path, content: str | bytes, mode: int = 0o666) -> None:
    """Write a file beside its place, and move it there once all of it is on the disk.

    One writer at a time: what an interrupted one left beside the place is removed.

    Args:
        path: where it is to be; what is there is replaced.
        content: all of it; text is written as UTF-8.
        mode: who may read it, less the process's umask.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, for its mode
        file.write(content if isinstance(content, bytes) else content.encode())
        file.flush()
        os.fsync(descriptor)
    part.replace(path)
