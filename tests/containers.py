"""Apache Kafka, MongoDB and Mailpit in containers, for tests."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy, LogMessageWaitStrategy

from tests.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator

KAFKA: Final = "apache/kafka:4.1.1"
MONGO: Final = "mongo:8.2"
MAILPIT: Final = "axllent/mailpit:v1.27"

_PRIMARY_SECONDS: Final = 60
# With the options and the file limit that it has in Compose.
_START: Final = Path(__file__).parent.parent / "deploy" / "mongodb" / "start.sh"


def docker_answers() -> bool:
    """Whether there is a Docker engine that answers."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    asked = subprocess.run([docker, "version"], capture_output=True, check=False)
    return asked.returncode == 0


@contextmanager
def start() -> Iterator[Parts]:
    """Start the three parts, and stop them again."""
    with ExitStack() as stack:
        kafka = stack.enter_context(_kafka())
        mongo = stack.enter_context(mongo_container())
        mail = stack.enter_context(
            DockerContainer(MAILPIT)
            .with_exposed_ports(1025, 8025)
            .waiting_for(HttpWaitStrategy(8025, "/readyz"))
        )
        host = mongo.get_container_host_ip()
        uri = f"mongodb://{host}:{mongo.get_exposed_port(27017)}/?directConnection=true"
        initiate(uri)
        yield Parts(
            kafka=kafka,
            mongodb=uri,
            smtp_host=mail.get_container_host_ip(),
            smtp_port=int(mail.get_exposed_port(1025)),
            messages=f"http://{host}:{mail.get_exposed_port(8025)}/api/v1/messages",
        )


@contextmanager
def _kafka() -> Iterator[str]:
    port = free_port()
    with kafka_container(port):
        yield f"localhost:{port}"


def kafka_container(port: int, **more: str) -> DockerContainer:
    """A broker on a port that stays the same when it is killed and started again.

    It must advertise the address that the host uses, so the port is known before.

    Args:
        port: on the host and in the container.
        more: settings beside ours, or in their place.
    """
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://localhost:{port}",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_INTER_BROKER_LISTENER_NAME": "PLAINTEXT",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        **more,
    }
    container = DockerContainer(KAFKA).with_bind_ports(port, port)
    for name, value in settings.items():
        container = container.with_env(name, value)
    return container.waiting_for(LogMessageWaitStrategy("Kafka Server started"))


def mongo_container(port: int | None = None) -> DockerContainer:
    """A store that is to become a replica set of one (`initiate`), on a given port or any."""
    return (
        DockerContainer(MONGO, entrypoint=["bash", "/start.sh"])
        .with_volume_mapping(str(_START), "/start.sh", "ro")
        .with_bind_ports(27017, port)
        .waiting_for(LogMessageWaitStrategy("Waiting for connections"))
    )


def free_port() -> int:
    """A port that nobody listens on, below those that the system gives to connections.

    One of those may be taken by a connection before whoever asked listens on it.
    """
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no port is free")


def initiate(uri: str) -> None:
    """Make the replica set and wait for its primary, each time on a connection made after it."""
    members = [{"_id": 0, "host": "localhost:27017"}]
    with MongoClient[dict[str, object]](uri) as client:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
    deadline = time.monotonic() + _PRIMARY_SECONDS
    while time.monotonic() < deadline:
        with MongoClient[dict[str, object]](uri) as client:
            if client.admin.command("hello").get("isWritablePrimary"):
                return
    msg = f"{MONGO} has no primary within {_PRIMARY_SECONDS} s"
    raise TimeoutError(msg)
