"""Kafka lets each do what the table of rights says, and nothing else: tried one by one.

The client is librdkafka, so it is the broker that refuses, not something of ours that does not ask.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from shared import cloudevents
from shared.contracts.membership import CitySigned
from shared.settings import Settings
from tests.containers import free_port, initiate, mongo_container
from tests.faults.granting import (
    BERLIN,
    GROUPS,
    OPERATOR,
    PARIS,
    REFUSED,
    STRANGER,
    TOPICS,
    TRANSACTIONS,
    USERS,
    B,
    M,
    P,
    applied,
    joined,
    options,
    read,
    results,
    said,
    transacted,
    written,
)
from tests.parts import eventually
from tests.secured import ADMIN, Secured, secured
from tests.system import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.faults


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """One with topics, rights and users, as `coalition topics` and `coalition acls` make them."""
    with secured(tmp_path_factory.mktemp("secured")) as here:
        here.publish_as(BERLIN, PARIS)
        here.make_passwords(here.rights.users)
        done = here.coalition(ADMIN, "topics", "--apply")
        assert "14 topics created, 0 were there" in done.stdout, done.stdout + done.stderr
        applied(here)
        here.add_user(STRANGER)
        every = written(here, ADMIN, list(TOPICS))
        assert set(every.values()) == {""}, every
        yield here


@pytest.mark.parametrize("user", USERS)
def test_it_writes_what_it_may_and_nothing_else(kafka: Secured, user: str) -> None:
    found = written(kafka, user, list(TOPICS))
    for topic, (writers, _) in TOPICS.items():
        expected = "" if user in writers else f"TOPIC_{REFUSED}"
        assert found[topic] == expected, (user, topic)


@pytest.mark.parametrize("user", USERS)
def test_it_reads_what_it_may_and_nothing_else(kafka: Secured, user: str) -> None:
    found = read(kafka, user, list(TOPICS))
    for topic, (_, readers) in TOPICS.items():
        expected = "" if user in readers else f"TOPIC_{REFUSED}"
        assert found.get(topic) == expected, (user, topic)


@pytest.mark.parametrize("user", USERS)
def test_it_has_its_own_groups_and_transactions_alone(kafka: Secured, user: str) -> None:
    for group, members in GROUPS.items():
        expected = "" if user in members else f"GROUP_{REFUSED}"
        assert joined(kafka, user, group) == expected, (user, group)
    for id_, senders in TRANSACTIONS.items():
        expected = "" if user in senders else f"TRANSACTIONAL_ID_{REFUSED}"
        assert transacted(kafka, user, id_) == expected, (user, id_)


def test_a_publisher_has_the_quota_that_its_file_says(kafka: Secured) -> None:
    assert kafka.quota_of(B) == "producer_byte_rate=65536.0"
    assert kafka.quota_of(P) == ""
    unlimited = {name: value for name, value in BERLIN.items() if name != "quota"}
    kafka.publish_as(unlimited, {**PARIS, "quota": 4096})
    try:
        assert "at most 4,096 bytes a second" in applied(kafka)
        assert (kafka.quota_of(B), kafka.quota_of(P)) == ("", "producer_byte_rate=4096.0")
    finally:
        kafka.publish_as(BERLIN, PARIS)
        applied(kafka)
    assert kafka.quota_of(P) == ""


@pytest.mark.parametrize("user", USERS)
def test_it_administrates_nothing(kafka: Secured, user: str) -> None:
    admin = AdminClient(options(kafka, user))
    own = next((topic for topic, (w, _) in TOPICS.items() if user in w), next(iter(TOPICS)))
    entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    everything = AclBinding(
        ResourceType.TOPIC,
        "*",
        ResourcePatternType.LITERAL,
        f"User:{user}",
        "*",
        AclOperation.ALL,
        AclPermissionType.ALLOW,
    )
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    forbidden: dict[str, Callable[[], Any]] = {
        "create a topic": lambda: admin.create_topics([NewTopic("coalition.new", 1, 1)]),
        "create a topic of ours": lambda: admin.create_topics([NewTopic(f"{own}.x", 1, 1)]),
        "delete a topic": lambda: admin.delete_topics([own]),
        "grow a topic": lambda: admin.create_partitions([NewPartitions(own, 9)]),
        "configure a topic": lambda: admin.incremental_alter_configs(
            [ConfigResource(ConfigResource.Type.TOPIC, own, incremental_configs=[entry])]
        ),
        "delete records": lambda: admin.delete_records([TopicPartition(own, 0, 1)]),
        "delete a group": lambda: admin.delete_consumer_groups([f"{M}"]),
        "grant": lambda: admin.create_acls([everything]),
        "set a password": lambda: admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(ADMIN, info, b"mine now, this password")]
        ),
    }
    for what, act in forbidden.items():
        answer = said(lambda act=act: results(act()))  # type: ignore[misc]
        # Who may not even see a topic is told that there is none.
        assert REFUSED in answer or answer == "_NOENT", (user, what, answer)


@pytest.mark.parametrize("how", ["wrong password", "no such user", "no login", "in the clear"])
async def test_who_does_not_log_in_is_told_nothing(kafka: Secured, how: str) -> None:
    good = kafka.connection(M).librdkafka()
    changes: dict[str, dict[str, str]] = {
        "wrong password": {"sasl.password": "wrong"},
        "no such user": {"sasl.username": "nobody"},
        "no login": {"security.protocol": "SSL"},
        "in the clear": {"security.protocol": "PLAINTEXT"},
    }
    quiet: dict[str, Any] = {"log_level": 0, "error_cb": lambda _: None}
    admin = AdminClient({**good, **changes[how], **quiet})
    with pytest.raises(KafkaException):
        admin.list_topics(timeout=4)


async def test_our_own_client_with_a_wrong_password_is_refused(kafka: Secured) -> None:
    with pytest.raises(KafkaError):
        async with kafka.connection(M, "wrong").admin():
            pass
    async with kafka.connection(M).admin() as admin:
        assert "coalition.membership.self.v1" in await admin.list_topics()


def test_plaintext_to_another_machine_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match="COALITION_KAFKA_INSECURE"):
        Settings(kafka="192.0.2.1:9092")


async def test_applied_again_it_changes_nothing_and_who_is_struck_out_is_locked_out(
    kafka: Secured,
) -> None:
    assert "0 rights granted, 0 withdrawn." in applied(kafka)
    shown = kafka.coalition(ADMIN, "acls").stdout.split()
    assert B in shown
    kafka.publish_as(PARIS)
    try:
        assert f"Users removed: {B}." in applied(kafka)

        async def is_locked_out() -> bool:
            admin = AdminClient(options(kafka, B))
            return bool(said(lambda: admin.list_topics(timeout=2)))

        await eventually(is_locked_out)
    finally:
        kafka.publish_as(BERLIN, PARIS)
        applied(kafka)

    async def is_back() -> bool:
        return not said(lambda: AdminClient(options(kafka, B)).list_topics(timeout=5))

    await eventually(is_back)
    topic = "coalition.membership.inbox.v1.berlin"
    assert written(kafka, B, [topic]) == {topic: ""}


@pytest.fixture
def membership(kafka: Secured, tmp_path: Path) -> Iterator[str]:
    """The service, logged in as itself; where it answers."""
    port = free_port()
    with mongo_container() as mongo, (tmp_path / "log").open("wb") as log:
        uri = f"mongodb://localhost:{mongo.get_exposed_port(27017)}/?directConnection=true"
        initiate(uri)
        own = {
            "COALITION_MONGODB": uri,
            "COALITION_HTTP_PORT": str(port),
            "COALITION_TOKEN": TOKEN,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "services", "membership"],
            env={**kafka.environment(M), **own},
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


async def test_a_service_its_publisher_and_its_operator_work_by_these_rights_alone(
    kafka: Secured, membership: str, tmp_path: Path
) -> None:
    async def is_ready() -> bool:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"{membership}/readyz")).is_success
        except httpx.HTTPError:
            return False

    await eventually(is_ready)
    signed = {"member": {"name": "Berlin", "country": "DE", "kind": "city"}, "signed": "2006"}
    headers = cloudevents.binary_headers(source="urn:berlin", id_="1", type_=CitySigned.type)
    producer = Producer(options(kafka, B))
    producer.produce(
        "coalition.membership.inbox.v1.berlin",
        json.dumps({**signed, "coalition": "eccar"}),
        headers=[*headers],
    )
    assert producer.flush(30) == 0

    async def outcomes(*expected: str) -> None:
        async def are() -> bool:
            async with httpx.AsyncClient() as client:
                answer = await client.get(f"{membership}/events/urn%3Aberlin/1")
            return answer.is_success and [e["outcome"] for e in answer.json()["items"]] == [
                *expected
            ]

        await eventually(are)

    await outcomes("rejected")
    founded = {
        "specversion": "1.0",
        "id": "1",
        "source": "urn:officer",
        "type": "coalition.membership.CoalitionFounded.v1",
        "data": {"coalition": "eccar", "name": "ECCAR"},
    }
    (tmp_path / "events.jsonl").write_text(json.dumps(founded) + "\n")
    at = {"COALITION_MEMBERSHIP_URL": membership, "COALITION_TOKEN": TOKEN, "COLUMNS": "200"}
    done = kafka.coalition(OPERATOR, "publish", str(tmp_path / "events.jsonl"))
    assert "1 published" in done.stdout, done.stdout + done.stderr
    listed = kafka.coalition(OPERATOR, "rejected", "list", "membership", "--json", **at)
    assert listed.returncode == 0, listed.stdout + listed.stderr
    origin = origin_of(listed.stdout)
    done = kafka.coalition(OPERATOR, "rejected", "replay", "membership", origin, **at)
    assert done.returncode == 0, done.stdout + done.stderr
    await outcomes("rejected", "accepted")


def origin_of(listed: str) -> str:
    """Where the last record lies that was rejected because of a rule."""
    items = json.loads(listed)["membership"]["items"]
    (found,) = (item["origin"] for item in items if item["code"] == "rule")
    return str(found)
