"""Where the `coalition` command begins: with as little as is needed of what it asks for."""

from __future__ import annotations

import sys

from cli.version import version


def main() -> None:
    """Run the command; all its parts, with the contracts of all events, take seconds to load.

    A service that is started has none of the command line in memory.
    """
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"{version()}\n")
        return
    match sys.argv[1:]:
        case ["serve", service] if not service.startswith("-"):
            from services.__main__ import main as serve  # noqa: PLC0415 - see above

            sys.exit(serve([service]))
    from cli.main import app  # noqa: PLC0415 - see above

    app()
