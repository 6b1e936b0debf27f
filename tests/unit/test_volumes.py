"""What copies Compose's volumes: of this project whatever its name, all of them or none."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SCRIPT: Final = ROOT / "deploy" / "volumes.sh"
PAGES: Final = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SEEN_ELSEWHERE: Final = {"prometheus"}
"""What it holds is no part of the record, and is measured anew."""


def run(folder: Path, *words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = ["bash", str(SCRIPT), str(folder), *words]
    return subprocess.run(command, input=given, capture_output=True, check=False, timeout=60)


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    """In a folder of their own, with a file beside them that nothing may touch."""
    folder = tmp_path / "around" / "volumes"
    for name in ("kafka", "mailpit", "mongodb", "secrets"):
        (folder / name).mkdir(parents=True)
    (folder.parent / "beside").touch()
    return folder


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name / ".hidden").mkdir()
        (folder / name / ".hidden" / "file").write_text(name)
        (folder / name / ".hidden").chmod(0o500)


def held(folder: Path) -> set[str]:
    return {f"{one.parts[-3]} {one.read_text()}" for one in folder.glob("*/.hidden/file")}


def test_what_is_loaded_is_what_was_saved(volumes: Path, tmp_path: Path) -> None:
    fill(volumes, "kafka", "mongodb", "secrets")
    saved = run(volumes, "save")
    assert saved.returncode == 0, saved.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    loaded = run(empty, "load", given=saved.stdout)
    assert loaded.returncode == 0, loaded.stderr
    assert held(empty) == held(volumes) == {"kafka kafka", "mongodb mongodb", "secrets secrets"}
    assert (empty / "kafka" / ".hidden").stat().st_mode & 0o777 == 0o500


@pytest.mark.parametrize("empty", ["kafka", "mongodb", "secrets"])
def test_a_project_without_data_is_not_saved_as_if_it_had_some(volumes: Path, empty: str) -> None:
    fill(volumes, *{"kafka", "mongodb", "secrets"} - {empty})
    saved = run(volumes, "save")
    assert saved.returncode == 1
    assert f"the volume {empty} of this project is empty" in saved.stderr.decode()
    assert not saved.stdout


def test_nothing_is_loaded_over_what_is_there(volumes: Path) -> None:
    fill(volumes, "kafka", "mongodb", "secrets")
    saved = run(volumes, "save").stdout
    (volumes / "kafka" / ".hidden" / "file").write_text("newer")
    refused = run(volumes, "load", given=saved)
    assert refused.returncode == 1
    assert b"holds something" in refused.stderr
    assert "kafka newer" in held(volumes)


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_an_archive_that_is_not_whole_does_not_pass(volumes: Path, cut: int) -> None:
    fill(volumes, "kafka", "mongodb", "secrets")
    saved = run(volumes, "save").stdout
    for name in ("kafka", "mongodb", "secrets"):
        assert run(volumes, "clear", name).returncode == 0
    assert run(volumes, "load", given=saved[: len(saved) * cut // 3]).returncode != 0


def test_one_alone_is_cleared_and_the_folder_itself_stays(volumes: Path) -> None:
    fill(volumes, "kafka", "mongodb", "secrets")
    assert run(volumes, "clear", "mongodb").returncode == 0
    assert held(volumes) == {"kafka kafka", "secrets secrets"}
    assert (volumes / "mongodb").is_dir()


@pytest.mark.parametrize("name", [[], [""], ["."], [".."], ["kafka/.."], ["*"], ["../volumes"]])
def test_what_is_no_volume_clears_nothing(volumes: Path, name: list[str]) -> None:
    fill(volumes, "kafka", "mongodb", "secrets")
    refused = run(volumes, "clear", *name)
    assert refused.returncode == 1
    assert b"nothing is cleared" in refused.stderr
    assert len(held(volumes)) == 3
    assert (volumes.parent / "beside").exists()


def test_it_has_each_volume_that_compose_has() -> None:
    mounted = dict(one.split(":")[:2] for one in COMPOSE["services"]["volumes"]["volumes"])
    named = COMPOSE["volumes"].keys() - SEEN_ELSEWHERE
    expected = {name: f"/volumes/{name}" for name in named}
    assert mounted == {**expected, "./deploy/volumes.sh": "/volumes.sh"}


@pytest.mark.parametrize("page", PAGES, ids=lambda one: one.name)
def test_no_page_takes_it_for_granted_what_the_project_is_called(page: Path) -> None:
    names = "|".join(COMPOSE["volumes"])
    found = re.findall(rf"\bcoalition_(?:{names})\b|\bcoalition-\w+-1\b", page.read_text())
    assert not found, f"{page.name} names {found}: under `docker compose -p` they are others"
