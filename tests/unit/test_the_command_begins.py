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


SERVE = """
import sys
sys.argv = ["coalition", "serve", "nobody"]
from cli.entry import main
try:
    main()
except SystemExit as ended:
    print(ended.code, sorted({"cli.main", "typer"} & sys.modules.keys()))
"""


def test_a_service_is_run_without_the_command_line() -> None:
    done = subprocess.run([sys.executable, "-c", SERVE], capture_output=True, text=True, check=True)
    assert done.stdout == "2 []\n"
    assert done.stderr == "usage: coalition serve membership|plans|notifications\n"


def test_the_command_line_says_that_it_runs_services() -> None:
    assert CliRunner().invoke(app, ["serve", "nobody"]).exit_code == 2
    assert "until it is told to end" in CliRunner().invoke(app, ["serve", "--help"]).output


def test_it_says_its_version_and_loads_nothing_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", VERSION], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == [version(), "[]"]


def test_it_says_the_same_with_all_its_parts() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"{version()}\n"
