"""The `coalition` command, loaded once: whoever asks has a fork of it run, at once.

To load it takes seconds of the processor, and these tests run it some hundred times.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STREAMS: Final = ("stdout", "stderr")


class Warm:
    """A process that has the command loaded, for a terminal of a width, which it reads by then."""

    def __init__(self, columns: int) -> None:
        self._folder = TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={**os.environ, "COLUMNS": str(columns)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.end)

    def run(
        self, words: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run the command in a process of its own."""
        files = {name: str(Path(self._folder.name) / name) for name in _STREAMS}
        asked = {"words": words, "environment": dict(environment), "files": files}
        ask, answer = self._process.stdin, self._process.stdout
        assert ask
        assert answer
        ask.write(f"{json.dumps(asked)}\n")
        ask.flush()
        code = int(answer.readline())
        said = [Path(file).read_text(encoding="utf-8") for file in files.values()]
        return subprocess.CompletedProcess(words, code, *said)

    def end(self) -> None:
        """End it; what it ran has ended."""
        self._process.communicate()
        self._folder.cleanup()


@cache
def warm(columns: int) -> Warm:
    """The one for a width."""
    return Warm(columns)


def main() -> None:
    """Run what is asked for, a line each, and answer with how it ended."""
    from cli.main import app  # noqa: PLC0415 - it takes seconds, and only here

    gc.collect()
    gc.freeze()  # or each fork looks through all of it, and has a copy, when it ends
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(json.loads(line))
            app(prog_name="coalition")  # it ends the process
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become(asked: dict[str, Any]) -> None:
    """Be the process that was asked for: its words, its environment, its files."""
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["coalition", *asked["words"]]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in enumerate(_STREAMS, start=1):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(asked["files"][name], flags, 0o600), number)


if __name__ == "__main__":
    main()
