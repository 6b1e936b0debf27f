"""On what a run was made: versions and machine, without its name."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final

import psutil

from tests.containers import KAFKA, MONGO

_LIBRARIES: Final = ("aiokafka", "faststream", "pydantic", "pymongo", "aiosmtplib", "fastapi")


def described(*, containers: bool) -> dict[str, str]:
    """What a reader needs to judge the figures."""
    gigabytes = psutil.virtual_memory().total / 1024**3
    return {
        "machine": f"{os.cpu_count()} cores ({_model()}), {gigabytes:.0f} GB, {platform.system()}",
        "parts": f"containers {KAFKA}, {MONGO}" if containers else "the embedded lane",
        "Python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _model() -> str:
    """The processor, where the system says which."""
    about = Path("/proc/cpuinfo")
    lines = about.read_text().splitlines() if about.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
