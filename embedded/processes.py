"""Processes of the lane: started in sessions of their own, known by id and time of birth."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import psutil

from embedded import files
from embedded.errors import LaneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_STOP_SECONDS: Final = 20
_TAIL_LINES: Final = 15
_GATE: Final = 'read -r _ && exec "$@" </dev/null'
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
            # One of ours looks dead before its last thread has let go of its files and port.
            alive = child is not None or process.status() != psutil.STATUS_ZOMBIE
            if alive and abs(process.create_time() - self.born) < 1:
                return process
        return None


def start(
    name: str,
    command: Sequence[str],
    log: Path,
    note: Callable[[Started], None],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a process with its output in a file; it outlives us, and our Ctrl-C is not its own.

    Args:
        name: what the lane calls it.
        command: the program and its arguments.
        log: the file that its output is added to.
        note: writes down what was started. The program runs only after that: whoever is killed
            in between leaves no process behind that nobody knows of.
        environment: variables beside our own environment.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", _GATE, name, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    _children[process.pid] = process
    with process.stdin as gate:  # type: ignore[union-attr]  # it is a pipe
        note(Started(name, process.pid, psutil.Process(process.pid).create_time()))
        gate.write(b"\n")


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
    files.write(file, json.dumps([asdict(s) for s in started]))


def load(file: Path) -> list[Started]:
    """What was remembered; nothing where there is no file.

    Raises:
        LaneError: the file is damaged.
    """
    if not file.exists():
        return []
    try:
        return [Started(**entry) for entry in json.loads(file.read_bytes())]
    except (TypeError, ValueError) as error:
        msg = f"{file} is damaged ({error}). End what runs of the lane, then remove the file."
        raise LaneError(msg) from error


def tail(log: Path) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
