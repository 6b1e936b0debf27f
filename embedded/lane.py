"""The embedded lane: Kafka, a store, a mail catcher and the services, from Python alone."""

from __future__ import annotations

import json
import re
import secrets
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embedded import files, jars, mongodb, ports, processes
from embedded.errors import LaneError
from embedded.launch import Launch, log_of
from embedded.locks import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from embedded.processes import Started

PORTS: Final[Mapping[str, int]] = {
    "kafka": 19092,
    "controller": 19093,
    "mongodb": 27117,
    "smtp": 1125,
    "mail": 8125,
}
"""The usual ports of the parts."""
_MAIL_PAGE: Final = "mailpit_url"
"""What the command line calls the page of the mail catcher, which answers as Mailpit does."""
_STOP_LAST: Final = ("mail", "mongodb", "kafka")
"""Services stop before: what is in hand is finished while all it needs is there."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run the lane.

    Attributes:
        directory: where its data, logs and notes are.
        host: the address that all parts listen on.
        ports: instead of the usual ones; 0 picks a free one.
        services: the services to start, and the usual port of each.
    """

    directory: Path = Path(".coalition")
    host: str = "127.0.0.1"
    ports: Mapping[str, int] = field(default_factory=dict)
    services: Mapping[str, int] = field(default_factory=dict)


def up(options: Options, report: Callable[[str], None]) -> dict[str, str]:
    """Start all parts and return their addresses once each is truly ready.

    Args:
        options: how.
        report: gets a line for each step, and for each usual port that is taken.

    Raises:
        PortInUse: a port that was asked for is taken; nothing was started.
        LaneError: a part did not come up; the others were stopped.
    """
    directory = options.directory.absolute()
    with _alone(directory, report):
        there = running(directory)
        if there and lost(directory) is None and is_announced(directory):
            report(f"already up: {', '.join(s.name for s in there)}")
            return _unmoved(endpoints(directory), options)
        if there:
            report(f"stopping what is left of an earlier lane: {', '.join(s.name for s in there)}")
        _down(directory)
        return _start(options, directory, report)


def down(directory: Path, report: Callable[[str], None] = print) -> list[str]:
    """Stop what runs, services first; returns the names of what was stopped. The data stays.

    Raises:
        LaneError: somebody else starts or stops the lane, and did not end in time.
    """
    directory = directory.absolute()
    if not directory.exists():
        return []
    with _alone(directory, report):
        return _down(directory)


def running(directory: Path) -> list[Started]:
    """The lane's processes that run."""
    return [s for s in processes.load(directory / "processes.json") if s.process()]


def is_announced(directory: Path) -> bool:
    """Whether the addresses are written down: from when all was ready until it is to stop."""
    return (directory / "endpoints.json").exists()


def lost(directory: Path) -> str | None:
    """The end of the log of a process that ended by itself, with its name; None if all run."""
    for started in processes.load(directory / "processes.json"):
        if not started.process():
            return f"{started.name} ended:\n{processes.tail(log_of(directory, started.name))}"
    return None


def endpoints(directory: Path) -> dict[str, str]:
    """The addresses that `up` wrote down."""
    found: dict[str, str] = json.loads((directory / "endpoints.json").read_text())
    return found


def _alone(directory: Path, report: Callable[[str], None]) -> AbstractContextManager[None]:
    return alone(directory / "lock", f"starts or stops the lane in {directory}", report)


def _unmoved(addresses: dict[str, str], options: Options) -> dict[str, str]:
    for name, port in options.ports.items():
        where = addresses.get(name) or addresses.get(_page(name))
        if port and where and not re.search(rf":{port}\b", where):
            msg = (
                f"{name} is already up, at {where} and not on port {port}. `coalition down` first."
            )
            raise LaneError(msg)
    return addresses


def _page(name: str) -> str:
    """Under which name the address of what answers HTTP is written down."""
    return _MAIL_PAGE if name == "mail" else f"{name}_url"


def _down(directory: Path) -> list[str]:
    there = running(directory)
    # First the addresses: whoever watches sees by this that what follows is meant.
    (directory / "endpoints.json").unlink(missing_ok=True)
    _stop(there)
    (directory / "processes.json").unlink(missing_ok=True)
    return [s.name for s in there]


def _stop(started: list[Started]) -> None:
    processes.stop(s for s in started if s.name not in _STOP_LAST)
    for name in _STOP_LAST:
        processes.stop(s for s in started if s.name == name)


def _start(options: Options, directory: Path, report: Callable[[str], None]) -> dict[str, str]:
    # Before the ports are chosen, as it may take minutes.
    classpath = jars.find(report)
    wanted = {**PORTS, **options.services}
    # Two lanes that start at once would both find the usual ports free.
    usual = wanted.keys() - options.ports.keys()
    lock = files.cache() / "start.lock"
    with alone(lock, "starts a lane", report) if usual else nullcontext():
        chosen = ports.choose(options.host, wanted, options.ports, report)
        addresses = _addresses(options, chosen, directory)
        launch = Launch(directory, options.host, chosen, report)
        try:
            launch.parts(classpath)
            if options.services:
                launch.services(tuple(options.services), addresses)
            files.write(directory / "endpoints.json", json.dumps(addresses, indent=2) + "\n")
        except BaseException:
            _stop(launch.started)
            raise
    return addresses


def _addresses(options: Options, ports: Mapping[str, int], directory: Path) -> dict[str, str]:
    host = options.host
    web = {_page(name): f"http://{host}:{ports[name]}" for name in (*options.services, "mail")}
    return {
        "kafka": f"{host}:{ports['kafka']}",
        "mongodb": mongodb.uri(host, ports["mongodb"]),
        "smtp": f"{host}:{ports['smtp']}",
        "token_file": str(_secret(directory / "token")),
        "link_keys_file": str(_secret(directory / "link-keys")),
        **web,
    }


def _secret(file: Path) -> Path:
    # An empty one was left by a first start that was interrupted.
    if not file.exists() or not file.read_text().strip():
        files.write(file, secrets.token_urlsafe(32), mode=0o600)
    return file
