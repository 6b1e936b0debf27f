"""Wrong settings against a real Kafka, with TLS, logins and rights, and a real store."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
import trustme

from shared.checks.kafka import KafkaCheck
from shared.checks.store import StoreCheck
from shared.kafka.security import KafkaSettings
from shared.settings import Settings
from tests.conftest import on_docker
from tests.parts import eventually
from tests.secured import ADMIN, Secured, secured
from tests.system import environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared.checks.fault import Fault
    from tests.parts import Parts

pytestmark = pytest.mark.skipif(not on_docker(), reason="a Kafka of its own needs Docker")

SECRET: Final = "hunter2-hunter2"
SERVICE: Final = "plans"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with secured(tmp_path_factory.mktemp("secured")) as one:
        yield one


@pytest.fixture
def settings(kafka: Secured, parts: Parts, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What is right, and each way in which it may be wrong."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    ca, other = kafka.folder / "ca.pem", tmp_path / "other.pem"
    login = {"kafka_username": ADMIN, "kafka_password": kafka.passwords[ADMIN]}
    right = {"kafka": kafka.bootstrap, "kafka_ca": ca, **login}
    return {
        "right": right,
        "wrong password": {**right, "kafka_password": SECRET},
        "no such user": {**right, "kafka_username": "nobody"},
        "wrong authority": {**right, "kafka_ca": other},
        "no authority": {"kafka": kafka.bootstrap, **login},
        "wrong name": {**right, "kafka": f"127.0.0.2:{kafka.port}"},
        "no login": {"kafka": kafka.bootstrap, "kafka_ca": ca},
        "in the clear": {"kafka": kafka.bootstrap},
        "login in the clear": {"kafka": kafka.bootstrap, "kafka_insecure": True, **login},
        "TLS to a clear one": {"kafka": parts.kafka, "kafka_ca": ca},
        "login to one without": {"kafka": parts.kafka, "kafka_insecure": True, **login},
    }


WRONG: Final = {
    "wrong password": "COALITION_KAFKA_USERNAME, COALITION_KAFKA_PASSWORD",
    "no such user": "COALITION_KAFKA_USERNAME, COALITION_KAFKA_PASSWORD",
    "wrong authority": "COALITION_KAFKA_CA",
    "no authority": "COALITION_KAFKA_CA",
    "wrong name": "COALITION_KAFKA",
    "no login": "COALITION_KAFKA, COALITION_KAFKA_USERNAME, COALITION_KAFKA_CA",
    "in the clear": "COALITION_KAFKA, COALITION_KAFKA_USERNAME, COALITION_KAFKA_CA",
    "login in the clear": "COALITION_KAFKA, COALITION_KAFKA_INSECURE",
    "TLS to a clear one": "COALITION_KAFKA, COALITION_KAFKA_CA",
    "login to one without": "COALITION_KAFKA, COALITION_KAFKA_USERNAME",
}
LASTING: Final = ["wrong password", "wrong authority", "wrong name", "login to one without"]


async def found(wanted: dict[str, Any]) -> list[Fault]:
    return await KafkaCheck(KafkaSettings(**wanted))()


@pytest.mark.parametrize("how", WRONG)
async def test_each_way_to_reach_kafka_wrongly_names_its_setting(
    settings: dict[str, dict[str, Any]], how: str
) -> None:
    (fault,) = await found(settings[how])
    assert fault.setting == WRONG[how]
    assert SECRET not in fault.reason
    assert how not in LASTING or not fault.passes
    assert not await found(settings["right"])


def variables(parts: Parts, wanted: dict[str, Any]) -> dict[str, str]:
    told = {f"COALITION_{name.upper()}": str(value) for name, value in wanted.items()}
    return {**environment(parts, 0), "COALITION_PREFIX": "wrong", **told}


def start(parts: Parts, wanted: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services", SERVICE],
        env=variables(parts, wanted),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("how", LASTING)
def test_a_service_ends_with_one_line_where_waiting_would_not_help(
    parts: Parts, settings: dict[str, dict[str, Any]], how: str
) -> None:
    process = start(parts, settings[how])
    _, said = process.communicate(timeout=50)  # it would wait for longer than that
    assert process.returncode == 2
    (line,) = said.splitlines()
    assert line.startswith(f"{WRONG[how]}: ")


async def test_a_service_says_at_once_what_it_waits_for_and_goes_on_when_it_is_there(
    parts: Parts, settings: dict[str, dict[str, Any]]
) -> None:
    process = start(parts, settings["in the clear"])
    try:
        assert process.stdout
        line = json.loads(process.stdout.readline())
        assert line["event"] == "not_usable"
        assert line["setting"] == WRONG["in the clear"]
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


async def test_the_store_of_another_replica_set(parts: Parts) -> None:
    uri = parts.mongodb.replace("directConnection=true", "replicaSet=other")
    (fault,) = await StoreCheck(Settings(mongodb=uri), "coalition_test")()
    assert fault.setting == "COALITION_MONGODB"
    assert "'rs0', not to 'other'" in fault.reason
    assert not await StoreCheck(Settings(mongodb=parts.mongodb), "coalition_test")()


def doctor(kafka: Secured, user: str, *words: str, **more: str) -> dict[str, list[str]]:
    """What the doctor says, by its state."""
    done = kafka.coalition(user, "doctor", *words, "--json", **more)
    said: dict[str, list[str]] = {"ok": [], "advice": [], "wrong": []}
    for row in json.loads(done.stdout):
        said[row["state"]].append(row["text"])
    assert done.returncode == bool(said["wrong"]), done.stdout + done.stderr
    return said


async def test_the_doctor_finds_what_lacks_and_nothing_once_it_is_there(
    kafka: Secured, parts: Parts
) -> None:
    kafka.make_passwords(kafka.rights.users)
    own = {"COALITION_MONGODB": parts.mongodb, "COALITION_TOKEN": "test-token"}
    bare = doctor(kafka, ADMIN, SERVICE, **own)
    assert any("coalition topics --apply" in text for text in bare["advice"])
    for words in (["topics"], ["acls", "--passwords", str(kafka.folder / "passwords")]):
        done = kafka.coalition(ADMIN, *words, "--apply")
        assert done.returncode == 0, done.stdout

    async def is_well() -> bool:  # a right that was granted is seen a moment later
        said = doctor(kafka, f"coalition.{SERVICE}", SERVICE, **own)
        return not said["wrong"] + said["advice"]

    await eventually(is_well)
    another = doctor(kafka, "coalition.membership", SERVICE, **own)
    assert any("may not Write the topic coalition.plans.events.v1" in t for t in another["wrong"])
    wrong = doctor(kafka, ADMIN, SERVICE, **own, COALITION_KAFKA_PASSWORD=SECRET)
    assert [text.partition(":")[0] for text in wrong["wrong"]] == [WRONG["wrong password"]]


def test_the_doctor_of_the_operator_names_each_service_that_does_not_answer() -> None:
    gone = {f"COALITION_{name}_URL": "http://localhost:1" for name in ("MEMBERSHIP", "PLANS")}
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "doctor", "--json"],
        env={
            **os.environ,
            **gone,
            "COALITION_KAFKA": "localhost:1",
            "COALITION_NOTIFICATIONS_URL": "http://localhost:1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    named = {row["text"].partition(":")[0] for row in json.loads(done.stdout)}
    services = {"COALITION_MEMBERSHIP_URL", "COALITION_PLANS_URL", "COALITION_NOTIFICATIONS_URL"}
    assert named == {"COALITION_KAFKA", *services}
