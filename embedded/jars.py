"""Kafka's jars, from a Maven repository: fetched aside, checked, and only then put in place.

`python -m embedded.jars FOLDER` fetches them. It is a process of its own because it holds the
lock: if who asked for it is killed, it either ends its work or leaves what nobody trusts.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock

from embedded import files
from embedded.errors import LaneError

if TYPE_CHECKING:
    from collections.abc import Callable

# Kafka leaves the choice of a logger open, and without the second it would log nothing at all.
COORDINATES: Final = ("org.apache.kafka:kafka_2.13:4.1.1", "org.slf4j:slf4j-simple:1.7.36")
_SUMS: Final = "sha256.json"
_FETCH_SECONDS: Final = 600


def find(report: Callable[[str], None]) -> list[Path]:
    """The jars, fetched if they are not all there as they were once fetched.

    Raises:
        LaneError: they cannot be had; a later call tries again.
    """
    name = "+".join(c.partition(":")[2].replace(":", "-") for c in COORDINATES)
    folder = files.cache() / "kafka" / name
    if not is_complete(folder):
        report(f"fetching Apache Kafka (45 MB, on the first start only) from {_source()}")
        _fetch_apart(folder)
    return [folder / name for name in sorted(_sums(folder))]


def is_complete(folder: Path) -> bool:
    """Whether every jar is there as it was once fetched (50 ms for all of Kafka)."""
    sums = _sums(folder)
    return bool(sums) and all(_sum(folder / name) == expected for name, expected in sums.items())


def fetch(folder: Path) -> None:
    """Fetch the jars into a folder; one process does so while others wait for it.

    Raises:
        OSError, RuntimeError: they cannot be fetched, or arrived damaged.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_FETCH_SECONDS):
        if is_complete(folder):
            return  # the process that held the lock has fetched them
        part = folder.with_name(f"{folder.name}.part")
        for left in (part, folder):
            shutil.rmtree(left, ignore_errors=True)
        jars = _download(part)
        sums = {jar.relative_to(part).as_posix(): _sum(jar) for jar in jars}
        files.write(part / _SUMS, json.dumps(sums, indent=2))
        part.rename(folder)


def _repository() -> str:
    """Another Maven repository than the usual one; empty where none is named."""
    return os.environ.get("COALITION_MAVEN", "")


def _source() -> str:
    return _repository() or "Maven Central"


def _sums(folder: Path) -> dict[str, str]:
    try:
        sums = json.loads((folder / _SUMS).read_bytes())
    except (OSError, ValueError):
        return {}
    return sums if isinstance(sums, dict) else {}


def _sum(jar: Path) -> str | None:
    try:
        with jar.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None


def _download(folder: Path) -> list[Path]:
    # Half a second, on the first start only.
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415
    from jgo.maven import MavenContext  # noqa: PLC0415

    url = _repository() or MAVEN_CENTRAL_URL
    # A repository cache of our own: jgo trusts a torn file in the one that Maven shares.
    maven = MavenContext(repo_cache=folder, remote_repos={"central": url})
    wanted = [maven.create_dependency(coordinate) for coordinate in COORDINATES]
    inputs, others = maven.resolver.resolve(wanted)
    needed = [d for d in others if d.scope in {"compile", "runtime"}]
    return [_checked(dependency.artifact.resolve()) for dependency in (*inputs, *needed)]


def _checked(jar: Path) -> Path:
    if zipfile.is_zipfile(jar):
        with zipfile.ZipFile(jar) as content:
            if content.namelist() and content.testzip() is None:
                return jar
    msg = f"{jar.name} arrived damaged"
    raise RuntimeError(msg)


def _fetch_apart(folder: Path) -> None:
    command = [sys.executable, "-m", "embedded.jars", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command, capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS
        )
        why = "".join(done.stderr.splitlines()[-1:])
    except subprocess.TimeoutExpired:
        why = f"not done in {_FETCH_SECONDS} s"
    if not is_complete(folder):
        msg = (
            f"Apache Kafka cannot be fetched from {_source()}: {why}\n"
            "Start again once it can be reached, or name another Maven repository in "
            "COALITION_MAVEN."
        )
        raise LaneError(msg)


if __name__ == "__main__":
    fetch(Path(sys.argv[1]))
