"""CloudEvents' batched mode: each event of a batch is answered as it would be alone, in order."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from aiokafka import TopicPartition

from services.manifests import MANIFESTS
from shared.cloudevents import MAX_BODY
from shared.context_attributes import Unreadable
from shared.contracts import catalogue
from shared.domain.stream import Stream
from shared.fingerprint import fingerprint
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.kafka.producer import NotDelivered
from shared.web.batches import MAX_EVENTS, Batches
from shared.web.problems import Problem
from shared.web.waiting import OutcomeWatcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi.responses import JSONResponse

    from shared.cloudevents import Envelope
    from shared.contracts.base import Event
    from shared.kafka.producer import Outgoing

INBOX: Final = catalogue.inbox("membership")
SOURCE: Final = "urn:test"


def event(id_: str, **more: Any) -> dict[str, Any]:
    data = {"coalition": f"c-{id_}", "name": "One of a batch"}
    type_ = "coalition.membership.CoalitionFounded.v1"
    found = {"specversion": "1.0", "id": id_, "source": SOURCE, "type": type_, "data": data}
    return {**found, **more}


@dataclass
class Service:
    """Decides at once what is put on its inbox, but for the ids that it leaves undecided."""

    undecided: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    failure: NotDelivered | None = None
    sent: list[Outgoing] = field(default_factory=list)

    def __post_init__(self) -> None:
        journal: Any = None
        self.watcher = OutcomeWatcher(journal)

    async def send(self, records: Sequence[Outgoing]) -> None:
        if self.failure:
            raise self.failure
        self.sent += records
        self.watcher.notify([entry for one in records if (entry := self.decided(one))])
        self.watcher.written({TopicPartition(INBOX, 0): 1})

    def decided(self, record: Outgoing) -> Entry | None:
        headers = {name: value.decode() for name, value in record.headers}
        id_, type_ = headers["ce_id"], headers["ce_type"]
        outcome = Outcome.REJECTED if id_ in self.refused else Outcome.ACCEPTED
        return (
            None
            if id_ in self.undecided
            else Entry(
                Key(SOURCE, id_),
                Stream("coalitions", "x"),
                1,
                outcome,
                datetime(2026, 1, 1, tzinfo=UTC),
                fingerprint(type_, record.value or b""),
                Origin(INBOX, 0, 0),
                type=type_,
                code="rule" if id_ in self.refused else "",
                reason="no" if id_ in self.refused else "",
            )
        )

    async def take(self, documents: Any, seconds: int = 0) -> JSONResponse:
        publisher: Any = self
        batches = Batches(MANIFESTS["membership"].inbox, self.watcher, publisher)
        body = documents if isinstance(documents, bytes) else json.dumps(documents).encode()
        return await batches.take(body, place, seconds)


def place(envelope: Envelope, event: Event) -> str:
    if envelope.id == "forbidden":
        raise Problem(403, f"{event.subject} is not yours")
    return INBOX


def answers(response: JSONResponse) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(bytes(response.body))
    return found


BAD: Final = [
    (event("forbidden"), 403, None),
    (event("x", type="coalition.membership.NoSuchThing.v1"), 422, "type"),
    (event("x", data={"coalition": "Not A Slug"}), 422, "contract"),
    (event("x", data={"name": "x" * MAX_BODY}), 422, "body"),
    (event("", source=""), 422, "envelope"),
    (event("x", specversion="0.3"), 422, "envelope"),
    (event("x", data_base64="e30="), 422, "body"),
    ([event("x")], 422, "envelope"),
    (None, 422, "envelope"),
    (7, 422, "envelope"),
]


@pytest.mark.parametrize(("bad", "status", "code"), BAD)
async def test_what_is_bad_in_a_batch_costs_only_itself(
    bad: object, status: int, code: str | None
) -> None:
    service = Service()
    answer = await service.take([event("1"), bad, event("2")])
    assert answer.status_code == 207
    one, wrong, two = answers(answer)
    assert (wrong["status"], wrong.get("code")) == (status, code)
    assert wrong["detail"]
    assert [(a["status"], a["id"], a["href"]) for a in (one, two)] == [
        (202, "1", "/events/urn%3Atest/1"),
        (202, "2", "/events/urn%3Atest/2"),
    ]
    assert [dict(r.headers)["ce_id"] for r in service.sent] == [b"1", b"2"]


async def test_each_outcome_is_waited_for_and_told_in_order() -> None:
    service = Service(undecided=frozenset("3"), refused=frozenset("2"))
    answer = await service.take([event(id_) for id_ in "1234"], seconds=1)
    assert answer.status_code == 207
    found = answers(answer)
    assert [a["status"] for a in found] == [200, 409, 202, 200]
    assert [a["id"] for a in found] == [*"1234"]
    assert found[0]["outcome"]["outcome"] == "accepted"
    assert (found[1]["code"], found[1]["detail"]) == ("rule", "no")


@pytest.mark.parametrize(
    ("documents", "seconds", "status"),
    [
        ([], 5, 200),
        ([event("1"), event("2")], 5, 200),
        ([event("1"), event("2")], 0, 202),
        ([event("", id=None), None], 5, 422),
    ],
)
async def test_where_all_are_alike_so_is_the_whole(
    documents: list[Any], seconds: int, status: int
) -> None:
    answer = await Service().take(documents, seconds)
    assert answer.status_code == status
    assert [a["status"] for a in answers(answer)] == [status] * len(documents)


async def test_an_event_that_is_twice_in_a_batch_is_answered_twice() -> None:
    answer = await Service().take([event("1"), event("1")], seconds=5)
    assert [a["outcome"]["outcome"] for a in answers(answer)] == ["accepted", "accepted"]


@pytest.mark.parametrize("unsure", [True, False])
async def test_what_kafka_did_not_confirm_is_said_of_each(*, unsure: bool) -> None:
    service = Service(failure=NotDelivered("Kafka is away", delivered=1, unsure=unsure))
    answer = await service.take([event("1"), event("2"), None, event("3")], seconds=5)
    assert int(answer.headers["retry-after"]) > 0
    found = answers(answer)
    assert [a["status"] for a in found] == [202, 503, 422, 503]
    assert found[3]["taken"] == ("unknown" if unsure else "no")


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'"x"', b"7", b"[NaN]", b"\xff"])
async def test_what_is_no_batch_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Unreadable):
        await Service().take(body)


async def test_a_batch_of_more_than_the_bound_is_refused_whole() -> None:
    service = Service()
    with pytest.raises(Problem, match="100 events, this one 101") as refused:
        await service.take([event(str(n)) for n in range(MAX_EVENTS + 1)])
    assert refused.value.status_code == 413
    assert not service.sent
    answer = await service.take([event(str(n)) for n in range(MAX_EVENTS)], seconds=5)
    assert answer.status_code == 200
