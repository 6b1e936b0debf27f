"""Which version of Coalition this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """What `coalition --version` says."""
    return f"coalition {metadata.version('coalition')}"
