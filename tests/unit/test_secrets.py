"""The secrets of Compose: each is there whole, or not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.manifests import MANIFESTS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="runs in a Linux image")

MAKE = Path(__file__).parents[2] / "deploy" / "secrets" / "make.sh"
SERVICES = tuple(MANIFESTS)
ALL_MADE = (
    *(f"mongodb/{name}" for name in ("keyfile", "root", "backup", "restore", *SERVICES)),
    *(f"{service}/{name}" for service in SERVICES for name in ("token", "mongodb", "kafka")),
    "notifications/link-keys",
    *("operator/mongodb", "access/mongodb"),
    *("operator/token", "operator/kafka", "kafka/admin", "access/admin"),
    *(f"access/coalition.{user}" for user in (*SERVICES, "operator")),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "bin").mkdir()
    program(tmp_path, "chown", "exit 0")  # as who is not root may not
    return tmp_path / "secrets"


def program(folder: Path, name: str, body: str) -> None:
    """Put a program of our own in the place of a usual one."""
    path = folder / "bin" / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def make(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/bash", str(MAKE), str(folder)],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def contents(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in ALL_MADE if (folder / name).exists()}


def test_all_are_made_once(folder: Path) -> None:
    assert make(folder).returncode == 0
    made = contents(folder)
    assert set(made) == set(ALL_MADE)
    of_mongodb = [name for name in ALL_MADE if name.startswith("mongodb/")]
    assert len({made[name] for name in of_mongodb}) == len(of_mongodb)
    assert made["mongodb/backup"] in made["operator/mongodb"]
    assert made["plans/token"] == made["membership/token"]
    assert made["mongodb/plans"] in made["plans/mongodb"]
    assert make(folder).returncode == 0
    assert contents(folder) == made


def test_each_user_of_kafka_has_a_secret_of_its_own(folder: Path) -> None:
    assert make(folder, COALITION_PREFIX="second").returncode == 0
    users = (*SERVICES, "operator")
    found = {user: (folder / user / "kafka").read_text() for user in users}
    for user, secret in found.items():
        assert (folder / "access" / f"second.{user}").read_text() == secret
    found["admin"] = (folder / "kafka" / "admin").read_text()
    assert (folder / "access" / "admin").read_text() == found["admin"]
    assert len(set(found.values())) == len(found)


def test_each_folder_is_open_to_its_reader_alone(folder: Path) -> None:
    made = make(folder)
    assert made.returncode == 0, made.stderr
    folders = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert folders.pop("access") == 0o700, "whose reader makes secrets there, too"
    assert set(folders.values()) == {0o500}
    assert {file.stat().st_mode & 0o777 for file in folder.glob("*/*")} == {0o400}


def test_one_that_cannot_be_made_is_not_there(folder: Path) -> None:
    program(folder.parent, "od", "echo half; exit 1")
    assert make(folder).returncode != 0
    assert contents(folder) == {}


def test_one_that_was_interrupted_is_made_anew(folder: Path) -> None:
    counter = folder.parent / "count"
    program(
        folder.parent, "sync", f'echo >>{counter}; [ "$(wc -l <{counter})" != 4 ] || kill -9 $PPID'
    )
    assert make(folder).returncode == -9
    before = contents(folder)
    assert len(before) == 3
    (folder / "mongodb" / "plans").touch()
    assert make(folder).returncode == 0
    after = contents(folder)
    assert set(after) == set(ALL_MADE)
    assert all(after.values())
    assert {name: after[name] for name in before} == before
