"""Where the `coalition` command begins: what needs nothing of the services is answered at once."""

from __future__ import annotations

import sys

from cli.version import version


def main() -> None:
    """Run the command; all its parts, with the contracts of all events, take seconds to load."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"{version()}\n")
        return
    from cli.main import app  # noqa: PLC0415 - see above

    app()
