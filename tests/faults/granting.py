"""Trying with librdkafka what a user may do at a Kafka, and what each of them should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from shared.contracts.membership import CitySigned, CoalitionFounded, MemberAdmitted
from shared.contracts.plans import PlanPublished
from tests.secured import ADMIN, Secured

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.kafka.connection import Connection

BERLIN: Final = {
    "name": "berlin",
    "sources": ["urn:berlin"],
    "types": [CitySigned.type, CoalitionFounded.type, MemberAdmitted.type],
    "coalitions": ["*"],
    "quota": 65536,
}
PARIS: Final = {
    **BERLIN,
    "name": "paris",
    "sources": ["urn:paris/*"],
    "types": [PlanPublished.type],
    "quota": None,
}
OPERATOR, STRANGER = "coalition.operator", "stranger"
B, P = "coalition.publisher.berlin", "coalition.publisher.paris"
M, N, L = "coalition.membership", "coalition.notifications", "coalition.plans"
USERS: Final = (M, L, N, OPERATOR, B, P, STRANGER)

# Said once more by hand, so that a slip in the table shows: topic -> (who writes, who reads).
TOPICS: Final[dict[str, tuple[set[str], set[str]]]] = {
    "coalition.membership.self.v1": ({M}, {M, OPERATOR}),
    "coalition.membership.inbox.v1": ({M, OPERATOR}, {M, OPERATOR}),
    "coalition.membership.inbox.v1.berlin": ({M, B}, {M, OPERATOR}),
    "coalition.membership.events.v1": ({M}, {L, N, B, P, OPERATOR}),
    "coalition.membership.rejected.v1": ({M}, {OPERATOR}),
    "coalition.plans.self.v1": ({L}, {L, OPERATOR}),
    "coalition.plans.inbox.v1": ({L, OPERATOR}, {L, OPERATOR}),
    "coalition.plans.inbox.v1.paris": ({L, P}, {L, OPERATOR}),
    "coalition.plans.events.v1": ({L}, {M, N, B, P, OPERATOR}),
    "coalition.plans.rejected.v1": ({L}, {OPERATOR}),
    "coalition.notifications.self.v1": ({N}, {N, OPERATOR}),
    "coalition.notifications.inbox.v1": ({N, OPERATOR}, {N, OPERATOR}),
    "coalition.notifications.events.v1": ({N}, {B, P, OPERATOR}),
    "coalition.notifications.rejected.v1": ({N}, {OPERATOR}),
}
GROUPS: Final = {M: {M}, L: {L}, N: {N}, f"{B}.readers": {B}, f"{P}.readers": {P}, "other": set()}
TRANSACTIONS: Final = {f"{B}.sender": {B}, f"{P}.sender": {P}, M: set(), "other": set()}

REFUSED: Final = "AUTHORIZATION_FAILED"


class Kafka(Protocol):
    """A Kafka that its users log in to."""

    def connection(self, user: str, /) -> Connection:
        """How a user reaches it."""
        ...


def applied(kafka: Secured) -> str:
    """What `coalition acls --apply` says."""
    passwords = str(kafka.folder / "passwords")
    done = kafka.coalition(ADMIN, "acls", "--apply", "--passwords", passwords)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def options(kafka: Kafka, user: str, **more: Any) -> dict[str, Any]:
    quiet = {"log_level": 0, "error_cb": lambda _: None}
    named = {name.replace("_", "."): value for name, value in more.items()}
    return {**kafka.connection(user).librdkafka(), **quiet, **named}


def written(kafka: Kafka, user: str, topics: list[str]) -> dict[str, str]:
    """By topic, what a user is answered that writes there; empty where it is taken."""
    found: dict[str, str] = {}
    producer = Producer(options(kafka, user, message_timeout_ms=20_000))
    for topic in topics:

        def heard(error: Any, _: Any, topic: str = topic) -> None:
            found[topic] = error.name() if error else ""

        producer.produce(topic, b"x", partition=0, on_delivery=heard)
    assert producer.flush(30) == 0
    return found


def read(kafka: Secured, user: str, topics: list[str]) -> dict[str, str]:
    """By topic, what a user is answered that reads there."""
    found: dict[str, str] = {}
    consumer = Consumer(
        options(kafka, user, group_id="none", enable_auto_commit=False, auto_offset_reset="error")
    )
    try:
        for topic in topics:
            if error := consumer.list_topics(topic, timeout=10).topics[topic].error:
                found[topic] = error.name()  # it may not even be seen
        consumer.assign([TopicPartition(topic, 0, 0) for topic in topics if topic not in found])
        for message in heard(consumer):
            error = message.error()
            if topic := message.topic():
                found.setdefault(topic, error.name() if error else "")
            if found.keys() == set(topics):
                break
    finally:
        consumer.close()
    return found


def heard(consumer: Consumer) -> Iterator[Any]:
    """Messages and errors, for twenty seconds at most."""
    for _ in range(100):
        yield from consumer.consume(1000, timeout=0.2)


def joined(kafka: Secured, user: str, group: str) -> str:
    """What a user is answered that joins a group."""
    readable = [topic for topic, (_, readers) in TOPICS.items() if user in readers]
    assigned: list[Any] = []
    consumer = Consumer(options(kafka, user, group_id=group, enable_auto_commit=False))
    try:
        consumer.subscribe(readable[:1] or ["any"], on_assign=lambda _, p: assigned.append(p))
        for _ in range(100):
            for message in consumer.consume(1, timeout=0.2):
                error = message.error()
                if error and error.name().startswith("GROUP"):
                    return str(error.name())
            if assigned:
                return ""
    finally:
        consumer.close()
    return "no answer"


def transacted(kafka: Secured, user: str, id_: str) -> str:
    """What a user is answered that begins to send in transactions."""
    producer = Producer(options(kafka, user, transactional_id=id_))
    return said(lambda: producer.init_transactions(20))


def said(act: Callable[[], Any]) -> str:
    """What Kafka answers; empty where it does as it is asked."""
    try:
        act()
    except KafkaException as error:
        return str(error.args[0].name())
    return ""


def results(futures: dict[Any, Any]) -> None:
    for future in futures.values():
        future.result(20)
