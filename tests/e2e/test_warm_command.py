"""The command that is kept loaded for these tests says what a process of its own says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.warm import warm

COLUMNS = 250


@pytest.mark.parametrize(
    "words",
    [
        ("events", "validate", "CitySigned", "there-is-none.jsonl"),
        ("members", "lst"),
    ],
    ids=" ".join,
)
def test_it_says_the_same(words: tuple[str, ...], tmp_path: Path) -> None:
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "COALITION_DIRECTORY": str(tmp_path)}
    alone = subprocess.run(
        [Path(sys.executable).parent / "coalition", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    for _ in range(2):  # what one has left is not there for the next
        done = warm(COLUMNS).run(words, environment)
        assert (done.returncode, done.stdout, done.stderr) == (
            alone.returncode,
            alone.stdout,
            alone.stderr,
        )


def test_it_has_the_environment_of_each_run(tmp_path: Path) -> None:
    nobody = {**os.environ, "COALITION_MEMBERSHIP_URL": "http://127.0.0.1:1"}
    nobody["COALITION_DIRECTORY"] = str(tmp_path)
    for width in (COLUMNS, 80):
        done = warm(width).run(["members", "show", "x"], nobody)
        assert done.returncode == 1
        assert "127.0.0.1:1" in done.stdout
        wrong = {**nobody, "COALITION_KAFKA": "kafka://x"}
        assert "COALITION_KAFKA" in warm(width).run(["members", "show", "x"], wrong).stderr
