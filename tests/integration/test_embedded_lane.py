"""The embedded lane for real, without the services: one start, one stop, one start again."""

from __future__ import annotations

import json
import smtplib
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from embedded import kafka, lane
from embedded.errors import LaneError, PortInUse
from tests.containers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return lane.up(lane.Options(directory, ports=FREE_PORTS), lambda _: None)


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
    assert [m["subject"] for m in messages(first["mailpit_url"])] == ["Zürich signed"]

    for message in UNREADABLE:
        send(first["smtp"], message)
    look_at_each(first["mailpit_url"])

    assert sorted(lane.down(directory)) == ["kafka", "mail", "mongodb"]
    assert lane.down(directory) == [], "down twice is harmless"
    assert not (directory / "endpoints.json").exists()

    second = up(directory)
    assert await read(second["kafka"]) == b"signed"
    with store(second["mongodb"]) as client:
        assert client.lane.members.find_one() == {"_id": "fr-nantes"}
    assert messages(second["mailpit_url"])[-1]["message_id"] == "<1@example.org>"
    assert second["token_file"] == first["token_file"]


def test_a_busy_port_is_named_before_anything_starts(directory: Path) -> None:
    with listening() as port:
        options = lane.Options(directory, ports={**FREE_PORTS, "smtp": port})
        with pytest.raises(PortInUse, match=rf"{port}.*smtp"):
            lane.up(options, lambda _: None)
    assert [entry.name for entry in directory.iterdir()] == ["lock"], "nothing was made"
    assert lane.down(directory) == []


def test_what_an_interrupted_first_start_left_is_made_whole_on_ports_that_are_free(
    directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half(directory)
    other, lines = tmp_path / "other", list[str]()
    with ExitStack() as stack:
        taken = {name: stack.enter_context(listening()) for name in ("mail", "controller")}
        usual = {name: taken.get(name) or free_port() for name in lane.PORTS}
        monkeypatch.setattr(lane, "PORTS", usual)
        stack.callback(lane.down, other)
        options = [lane.Options(where) for where in (directory, other, directory)]
        with ThreadPoolExecutor(3) as starts:
            first, beside, same = starts.map(lambda one: lane.up(one, lines.append), options)
    assert first == same, "who comes second waits, and finds it up"
    assert not {*first.values()} & {*beside.values()}, "two lanes at once share no port"
    for name, port in taken.items():
        assert any(line.startswith(f"port {port}, for {name}, is taken: using") for line in lines)
    assert Path(first["token_file"]).read_text()
    assert messages(first["mailpit_url"]) == []
    with pytest.raises(LaneError, match=r"mail is already up.*coalition down"):
        up_with(directory, mail=usual["smtp"])
    assert up_with(directory, mail=int(first["mailpit_url"].rpartition(":")[2])) == first


def leave_half(directory: Path) -> None:
    (directory / "kafka" / "log.part").mkdir(parents=True)
    (directory / "kafka" / "log").mkdir()
    (directory / "kafka" / "log" / "bootstrap.checkpoint").write_bytes(b"half of it")
    (directory / "kafka" / "server.properties").write_text("process.roles=bro")
    (directory / "mail").mkdir()
    (directory / "mail" / ".00000000-1.eml.part").write_bytes(b"Subject: half")
    (directory / "token").touch()


def up_with(directory: Path, **ports: int) -> dict[str, str]:
    return lane.up(lane.Options(directory, ports=ports), lambda _: None)


def test_kafkas_data_without_their_description_are_left_for_people(tmp_path: Path) -> None:
    topic = tmp_path / "log" / "lane.test-0"
    topic.mkdir(parents=True)
    with pytest.raises(LaneError, match=r"no meta\.properties"):
        kafka.command(tmp_path, [], "127.0.0.1", 1, 2)
    assert topic.exists()


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


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
