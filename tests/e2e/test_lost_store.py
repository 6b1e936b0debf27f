"""A store that is lost or damaged comes back from a backup; `make faults` does it under load."""

from __future__ import annotations

import json
import zipfile
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo import MongoClient

from shared.kafka.producer import Outgoing
from tests.e2e.alone import INBOX, Installation, founded, installation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.parts import Parts

OWN: Final = ("--service", "membership")


@pytest.fixture
def here(parts: Parts, tmp_path: Path) -> Iterator[Installation]:
    with installation(parts, tmp_path) as made:
        yield made


def store(here: Installation) -> dict[str, str]:
    """Where a command that copies it finds it."""
    return {"COALITION_MONGODB": here.parts.mongodb, "COALITION_DATABASE": here.database()}


def ran(here: Installation, *words: str) -> str:
    done = here.coalition(*words, *OWN, **store(here))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def journal(here: Installation) -> dict[str, Any]:
    """What was decided, and what was published because of it, under which ids."""
    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        return {
            one["_id"]: {name: one.get(name) for name in ("stream", "version", "outcome", "events")}
            for one in client[here.database()]["journal"].find()
        }


async def restored(here: Installation, file: Path, *words: str) -> dict[str, Any]:
    """The journal after a restore and one more event."""
    said = ran(here, "restore", str(file), *words)
    assert "2 entries adopted from its events" in said
    here.start()
    await here.ready()
    await here.produce(*founded("last"))
    await here.read_all()
    return journal(here)


async def test_what_was_backed_up_and_what_was_published_since_are_there_again(
    here: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    here.start()
    await here.ready()
    bad = Outgoing(INBOX, b"key", b"no json", [])
    await here.produce(*founded("one", "two"), bad)
    await here.read_all()
    ran(here, "backup", str(file))
    looks_like_one(file, entries=3)
    await here.produce(*founded("three"), bad)
    await here.read_all()
    before = journal(here)
    assert len(before) == 5
    assert here.end() == 0

    refused = here.coalition("restore", str(file), *OWN, **store(here))
    assert refused.returncode == 1
    assert "is not lost" in refused.stdout
    assert journal(here) == before

    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        client.drop_database(here.database())
    after = await restored(here, file)
    assert after.items() > before.items()
    assert len(after) == 6


def looks_like_one(file: Path, entries: int) -> None:
    """The manifest says what there is, and the journal was copied after all else."""
    with zipfile.ZipFile(file) as opened:
        names, manifest = opened.namelist(), json.loads(opened.read("manifest.json"))
    said = manifest["services"]["membership"]
    assert names[-2:] == ["membership/journal.bson", "manifest.json"]
    assert manifest["release"] == metadata.version("coalition")
    assert said["collections"]["journal"]["count"] == entries
    assert all(len(one["sha256"]) == 64 for one in said["collections"].values())
    assert sum(said["committed"].values()) == entries
    assert said["generation"] == 0


async def test_a_damaged_one_is_given_up_when_it_is_said_so(
    here: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "backup.zip"
    here.start()
    await here.ready()
    await here.produce(*founded("one", "two"))
    await here.read_all()
    ran(here, "backup", str(file))
    await here.produce(*founded("three", "four"))
    await here.read_all()
    before = journal(here)
    assert here.end() == 0
    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        client[here.database()]["journal"].delete_many({"stream": "coalitions/one"})
    unattended = here.coalition("restore", str(file), *OWN, "--replace", **store(here))
    assert unattended.returncode == 2, "nobody was asked"
    assert len(journal(here)) == 3
    after = await restored(here, file, "--replace", "--yes")
    assert after.items() > before.items()
    assert len(after) == 5
