"""Run one service: what `coalition serve NAME` does, without the command line."""

from __future__ import annotations

import sys

import uvloop

from services.manifests import MANIFESTS, settings_of
from shared.checks.fault import NotUsable
from shared.environment import WrongSettings
from shared.process import run


def main(arguments: list[str]) -> int:
    """Run the service that the one argument names; returns the exit code: 2 for a wrong setting."""
    if len(arguments) != 1 or arguments[0] not in MANIFESTS:
        sys.stderr.write(f"usage: coalition serve {'|'.join(MANIFESTS)}\n")
        return 2
    try:
        settings = settings_of(arguments[0])
    except WrongSettings as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        uvloop.run(run(MANIFESTS[arguments[0]], settings))
    except NotUsable as error:
        sys.stderr.write(f"{error}\n")
        return 1 if error.passes else 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
