"""`python -m services NAME`: run one service."""

from __future__ import annotations

import importlib
import sys
from typing import Final

import uvloop

from shared.environment import WrongSettings, load
from shared.service import run
from shared.settings import Settings

NAMES: Final = ("membership", "plans", "notifications")


def main(arguments: list[str]) -> int:
    """Run the service that the one argument names; returns the exit code."""
    if len(arguments) != 1 or arguments[0] not in NAMES:
        sys.stderr.write(f"usage: python -m services {'|'.join(NAMES)}\n")
        return 2
    try:
        settings = load(Settings)
    except WrongSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    build = importlib.import_module(f"services.{arguments[0]}.app").build
    uvloop.run(run(arguments[0], build, settings))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
