"""How the processes of the lane start: their arguments and environment, and when they are ready."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from embedded import kafka, mongodb, processes, readiness
from embedded.errors import LaneError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from embedded.processes import Started

_READY_SECONDS: Final = 90


def log_of(directory: Path, name: str) -> Path:
    """The file that a process of the lane writes its output to."""
    return directory / "logs" / f"{name}.log"


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of the lane.

    Attributes:
        directory: where its data, logs and notes are.
        host: the address that all parts listen on.
        ports: of each part, and of each service that is to start.
        report: gets a line for each step.
        started: what was started, in that order, whether it is ready or not.
    """

    directory: Path
    host: str
    ports: Mapping[str, int]
    report: Callable[[str], None]
    started: list[Started] = field(default_factory=list)

    def parts(self, classpath: Sequence[Path]) -> None:
        """Start Kafka, the store and the mail catcher, and wait until they are ready.

        Args:
            classpath: Kafka's jars.

        Raises:
            LaneError: one of them did not come up.
        """
        self.report("starting Kafka, the store and the mail catcher")
        host, ports, directory = self.host, self.ports, self.directory
        self._run("mongodb", mongodb.command(directory / "mongodb", host, ports["mongodb"]))
        catcher = (host, str(ports["smtp"]), str(ports["mail"]), str(directory / "mail"))
        self._run("mail", [sys.executable, "-m", "embedded.mail", *catcher])
        # The last, as a first start of it formats its folder before.
        broker = (directory / "kafka", classpath, host, ports["kafka"], ports["controller"])
        self._run("kafka", kafka.command(*broker))
        self._await(
            {
                "kafka": lambda: readiness.kafka_answers(f"{host}:{ports['kafka']}"),
                "mongodb": lambda: readiness.mongodb_answers(mongodb.uri(host, ports["mongodb"])),
                "mail": _answers(f"http://{host}:{ports['mail']}/api/messages"),
            }
        )

    def services(self, names: Sequence[str], addresses: Mapping[str, str]) -> None:
        """Start services, and wait until they are ready.

        Args:
            names: of the services.
            addresses: of the parts, of the services themselves, and of the files with secrets.

        Raises:
            LaneError: one of them did not come up.
        """
        self.report(f"starting {', '.join(names)}")
        common = {
            "COALITION_KAFKA": addresses["kafka"],
            "COALITION_MONGODB": addresses["mongodb"],
            "COALITION_HTTP_HOST": self.host,
            "COALITION_TOKEN_FILE": addresses["token_file"],
            "COALITION_SMTP_HOST": self.host,
            "COALITION_SMTP_PORT": str(self.ports["smtp"]),
            "COALITION_MAIL_FROM": "coalition@example.org",
            "COALITION_LINK_KEYS_FILE": addresses["link_keys_file"],
            "COALITION_LOG_FORMAT": "json",
        }
        for name in names:
            own = {"COALITION_HTTP_PORT": str(self.ports[name])}
            if name == "notifications":
                own["COALITION_PUBLIC_URL"] = addresses[f"{name}_url"]
            self._run(name, [sys.executable, "-m", "services", name], {**common, **own})
        self._await({name: _answers(f"{addresses[f'{name}_url']}/readyz") for name in names})

    def _run(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> None:
        processes.start(name, command, log_of(self.directory, name), self._note, environment)

    def _note(self, started: Started) -> None:
        self.started.append(started)
        processes.save(self.directory / "processes.json", self.started)

    def _await(self, checks: Mapping[str, Callable[[], bool]]) -> None:
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
                dead = next((s.name for s in self.started if not s.process()), None)
                if dead or (waiting and time.monotonic() > deadline):
                    raise LaneError(self._why(dead or next(iter(waiting))))
                time.sleep(0.1)

    def _why(self, name: str) -> str:
        log = log_of(self.directory, name)
        return f"{name} did not come up. The end of {log}:\n{processes.tail(log)}"


def _ask(check: Callable[[], bool]) -> bool:
    return check()


def _answers(url: str) -> Callable[[], bool]:
    return lambda: readiness.http_answers(url)
