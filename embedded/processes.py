"""Processes of the lane: started in sessions of their own, known by id and time of birth."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

_STOP_SECONDS: Final = 20
_TAIL_LINES: Final = 15
# Children are held until they are reaped: Python warns of one that is forgotten while it runs.
_children: Final[dict[int, subprocess.Popen[bytes]]] = {}


@dataclass(frozen=True, slots=True)
class Started:
    """A process that the lane started; `born` tells it from a later one with the same id."""

    name: str
    pid: int
    born: float

    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        child = _children.get(self.pid)
        if child is not None and child.poll() is not None:
            del _children[self.pid]
            return None
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            alive = process.status() != psutil.STATUS_ZOMBIE
            if alive and abs(process.create_time() - self.born) < 1:
                return process
        return None


def start(
    name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Started:
    """Start a process with its output in a file; it outlives us, and our Ctrl-C is not its own."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    _children[process.pid] = process
    return Started(name, process.pid, psutil.Process(process.pid).create_time())


def stop(started: Iterable[Started]) -> None:
    """Stop processes of one rank: ask them, wait, and end those that do not listen."""
    asked = list(started)
    running = [p for s in asked if (p := s.process())]
    for process in running:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(running, timeout=_STOP_SECONDS)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_STOP_SECONDS)
    for one in asked:
        one.process()  # reaps it where it is our child


def save(file: Path, started: Sequence[Started]) -> None:
    """Remember what runs; a crash leaves the old note or the new one, never a torn one."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps([asdict(s) for s in started]))
    part.replace(file)


def load(file: Path) -> list[Started]:
    """What was remembered; nothing where there is no file."""
    if not file.exists():
        return []
    return [Started(**entry) for entry in json.loads(file.read_text())]


def tail(log: Path) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
