"""The `coalition` command, run on the services under test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from tests.system import TOKEN, System


def run(system: System, *words: str, columns: int = 250) -> subprocess.CompletedProcess[str]:
    """Run the command in a terminal of a width."""
    where = system.endpoints
    environment = {
        **os.environ,
        "COLUMNS": str(columns),
        "COALITION_TOKEN": TOKEN,
        "COALITION_KAFKA": where.kafka,
        "COALITION_MEMBERSHIP": where.url("membership"),
        "COALITION_PLANS": where.url("plans"),
        "COALITION_NOTIFICATIONS": where.url("notifications"),
    }
    command = [sys.executable, "-m", "cli.main", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def found(system: System, *words: str) -> Any:
    answer = run(system, *words, "--json")
    assert answer.returncode == 0, answer.stdout
    return json.loads(answer.stdout)
