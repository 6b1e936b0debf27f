"""Journals of each release, as real services of it wrote them, and the views of then.

`python -m tests.contract.journals 0.1.0` records one, at a release. What is here is never changed:
whatever comes later has to read it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from bson import json_util

from services.manifests import MANIFESTS

Document = dict[str, Any]

FOLDER: Final = Path(__file__).parent
RELEASES: Final = sorted(path.name for path in FOLDER.iterdir() if (path / "plans").is_dir())
"""Those that there are."""
EACH: Final = [(release, service) for release in RELEASES for service in MANIFESTS]
JOURNAL: Final = "journal"
DELIVERIES: Final = "deliveries"


def path_of(release: str, service: str, name: str) -> Path:
    """The file of a collection, or of a view."""
    return FOLDER / release / service / f"{name}.jsonl"


def read(release: str, service: str, name: str) -> list[Document]:
    """What was recorded."""
    lines = path_of(release, service, name).read_text("utf-8").splitlines()
    return [json_util.loads(line, json_options=_OPTIONS) for line in lines]


def write(release: str, service: str, name: str, documents: list[Document]) -> None:
    """Keep what there is, a line for each document."""
    path = path_of(release, service, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json_util.dumps(one, json_options=_OPTIONS, ensure_ascii=False) for one in documents)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def views(release: str, service: str) -> list[str]:
    """The names of what people read of a service."""
    folder = FOLDER / release / service
    return sorted({path.stem for path in folder.glob("*.jsonl")} - {JOURNAL, DELIVERIES})


_OPTIONS: Final = json_util.JSONOptions(
    json_mode=json_util.JSONMode.RELAXED, tz_aware=True, strict_number_long=False
)
