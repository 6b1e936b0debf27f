"""The `coalition` command, run on the services under test."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from tests.e2e.warm import warm
from tests.system import TOKEN, System

if TYPE_CHECKING:
    import subprocess


def run(system: System, *words: str, columns: int = 250) -> subprocess.CompletedProcess[str]:
    """Run the command in a terminal of a width."""
    where = system.endpoints
    environment = {
        **os.environ,
        "COLUMNS": str(columns),
        "COALITION_TOKEN": TOKEN,
        "COALITION_KAFKA": where.kafka,
        "COALITION_MEMBERSHIP_URL": where.url("membership"),
        "COALITION_PLANS_URL": where.url("plans"),
        "COALITION_NOTIFICATIONS_URL": where.url("notifications"),
    }
    return warm(columns).run(words, environment)


def found(system: System, *words: str) -> Any:
    answer = run(system, *words, "--json")
    assert answer.returncode == 0, answer.stdout
    return json.loads(answer.stdout)
