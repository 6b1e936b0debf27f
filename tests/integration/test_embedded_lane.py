"""The embedded lane for real, without the services: one start, one stop, one start again."""

from __future__ import annotations

import json
import smtplib
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from embedded import lane
from embedded.errors import PortInUse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOPIC = "lane.test"
FREE_PORTS = dict.fromkeys(lane.PORTS, 0)
MESSAGE = b"""\
From: staff@example.org\r
To: focal@example.org\r
Subject: =?utf-8?q?Z=C3=BCrich_signed?=\r
Message-ID: <1@example.org>\r
\r
Ten points.\r
"""
# Headers and bodies that break their own rules: each costs nothing but its own looks.
UNREADABLE = (
    b"Subject: \xff\xfe caf\xe9\r\n\r\nx",
    b"Content-Type: text/plain; charset=nonsense\r\n\r\n\xe9",
    b"From: <\r\nTo: =?utf-8?q?=0a?= <x@[>\r\nSubject: =?x?b?!!?=\r\n\r\nx",
    b"Date: nonsense\r\nMessage-ID: <\r\n\r\nx",
)


def up(directory: Path) -> dict[str, str]:
    return lane.up(lane.Options(directory, ports=FREE_PORTS, services=False), lambda _: None)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "lane"
    lane.down(tmp_path / "lane")


async def test_what_is_stored_survives_down_and_up(directory: Path) -> None:
    first = up(directory)
    assert json.loads((directory / "endpoints.json").read_text()) == first
    assert (directory / "token").stat().st_mode & 0o077 == 0
    assert up(directory) == first, "a lane that is up is left as it is"
    await publish(first["kafka"], b"signed")
    with store(first["mongodb"]) as client:
        client.lane.members.insert_one({"_id": "fr-nantes"})
    send(first["smtp"], MESSAGE)
    assert [m["subject"] for m in messages(first["mail"])] == ["Zürich signed"]

    for message in UNREADABLE:
        send(first["smtp"], message)
    look_at_each(first["mail"])

    assert sorted(lane.down(directory)) == ["kafka", "mail", "mongodb"]
    assert lane.down(directory) == [], "down twice is harmless"
    assert not (directory / "endpoints.json").exists()

    second = up(directory)
    assert await read(second["kafka"]) == b"signed"
    with store(second["mongodb"]) as client:
        assert client.lane.members.find_one() == {"_id": "fr-nantes"}
    assert messages(second["mail"])[-1]["message_id"] == "<1@example.org>"
    assert second["token_file"] == first["token_file"]


def test_a_busy_port_is_named_before_anything_starts(directory: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        options = lane.Options(directory, ports={**FREE_PORTS, "smtp": port}, services=False)
        with pytest.raises(PortInUse, match=rf"{port}.*smtp"):
            lane.up(options, lambda _: None)
    assert not directory.exists()


def test_a_process_that_only_has_the_same_id_is_left_alone(directory: Path) -> None:
    directory.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        born = psutil.Process(other.pid).create_time() - 100
        note = [{"name": "kafka", "pid": other.pid, "born": born}]
        (directory / "processes.json").write_text(json.dumps(note))
        assert lane.down(directory) == []
        assert other.poll() is None
        other.kill()


def store(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri)


def send(address: str, message: bytes) -> None:
    host, port = address.split(":")
    with smtplib.SMTP(host, int(port)) as smtp:
        smtp.sendmail("staff@example.org", ["focal@example.org"], message)


def messages(url: str) -> list[dict[str, Any]]:
    listing = httpx.get(f"{url}/api/messages").raise_for_status().json()
    assert listing["total"] == len(listing["messages"])
    found: list[dict[str, Any]] = listing["messages"]
    return found


def look_at_each(url: str) -> None:
    for kept in messages(url):
        for page in (f"/api/messages/{kept['id']}", f"/messages/{kept['id']}"):
            httpx.get(url + page).raise_for_status()


async def publish(address: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        await producer.send_and_wait(TOPIC, value)


async def read(address: str) -> bytes | None:
    async with AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest") as reader:
        reader.assign([TopicPartition(TOPIC, 0)])
        record = await reader.getone()
        value: bytes | None = record.value
        return value
