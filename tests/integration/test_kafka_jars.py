"""Kafka's jars are all there as they were served, or not there, whatever interrupts the fetch."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from embedded import jars
from embedded.errors import LaneError
from tests import maven

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Damage = Callable[[maven.Repository, str], None]
    Spoil = Callable[[Path], None]

FIND = "from embedded import jars; print(*jars.find(lambda line: None), sep='\\n')"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[maven.Repository]:
    with maven.repository() as served:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        monkeypatch.setenv("COALITION_MAVEN", served.url)
        yield served


def find() -> list[Path]:
    return jars.find(lambda _: None)


def names(found: list[Path]) -> set[str]:
    return {jar.name for jar in found}


ALL = {f"{path.rpartition('/')[2]}.jar" for path in maven.JARS}


def finder() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FIND], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


def test_a_fetch_that_is_killed_midway_is_begun_again(repository: maven.Repository) -> None:
    repository.stalls = f"{maven.CLIENTS}.jar"
    with finder() as process:
        assert repository.stalled.wait(60)
        os.killpg(process.pid, signal.SIGKILL)
    repository.stalls = None
    repository.go.set()
    assert names(find()) == ALL
    assert repository.asked[f"{maven.CLIENTS}.jar"] == 2


def test_a_fetch_goes_on_without_who_asked_for_it(repository: maven.Repository) -> None:
    repository.stalls = f"{maven.CLIENTS}.jar"
    with finder() as process:
        assert repository.stalled.wait(60)
        process.kill()
    repository.go.set()
    assert names(find()) == ALL
    assert repository.asked[f"{maven.CLIENTS}.jar"] == 1, "who comes later waits for it"


def test_of_two_processes_one_fetches_and_the_other_waits(repository: maven.Repository) -> None:
    repository.stalls = f"{maven.CLIENTS}.jar"
    with finder() as one, finder() as other:
        assert repository.stalled.wait(60)
        repository.go.set()
        found = {process.communicate(timeout=60)[0] for process in (one, other)}
    assert names([Path(line) for line in found.pop().splitlines()]) == ALL
    assert not found, "both were told the same"
    assert repository.asked[f"{maven.CLIENTS}.jar"] == 1


def truncated(served: maven.Repository, path: str) -> None:
    served.lengths[path] = len(served.files[path]) + 1000


def torn(served: maven.Repository, path: str) -> None:
    served.files[path] = served.files[path][:-100]


def flipped(served: maven.Repository, path: str) -> None:
    middle = len(served.files[path]) // 2
    served.files[path] = served.files[path][:middle] + b"?" + served.files[path][middle + 1 :]


def empty(served: maven.Repository, path: str) -> None:
    served.files[path] = b""


def portal(served: maven.Repository, path: str) -> None:
    served.files[path] = b"<!DOCTYPE html><p>Log in to this network"


def missing(served: maven.Repository, path: str) -> None:
    del served.files[path]


JAR, POM = f"{maven.CLIENTS}.jar", f"{maven.KAFKA}.pom"
# Whatever the resolver raises ends the process that fetches; `find` shows its last line.
FAILURES = (OSError, RuntimeError, SyntaxError)


@pytest.mark.parametrize(
    ("damage", "path"),
    [
        *((damage, JAR) for damage in (truncated, torn, flipped, empty, portal, missing)),
        *((damage, POM) for damage in (truncated, torn, empty, portal, missing)),
    ],
)
def test_what_arrives_damaged_is_not_kept(
    repository: maven.Repository, tmp_path: Path, damage: Damage, path: str
) -> None:
    damage(repository, path)
    folder = tmp_path / "jars"
    with pytest.raises(FAILURES):
        jars.fetch(folder)
    assert not folder.exists()
    repository.restore()
    jars.fetch(folder)
    assert jars.is_complete(folder)


def test_what_cannot_be_fetched_is_said_with_what_to_do(repository: maven.Repository) -> None:
    torn(repository, JAR)
    with pytest.raises(LaneError, match=r"kafka-clients-4.1.1.jar.*damaged\n.*COALITION_MAVEN"):
        find()
    repository.restore()
    assert names(find()) == ALL


def without_a_jar(folder: Path) -> None:
    next(folder.rglob("*.jar")).unlink()


def with_an_empty_jar(folder: Path) -> None:
    next(folder.rglob("*.jar")).write_bytes(b"")


def with_another_jar(folder: Path) -> None:
    first, second, *_ = folder.rglob("*.jar")
    shutil.copy(first, second)


def without_sums(folder: Path) -> None:
    (folder / "sha256.json").unlink()


def with_torn_sums(folder: Path) -> None:
    (folder / "sha256.json").write_bytes((folder / "sha256.json").read_bytes()[:50])


def with_empty_sums(folder: Path) -> None:
    (folder / "sha256.json").write_text("{}")


def with_other_sums(folder: Path) -> None:
    (folder / "sha256.json").write_text("[1]")


@pytest.mark.parametrize(
    "damage",
    [
        without_a_jar,
        with_an_empty_jar,
        with_another_jar,
        without_sums,
        with_torn_sums,
        with_empty_sums,
        with_other_sums,
        shutil.rmtree,
    ],
)
def test_a_folder_that_was_damaged_since_is_not_trusted(
    repository: maven.Repository, tmp_path: Path, damage: Spoil
) -> None:
    folder = tmp_path / "jars"
    jars.fetch(folder)
    damage(folder)
    assert not jars.is_complete(folder)
    jars.fetch(folder)
    assert jars.is_complete(folder)
    assert repository.asked[JAR] == 2
    jars.fetch(folder)
    assert repository.asked[JAR] == 2, "a complete folder is not fetched again"
