"""What the `coalition` command answers without the services is answered without loading them."""

from __future__ import annotations

import subprocess
import sys

from typer.testing import CliRunner

from cli.main import app
from cli.version import version

VERSION = """
import sys
sys.argv = ["coalition", "--version"]
from cli.entry import main
main()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"services", "pydantic", "typer"}))
"""


def test_it_says_its_version_and_loads_nothing_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", VERSION], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [version(), "[]"]


def test_it_says_the_same_with_all_its_parts() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"{version()}\n"
