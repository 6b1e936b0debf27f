"""The embedded lane: Kafka, a store, a mail catcher and the three services, from Python alone."""

from __future__ import annotations

import json
import secrets
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from embedded import kafka, mongodb, processes, readiness
from embedded.errors import LaneError, PortInUse
from embedded.processes import Started

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PORTS: Final[Mapping[str, int]] = {
    "kafka": 19092,
    "controller": 19093,
    "mongodb": 27117,
    "membership": 8101,
    "plans": 8102,
    "notifications": 8103,
    "smtp": 1125,
    "mail": 8125,
}
SERVICES: Final = ("membership", "plans", "notifications")
# The reverse of who leans on whom: what is in hand is finished while all it needs is there.
_STOP_ORDER: Final = (SERVICES, ("mail",), ("mongodb",), ("kafka",))
_READY_SECONDS: Final = 90
_HIGHEST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class Options:
    """How to run the lane.

    Attributes:
        directory: where its data, logs and notes are.
        ports: overrides of `PORTS`; 0 picks a free one.
        services: whether to start the three services too.
    """

    directory: Path = Path(".coalition")
    host: str = "127.0.0.1"
    ports: Mapping[str, int] = field(default_factory=dict)
    services: bool = True


def up(options: Options, report: Callable[[str], None]) -> dict[str, str]:
    """Start all parts and return their addresses once each is truly ready.

    Raises:
        PortInUse: a port is taken; nothing was started.
        LaneError: a part did not come up; the others were stopped.
    """
    directory = options.directory.absolute()
    there = running(directory)
    if there and lost(directory) is None and is_announced(directory):
        report(f"already up: {', '.join(s.name for s in there)}")
        return endpoints(directory)
    if there:
        report(f"stopping what is left of an earlier lane: {', '.join(s.name for s in there)}")
    down(directory)
    ports = _ports(options)
    directory.mkdir(parents=True, exist_ok=True)
    addresses = _addresses(options.host, ports, directory)
    started: list[Started] = []
    try:
        _start_parts(options, ports, directory, started, report)
        if options.services:
            _start_services(options, addresses, ports, directory, started, report)
    except BaseException:
        _stop(started)
        raise
    (directory / "endpoints.json").write_text(json.dumps(addresses, indent=2) + "\n")
    return addresses


def down(directory: Path) -> list[str]:
    """Stop what runs, services first; returns the names of what was stopped. The data stays."""
    directory = directory.absolute()
    there = running(directory)
    # First the addresses: whoever watches sees by this that what follows is meant.
    (directory / "endpoints.json").unlink(missing_ok=True)
    _stop(there)
    (directory / "processes.json").unlink(missing_ok=True)
    return [s.name for s in there]


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
            return f"{started.name} ended:\n{processes.tail(_log(directory, started.name))}"
    return None


def endpoints(directory: Path) -> dict[str, str]:
    """The addresses that `up` wrote down."""
    found: dict[str, str] = json.loads((directory / "endpoints.json").read_text())
    return found


def _stop(started: list[Started]) -> None:
    for rank in _STOP_ORDER:
        processes.stop(s for s in started if s.name in rank)


def _log(directory: Path, name: str) -> Path:
    return directory / "logs" / f"{name}.log"


def _ports(options: Options) -> dict[str, int]:
    ports = {**PORTS, **options.ports}
    if not options.services:
        ports = {name: port for name, port in ports.items() if name not in SERVICES}
    _check(ports)
    held: list[socket.socket] = []
    try:
        # Those that are given come first, or a free one could be one of them.
        for name, port in sorted(ports.items(), key=lambda item: item[1] == 0):
            # All are held until all are known, so that two free ones are never the same.
            held.append(_bind(options.host, name, port))
            ports[name] = held[-1].getsockname()[1]
    finally:
        for one in held:
            one.close()
    return ports


def _check(ports: Mapping[str, int]) -> None:
    given: dict[int, str] = {}
    for name, port in ports.items():
        if not 0 <= port <= _HIGHEST_PORT:
            msg = f"{port}, for {name}, is no port: 1 to {_HIGHEST_PORT}, or 0 for a free one."
            raise LaneError(msg)
        if port and given.setdefault(port, name) != name:
            msg = f"port {port} is given twice, for {given[port]} and for {name}."
            raise LaneError(msg)


def _bind(host: str, name: str, port: int) -> socket.socket:
    probe = socket.socket()
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((host, port))
    except OSError:
        probe.close()
        msg = (
            f"port {port}, for {name}, is taken by another program; nothing was started. "
            f"Choose another with --port {name}=N (0 picks a free one)."
        )
        raise PortInUse(msg) from None
    return probe


def _addresses(host: str, ports: Mapping[str, int], directory: Path) -> dict[str, str]:
    token = directory / "token"
    if not token.exists():
        token.touch(mode=0o600)
        token.write_text(secrets.token_urlsafe(32))
    web = {n: f"http://{host}:{ports[n]}" for n in (*SERVICES, "mail") if n in ports}
    return {
        "kafka": f"{host}:{ports['kafka']}",
        "mongodb": mongodb.uri(host, ports["mongodb"]),
        "smtp": f"{host}:{ports['smtp']}",
        "token_file": str(token),
        **web,
    }


def _start_parts(
    options: Options,
    ports: Mapping[str, int],
    directory: Path,
    started: list[Started],
    report: Callable[[str], None],
) -> None:
    host, mail = options.host, directory / "mail"
    report("starting Kafka, the store and the mail catcher")
    catcher = [sys.executable, "-m", "embedded.mail", host, str(ports["smtp"]), str(ports["mail"])]
    commands: dict[str, Callable[[], list[str]]] = {
        "mongodb": lambda: mongodb.command(directory / "mongodb", host, ports["mongodb"]),
        "mail": lambda: [*catcher, str(mail)],
        "kafka": lambda: kafka.command(
            directory / "kafka", host, ports["kafka"], ports["controller"]
        ),
    }
    for name, command in commands.items():
        _start(directory, started, name, command())
    checks = {
        "kafka": lambda: readiness.kafka_answers(f"{host}:{ports['kafka']}"),
        "mongodb": lambda: readiness.mongodb_answers(mongodb.uri(host, ports["mongodb"])),
        "mail": lambda: readiness.http_answers(f"http://{host}:{ports['mail']}/api/messages"),
    }
    _await(checks, directory, started)


def _start_services(  # noqa: PLR0913, PLR0917 - what a service needs to be told
    options: Options,
    addresses: Mapping[str, str],
    ports: Mapping[str, int],
    directory: Path,
    started: list[Started],
    report: Callable[[str], None],
) -> None:
    report("starting membership, plans and notifications")
    for name in SERVICES:
        environment = {
            "COALITION_KAFKA": addresses["kafka"],
            "COALITION_MONGODB": addresses["mongodb"],
            "COALITION_HTTP_HOST": options.host,
            "COALITION_HTTP_PORT": str(ports[name]),
            "COALITION_TOKEN_FILE": addresses["token_file"],
            "COALITION_SMTP_HOST": options.host,
            "COALITION_SMTP_PORT": str(ports["smtp"]),
            "COALITION_MAIL_FROM": "coalition@example.org",
            "COALITION_LOG_FORMAT": "json",
        }
        _start(directory, started, name, [sys.executable, "-m", "services", name], environment)
    checks = {name: _ready(f"{addresses[name]}/readyz") for name in SERVICES}
    _await(checks, directory, started)


def _start(
    directory: Path,
    started: list[Started],
    name: str,
    command: list[str],
    environment: Mapping[str, str] | None = None,
) -> None:
    started.append(processes.start(name, command, _log(directory, name), environment))
    processes.save(directory / "processes.json", started)


def _await(
    checks: Mapping[str, Callable[[], bool]], directory: Path, started: list[Started]
) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    waiting = dict(checks)
    with ThreadPoolExecutor(len(checks)) as pool:
        while waiting:
            answers = list(pool.map(_ask, waiting.values()))
            waiting = {
                name: check
                for (name, check), ready in zip(waiting.items(), answers, strict=True)
                if not ready
            }
            dead = next((s.name for s in started if not s.process()), None)
            if dead or (waiting and time.monotonic() > deadline):
                name = dead or next(iter(waiting))
                log = _log(directory, name)
                msg = f"{name} did not come up. The end of {log}:\n{processes.tail(log)}"
                raise LaneError(msg)
            time.sleep(0.1)


def _ask(check: Callable[[], bool]) -> bool:
    return check()


def _ready(url: str) -> Callable[[], bool]:
    return lambda: readiness.http_answers(url)
