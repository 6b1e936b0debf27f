"""All of Compose: an interrupted first start, who may do what at its Kafka, and ways back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from pydantic import SecretStr

from services.manifests import MANIFESTS
from shared.kafka.connection import Connection
from shared.kafka.security import Security
from tests.compose import Compose, compose
from tests.containers import free_port
from tests.faults.granting import BERLIN, OPERATOR, PARIS, REFUSED, B, L, M, P, written

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.faults

# When the first start of Kafka is cut off: at once, once formatted, and once it listens.
MOMENTS: Final = (
    "true",
    "test -s /var/lib/kafka/data/meta.properties",
    "</dev/tcp/localhost/19093",
)
EVENTS, OWN, OTHER = (
    "coalition.membership.events.v1",
    "coalition.membership.inbox.v1.berlin",
    "coalition.plans.inbox.v1.paris",
)
EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "python" / "with_login.py"
# Tried from the network of Compose; whoever listens there to all takes 19092 alone.
KNOCK: Final = """
import socket
for port in (19092, 19093, 9093):
    try:
        socket.create_connection(("kafka", port), 5).close()
        print(port)
    except ConnectionRefusedError:
        pass
"""


@dataclass(frozen=True, slots=True)
class Running:
    """All of it, healthy."""

    project: Compose
    port: int

    def connection(self, user: str, /) -> Connection:
        """How a user reaches its Kafka from this machine."""
        security = Security(username=user, password=SecretStr(self.project.password(user)))
        return Connection(f"127.0.0.1:{self.port}", f"test-{user}", security=security)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compose]:
    folder: Path = tmp_path_factory.mktemp("compose")
    rows = list[str]()
    for publisher in (BERLIN, PARIS):
        said = {name: value for name, value in publisher.items() if value is not None}
        rows += [
            "[[publisher]]",
            *(f"{name} = {json.dumps(value)}" for name, value in said.items()),
        ]
    (folder / "publishers.toml").write_text("\n".join(rows))
    parts = ("kafka", "mail", *MANIFESTS)
    ports = {f"COALITION_PORT_{part.upper()}": str(free_port()) for part in parts}
    publishers = str(folder / "publishers.toml")
    version = {"COALITION_VERSION": "test", "COALITION_PUBLISHERS_FILE": publishers}
    with compose(folder, **ports, **version) as one:
        yield one


@pytest.fixture(scope="module")
def running(project: Compose) -> Running:
    project("up", "--build", "--wait")
    return Running(project, int(project.environment["COALITION_PORT_KAFKA"]))


# The first of the module: what follows runs on what it has interrupted.
async def test_an_interrupted_first_start_ends_healthy(project: Compose) -> None:
    for moment in MOMENTS:
        await project.start_until("kafka", moment)
        project("kill", "kafka")
    project("up", "--build", "--wait")


def test_a_second_start_ends_healthy_and_changes_nothing(running: Running) -> None:
    running.project("up", "--wait")
    last = running.project("logs", "--no-log-prefix", "access").stdout
    assert "0 topics created, 14 were there." in last
    assert "0 rights granted, 0 withdrawn." in last
    states = running.project("ps", "--format", "json").stdout.splitlines()
    assert {one["Health"] for one in map(json.loads, states)} == {"healthy"}


@pytest.mark.parametrize(
    "login",
    [
        {"security.protocol": "PLAINTEXT"},
        {"sasl.password": "wrong"},
        {"sasl.username": "nobody"},
        {"sasl.username": "admin"},
    ],
)
def test_a_stranger_is_answered_nothing(running: Running, login: dict[str, str]) -> None:
    quiet: dict[str, Any] = {"log_level": 0, "error_cb": lambda _: None}
    admin = AdminClient({**running.connection(M).librdkafka(), **login, **quiet})
    with pytest.raises(KafkaException):
        admin.list_topics(timeout=4)


def test_where_no_login_is_asked_for_only_the_container_itself_comes(running: Running) -> None:
    asked = ("run", "--rm", "-T", "--no-deps", "--entrypoint", "python", "cli", "-c", KNOCK)
    assert running.project(*asked).stdout.split() == ["19092"]


def test_each_writes_its_own_topics_and_nobody_elses(running: Running) -> None:
    refused = f"TOPIC_{REFUSED}"
    plain = "coalition.plans.inbox.v1"
    assert written(running, L, [EVENTS, OWN, plain]) == {EVENTS: refused, OWN: refused, plain: ""}
    assert written(running, B, [OWN, OTHER, EVENTS]) == {OWN: "", OTHER: refused, EVENTS: refused}
    assert written(running, P, [OWN, OTHER]) == {OWN: refused, OTHER: ""}
    assert written(running, OPERATOR, [EVENTS, plain]) == {EVENTS: refused, plain: ""}


def test_the_command_line_is_the_operators(running: Running) -> None:
    shown = json.loads(running.project.coalition("demo", "--external", "--json").stdout)
    assert shown["coalitions"]
    refused = running.project.coalition("acls", "--apply", check=False)
    assert refused.returncode == 1
    assert "an administrator of Kafka" in refused.stdout


def test_the_example_of_a_publisher_that_logs_in_works_from_this_machine(running: Running) -> None:
    membership = running.project.environment["COALITION_PORT_MEMBERSHIP"]
    done = subprocess.run(
        [sys.executable, EXAMPLE],
        env={
            **os.environ,
            "COALITION_PUBLISHER": str(BERLIN["name"]),
            "COALITION_KAFKA": f"127.0.0.1:{running.port}",
            "COALITION_KAFKA_PASSWORD": running.project.password(B),
            "COALITION_MEMBERSHIP_URL": f"http://127.0.0.1:{membership}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    first = [line.split()[0] for line in done.stdout.splitlines()]
    assert first == ["accepted", "accepted", "duplicate", "rejected", "accepted"], done.stdout


def record(project: Compose) -> dict[str, Any]:
    """What now is."""
    shown: dict[str, Any] = json.loads(project.coalition("status", "--json").stdout)
    return shown


# What follows loses what the test above has played in.
def test_the_damaged_store_of_one_service_is_given_up_and_restored(
    running: Running, tmp_path: Path
) -> None:
    project, before = running.project, record(running.project)
    copy = tmp_path / "backup.zip"
    project.piped("run", "--rm", "-T", "cli", "backup", "-", kept=copy)
    tmp_path.chmod(0o755)  # it is read by another user
    copy.chmod(0o644)
    project("stop", "plans")
    there = ("run", "--rm", "-T", "--volume", f"{tmp_path}:/copy:ro", "restore")
    words = ("/copy/backup.zip", "--service", "plans")
    assert "is not lost" in project(*there, *words, check=False).stdout
    assert "documents loaded" in project(*there, *words, "--replace", "--yes").stdout
    project("up", "--wait")
    assert record(project) == before


def test_a_cold_copy_is_of_this_project_and_comes_back_under_another_name(
    running: Running, tmp_path: Path
) -> None:
    project, before = running.project, record(running.project)
    copy = tmp_path / "all.tar.gz"
    project("stop")
    project.piped("run", "--rm", "-T", "volumes", "save", kept=copy)
    project("rm", "--force", "--stop")
    with compose(tmp_path, **project.environment) as other:
        refused = other("run", "--rm", "-T", "volumes", "save", check=False)
        assert "of this project is empty" in refused.stderr
        other.piped("run", "--rm", "-T", "volumes", "load", given=copy)
        other("up", "--wait")
        assert record(other) == before
