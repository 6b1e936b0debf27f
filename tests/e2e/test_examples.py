"""The examples for other systems run as they stand, each in its language, where that is there."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.system import TOKEN

if TYPE_CHECKING:
    from tests.system import System

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
SECONDS: Final = 600
"""The first run fetches and builds what it needs."""
REQUIRED: Final = os.environ.get("REQUIRE_TOOLS", "").split()
"""The tools without which an example fails, and is not skipped."""
PROGRAMS: Final = {
    "curl": ("sh", "example.sh"),
    "go": ("go", "run", "."),
    "java": (
        "sh",
        "-c",
        "mvn -q dependency:copy-dependencies && java -cp 'target/dependency/*' Example.java",
    ),
    "python confluent": (sys.executable, "with_confluent.py"),
    "python faststream": (sys.executable, "with_faststream.py"),
    "typescript": ("npm", "start", "--silent"),
}
OTHERS: Final = {"webhook"}
"""Run in `test_webhooks.py`, since they send nothing."""
NEEDS: Final = {"curl": "curl", "go": "go", "java": "mvn", "typescript": "npm"}
PRINTED: Final = [
    "accepted   1 CoalitionFounded",
    "accepted   2 CitySigned",
    "duplicate  2 was published once",
    "rejected   3 contract: signed: it is missing",
]


def missing(language: str) -> str:
    """What is not there of what an example needs."""
    tool = NEEDS.get(language, "")
    if tool and not shutil.which(tool):
        return tool
    modules = EXAMPLES / "typescript" / "node_modules"
    if language == "typescript" and not modules.exists():
        return "examples/typescript/node_modules: `make examples` installs them"
    return ""


@pytest.mark.parametrize("program", PROGRAMS)
async def test_an_example_sees_its_events_accepted_rejected_and_taken_once(
    coalition: System, program: str
) -> None:
    if what := missing(program):
        assert NEEDS[program] not in REQUIRED, what
        pytest.skip(f"needs {what}")
    done = await asyncio.to_thread(
        subprocess.run,
        PROGRAMS[program],
        cwd=EXAMPLES / program.partition(" ")[0],
        env={
            **os.environ,
            "COALITION_KAFKA": coalition.parts.kafka,
            "COALITION_MEMBERSHIP_URL": coalition.endpoints.url("membership"),
            "COALITION_TOKEN": TOKEN,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    # Maven resets the colours of a terminal, though it has none.
    assert done.stdout.replace("\x1b[0m", "").splitlines() == PRINTED


def test_each_example_is_tried_and_on_the_page() -> None:
    page = (EXAMPLES / "README.md").read_text()
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert folders == {program.partition(" ")[0] for program in PROGRAMS} | OTHERS
    for line in PRINTED:
        assert line in page
    for folder in folders:
        for program in (EXAMPLES / folder).glob("*"):
            if program.suffix in {".py", ".java", ".go", ".ts", ".sh", ".mjs"}:
                assert f"({folder}/{program.name})" in page or f"{folder}]({folder}/" in page
