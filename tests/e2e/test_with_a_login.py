"""A publisher logs in and has an inbox of its own: the example, and what the page has it type."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import uuid
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest
from confluent_kafka import Producer
from faststream.kafka.security import parse_security
from faststream.security import SASLScram512

from tests.conftest import on_docker
from tests.containers import free_port
from tests.parts import eventually
from tests.secured import ADMIN, Secured, secured
from tests.system import TOKEN, environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.parts import Parts

pytestmark = pytest.mark.skipif(not on_docker(), reason="a Kafka of its own needs Docker")

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "integrating.md").read_text()


def blocks(language: str) -> list[str]:
    """Those of the page that are in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


(FILE,) = blocks("toml")
PUBLISHERS: Final[list[dict[str, Any]]] = tomllib.loads(FILE)["publisher"]
"""As the page has the operators write them."""
USER: Final = f"coalition.publisher.{PUBLISHERS[0]['name']}"
(KCAT,) = (one for one in blocks("sh") if "sasl.username" in one)
PRINTED: Final = [
    "accepted   1 CoalitionFounded",
    "accepted   2 CitySigned",
    "duplicate  2 was published once",
    "rejected   3 the coalition 'nowhere' is not known",
    "accepted   4 MemberAdmitted",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A Kafka with logins and rights, and membership logged in there."""

    kafka: Secured
    url: str

    def publisher(self) -> dict[str, str]:
        """What the example is told."""
        return {
            **os.environ,
            "COALITION_KAFKA": self.kafka.bootstrap,
            "COALITION_KAFKA_CA": str(self.kafka.folder / "ca.pem"),
            "COALITION_KAFKA_PASSWORD": self.kafka.passwords[USER],
            "COALITION_MEMBERSHIP_URL": self.url,
        }


@pytest.fixture(scope="module")
def place(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, port = tmp_path_factory.mktemp("secured"), free_port()
    with secured(folder) as kafka, (folder / "log").open("wb") as log:
        kafka.publish_as(*PUBLISHERS)
        kafka.make_passwords(kafka.rights.users)
        for words in (["topics"], ["acls", "--passwords", str(folder / "passwords")]):
            done = kafka.coalition(ADMIN, *words, "--apply")
            assert done.returncode == 0, done.stdout + done.stderr
        own = {"COALITION_DATABASE": f"login_{uuid.uuid4().hex[:8]}", "COALITION_TOKEN": TOKEN}
        process = subprocess.Popen(
            [sys.executable, "-m", "services", "membership"],
            env={**environment(parts, port), **kafka.environment("coalition.membership"), **own},
            stdout=log,
            stderr=log,
        )
        try:
            yield Place(kafka, f"http://127.0.0.1:{port}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def ready(place: Place) -> None:
    async def answers() -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{place.url}/readyz")).is_success
        except httpx.HTTPError:
            return False

    await eventually(answers)


async def test_the_example_logs_in_and_sees_what_became_of_its_events(place: Place) -> None:
    await ready(place)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, str(ROOT / "examples" / "python" / "with_login.py")],
        env=place.publisher(),
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == PRINTED


async def test_what_the_page_has_kcat_send_is_taken(place: Place) -> None:
    """By a librdkafka that is new enough: kcat itself is often made with one that is not."""
    await ready(place)
    founded = {"coalition": "atlantis", "name": "Coalition of Atlantis"}
    headers = {"Authorization": f"Bearer {TOKEN}", "Prefer": "wait=20"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers, timeout=40) as client:
        answer = await client.post("/events/CoalitionFounded", json=founded)
        assert answer.status_code == httpx.codes.OK, answer.text
        await asyncio.to_thread(typed, place)
        found: list[dict[str, Any]] = []

        async def decided() -> bool:
            answer = await client.get("/events/urn%3Amy-region/6")
            found[:] = answer.json()["items"] if answer.is_success else []
            return bool(found)

        await eventually(decided)
    assert [one["outcome"] for one in found] == ["accepted"], found


def typed(place: Place) -> None:
    """Send what the page has kcat send, with its settings, to this Kafka, which encrypts."""
    echo, kcat = KCAT.split("|\n")
    words = shlex.split(kcat.replace("$secret", place.kafka.passwords[USER]))
    given = {name: value for name, value in pairwise(words) if name in {"-b", "-t", "-k"}}
    settings = dict(value.split("=", 1) for name, value in pairwise(words) if name == "-X")
    assert (given["-b"], settings["security.protocol"]) == ("127.0.0.1:29092", "SASL_PLAINTEXT")
    here = {"bootstrap.servers": place.kafka.bootstrap, "security.protocol": "SASL_SSL"}
    here["ssl.ca.location"] = str(place.kafka.folder / "ca.pem")
    producer = Producer({**settings, **here})
    producer.produce(given["-t"], shlex.split(echo)[1], given["-k"])
    assert producer.flush(30) == 0


def test_the_page_names_what_each_client_is_told(place: Place) -> None:
    login = parse_security(SASLScram512(USER, "secret", use_ssl=False))
    said = {**login, **place.kafka.connection(USER).librdkafka()}
    names = {name for name in said if name.startswith(("sasl", "security"))}
    assert len(names) == 8
    assert {name for name in names if name not in PAGE} == set()
    for value in (login["security_protocol"], login["sasl_mechanism"], USER):
        assert value in PAGE
