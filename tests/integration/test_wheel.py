"""The wheel holds all that the system needs to run: nothing is looked for beside a checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("services", "shared", "cli", "embedded", "data")
VERSION: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
LOADS: Final = """
import json, pathlib, cli.main, services.manifests
from embedded import lane
from services.notifications import previews
from shared.contracts.schemas import example
history = (cli.main.DATA / "history" / "events.jsonl").read_bytes().splitlines()
staff = json.loads((cli.main.DATA / "staff.json").read_text())
assert pathlib.Path(cli.main.__file__).is_relative_to({venv!r}), cli.main.__file__
assert all(example(name) for name in services.manifests.EVENTS)
for language in ("en", "fr", "es", "ar"):
    assert previews.html("CitySigned", language) and previews.plain("CitySigned", language)
print(len(history), len(staff))
"""


def uv() -> str:
    here = ROOT / ".tools" / "bin" / "uv"
    found = str(here) if here.exists() else shutil.which("uv")
    if not found:
        assert "CI" not in os.environ, "the check makes .tools/bin/uv by `make install`"
        pytest.skip("needs uv")
    return found


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command where nothing of the checkout is to be found."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(uv(), "build", "--quiet", "--wheel", "--out-dir", folder, cwd=ROOT)
    (found,) = folder.glob("*.whl")
    return found


def test_it_has_each_file_of_its_packages_and_nothing_of_the_checkout(wheel: Path) -> None:
    tracked = run("git", "ls-files", *PACKAGES, cwd=ROOT).splitlines()
    wanted = {path for path in tracked if not re.fullmatch(r"data/\w+\.py", path)}
    there = set(zipfile.ZipFile(wheel).namelist())
    own = {path for path in there if ".dist-info/" not in path}
    assert {path for path in wanted if (ROOT / path).exists()} - there == set()
    assert {path.partition("/")[0] for path in own} == set(PACKAGES)
    kinds = {Path(path).suffix for path in own}
    assert {".po", ".html", ".md", ".css", ".json", ".jsonl"} <= kinds


def test_it_says_its_version_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        info = f"coalition-{VERSION}.dist-info"
        stated = opened.read(f"{info}/METADATA").decode()
        licence = opened.read(f"{info}/licenses/LICENSE")
    assert f"\nVersion: {VERSION}\n" in stated
    assert "\nLicense-Expression: Apache-2.0\n" in stated
    assert "\nClassifier: Private :: Do Not Upload\n" in stated
    assert licence == (ROOT / "LICENSE").read_bytes()


def test_it_works_in_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    venv, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    run(uv(), "venv", "--quiet", "--python", sys.executable, venv, cwd=empty)
    locked = run(uv(), "export", "--frozen", "--all-extras", "--no-emit-project", cwd=ROOT)
    (tmp_path / "locked.txt").write_text(locked)
    install = (uv(), "pip", "install", "--quiet", "--python", venv / "bin" / "python")
    run(*install, "-r", tmp_path / "locked.txt", cwd=empty)
    run(*install, "--no-deps", wheel, cwd=empty)

    coalition = venv / "bin" / "coalition"
    assert run(coalition, "--version", cwd=empty) == f"coalition {VERSION}\n"
    event = empty / "event.jsonl"
    event.write_text(run(coalition, "events", "example", "CitySigned", cwd=empty))
    run(coalition, "events", "validate", "CitySigned", event, cwd=empty)
    events, staff = run(
        venv / "bin" / "python", "-c", LOADS.format(venv=str(venv)), cwd=empty
    ).split()
    assert int(events) > 100
    assert int(staff) > 1
