"""Who may speak on which topic, and as whom; and what Kafka's table of rights grants for it."""

from __future__ import annotations

import json
from typing import Final

import pytest

from cli import client
from services.manifests import MANIFESTS
from shared.contracts.catalogue import inbox
from shared.contracts.membership import CitySigned, CoalitionFounded
from shared.contracts.plans import PlanPublished
from shared.domain.versioned import Versioned
from shared.journal.entry import Outcome
from shared.kafka.connection import Connection
from shared.kafka.rights import ANYBODY, Right, Rights
from shared.pipeline.decision import decide
from shared.pipeline.inbound import Source, read
from shared.pipeline.outbound import entrance
from shared.publishers import NOBODY, Publisher, Publishers
from tests.unit.fold import NOW
from tests.unit.toy import SOURCE, Toy, founded, record, toy

BERLIN: Final = Publisher(
    name="berlin", sources=("urn:berlin",), types=(CitySigned.type,), coalitions=("eccar",)
)
PUBLISHERS: Final = Publishers(publisher=(BERLIN,))
BY_TOPIC: Final = {s.topic: s for s in MANIFESTS["membership"].sources(PUBLISHERS)}
SELF, PLAIN, OWN, PLANS = (
    "coalition.membership.self.v1",
    "coalition.membership.inbox.v1",
    "coalition.membership.inbox.v1.berlin",
    "coalition.plans.events.v1",
)


@pytest.mark.parametrize(
    ("topic", "source", "may"),
    [
        (SELF, "/coalition/membership", True),
        (SELF, "/coalition/membership/import", True),
        (SELF, "/coalition/membershipx", False),
        (SELF, "/coalition/plans", False),
        (SELF, "urn:free", False),
        (PLAIN, "urn:free", True),
        (PLAIN, "urn:berlin", False),
        (PLAIN, "/coalition/membership", False),
        (PLAIN, "/coalition/plans", False),
        (PLAIN, "record in x/0", False),
        (OWN, "urn:berlin", True),
        (OWN, "urn:free", False),
        (OWN, "/coalition/membership", False),
        (PLANS, "/coalition/plans", True),
        (PLANS, "/coalition/membership", False),
        (PLANS, "urn:free", False),
    ],
)
def test_who_speaks_on_a_topic(topic: str, source: str, may: bool) -> None:  # noqa: FBT001 - a case of the table
    assert (BY_TOPIC[topic].refusal(source) == "") is may


def test_without_publishers_the_plain_inbox_takes_any_source_that_is_not_reserved() -> None:
    plain = {s.topic: s for s in MANIFESTS["membership"].sources()}[PLAIN]
    assert plain.refusal("urn:berlin") == ""
    assert "reserved" in plain.refusal("/coalition/membership")


def test_what_comes_over_http_goes_where_its_source_may_speak() -> None:
    for source, topic in (("/coalition/membership/http", SELF), ("urn:berlin", OWN), ("u", PLAIN)):
        assert entrance("membership", source, PUBLISHERS) == topic
        assert BY_TOPIC[topic].refusal(source) == ""
    assert entrance("membership", "urn:berlin", NOBODY) == PLAIN


def berlin_says(coalitions: tuple[str, ...]) -> tuple[Outcome, str]:
    """What becomes of berlin's event about the coalition `toy`, if it may speak about some."""
    publisher = BERLIN.model_copy(
        update={
            "sources": ("urn:test",),
            "types": (CoalitionFounded.type,),
            "coalitions": coalitions,
        }
    )
    source = Source(SOURCE.topic, SOURCE.types, own=True, publisher=publisher)
    decider = toy()
    message = read(record(founded("a"), 0), source, decider)
    assert message
    (entry,) = decide("membership", decider, [message], {message.route.stream: Versioned()}, NOW)
    return entry.outcome, entry.code


def test_a_publisher_says_nothing_about_anothers_coalition() -> None:
    assert berlin_says(("toy",)) == (Outcome.ACCEPTED, "")
    assert berlin_says(("*",)) == (Outcome.ACCEPTED, "")
    assert berlin_says(("b",)) == (Outcome.REJECTED, "forbidden")


def test_what_would_be_published_counts_where_the_event_names_no_coalition() -> None:
    def rule(_: object, event: CoalitionFounded, __: object) -> list[CoalitionFounded]:
        return [event.model_copy(update={"coalition": "b"})]

    publisher = BERLIN.model_copy(
        update={"sources": ("urn:test",), "types": (CoalitionFounded.type,), "coalitions": ("toy",)}
    )
    source = Source(SOURCE.topic, SOURCE.types, own=True, publisher=publisher)
    decider = toy(decide=rule)
    message = read(record(founded("a"), 0), source, decider)
    assert message
    known = {message.route.stream: Versioned[Toy]()}
    (entry,) = decide("membership", decider, [message], known, NOW)
    assert (entry.outcome, entry.code) == (Outcome.REJECTED, "forbidden")
    assert known[message.route.stream].state is None


def table(publishers: Publishers, prefix: str = "coalition") -> set[Right]:
    kafka = Connection("localhost:9092", prefix=prefix)
    return {*Rights(kafka, tuple(MANIFESTS.values()), publishers).table()}


def who(rights: set[Right], operation: str, name: str) -> set[str]:
    return {r.principal for r in rights if (r.operation, r.name) == (operation, name)}


def test_only_an_owner_writes_its_events_what_it_rejects_and_to_itself() -> None:
    rights = table(PUBLISHERS)
    for service in MANIFESTS:
        for topic in ("events", "rejected", "self"):
            name = f"coalition.{service}.{topic}.v1"
            assert who(rights, "Write", name) == {f"coalition.{service}"}
    assert who(rights, "Write", OWN) == {"coalition.membership", "coalition.publisher.berlin"}
    assert who(rights, "Write", PLAIN) == {"coalition.membership", "coalition.operator"}


def test_without_publishers_whoever_has_logged_in_writes_the_plain_inboxes() -> None:
    rights = table(NOBODY)
    assert ANYBODY in who(rights, "Write", PLAIN)
    plain = {inbox(name) for name, manifest in MANIFESTS.items() if manifest.takes}
    assert {r.name for r in rights if r.principal == ANYBODY} == plain


def test_a_publisher_has_an_inbox_only_where_it_may_say_something() -> None:
    both = BERLIN.model_copy(update={"types": (CitySigned.type, PlanPublished.type)})
    rights = table(Publishers(publisher=(both,)))
    inboxes = {r.name for r in rights if r.name.endswith(".berlin") and r.operation == "Write"}
    assert inboxes == {OWN, "coalition.plans.inbox.v1.berlin"}


def test_all_is_of_its_own_installation() -> None:
    rights = table(PUBLISHERS, prefix="second")
    assert all(right.name.startswith("second.") for right in rights)
    assert {right.principal.partition(".")[0] for right in rights} == {"second"}


def test_the_command_line_publishes_nothing_in_the_name_of_another() -> None:
    def line(source: str) -> bytes:
        event = {"specversion": "1.0", "id": "1", "source": source, "type": CoalitionFounded.type}
        return json.dumps({**event, "data": {"coalition": "a", "name": "A"}}).encode()

    (taken,) = client.check([line("urn:free")], PUBLISHERS)
    assert taken[0] == PLAIN
    for source, reason in (
        ("/coalition/membership", "line 2: .*reserved"),
        ("urn:berlin", "line 2: .*the publisher berlin's"),
    ):
        with pytest.raises(client.NotTaken, match=reason):
            client.check([line("urn:free"), line(source)], PUBLISHERS)
