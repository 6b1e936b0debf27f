"""Whatever the journal has under a message's identity, a batch gets past it and nothing is lost."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from shared.contracts import catalogue
from shared.contracts.plans import CommitmentUpdated
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.fingerprint import fingerprint
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.kafka.producer import Outgoing
from tests.fakes.engine import plans_engine
from tests.fakes.gate import Open
from tests.fakes.kafka import FakeConsumer, FakeKafka
from tests.fakes.load import INBOX, SOURCE, Load
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.parts import eventually
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE: Final = Origin(INBOX, 0, 0)
ELSEWHERE: Final = Origin(INBOX, 2, 99)
IDENTITIES: Final = {
    "the event's": Key(SOURCE, "update-5"),
    "the origin's": Key.of_origin(HERE),
    "a replay's": Key(SOURCE, "update-5", str(ELSEWHERE)),
    "one as it was written once": Key(f"kafka:{INBOX}/0", "0"),
}
GOOD, UNREADABLE, OTHER = "good", "unreadable", "other content"


def event(content: str) -> Outgoing:
    """An update with an id that is fixed, its content changed or cut off."""
    load = Load(1, towns=1, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    for _ in range(3):
        first = load.more(1)[0]
    update = CommitmentUpdated.model_validate_json(first.value or b"")
    if content == OTHER:
        update = update.model_copy(update={"note": "something else"})
    body = update.model_dump_json(exclude_none=True).encode()
    headers = [(n, b"update-5" if n == "ce_id" else v) for n, v in first.headers]
    return Outgoing(INBOX, first.key, body[:10] if content == UNREADABLE else body, headers)


def entry(key: Key, origin: Origin, content: str, outcome: Outcome) -> Entry:
    """What the journal has: a decision of another time about some content."""
    return Entry(
        key,
        Stream("unread", "elsewhere/0"),
        7,
        outcome,
        NOW,
        fingerprint(CommitmentUpdated.type, event(content).value or b""),
        origin,
        code="reused" if outcome is Outcome.REJECTED else "",
    )


class Taken(NamedTuple):
    """What the journal has in the end, and the origins of what was sent to `rejected`."""

    entries: dict[Key, Entry]
    rejected: set[str]


async def taken(records: Sequence[Outgoing], there: Sequence[Entry], generation: int = 0) -> Taken:
    """Have an engine read records, perhaps of topics that were made anew."""
    load = Load(1, towns=1, duplicates=0, poison=0)
    load.plan()
    load.signatures()
    kafka, gate = FakeKafka(INBOX), Open()
    journal = FakeJournal({one.key: one for one in there}, gate)
    for record in records:
        kafka.append(0, record.key, record.value, record.headers)
    consumer = FakeConsumer(kafka, gate)
    engine = plans_engine(
        consumer,
        journal=journal,
        snapshots=FakeSnapshots(
            {stream: Versioned(0, state) for stream, state in load.states.items()}, gate
        ),
        clock=lambda: NOW,
    )
    engine.count_from(generation)
    kafka.rebalance([consumer])

    async def all_committed() -> bool:
        return kafka.committed[0] == len(records)

    async with asyncio.TaskGroup() as group:
        group.create_task(engine.run(consumer))
        await eventually(all_committed, 10)
        engine.stop()
    rejected = kafka.published[catalogue.rejected("plans")]
    origins = {dict(r.headers)["coalition-rejected-origin"].decode() for r in rejected}
    return Taken(journal.entries, origins)


@pytest.mark.parametrize(
    ("identity", "origin", "content", "outcome"),
    [
        case
        for case in product(IDENTITIES, [HERE, ELSEWHERE], [GOOD, UNREADABLE, OTHER], Outcome)
        # What nobody but a record's own entry can have.
        if case[:2] != ("the origin's", ELSEWHERE)
    ],
)
@pytest.mark.parametrize("arriving", [GOOD, UNREADABLE, OTHER])
async def test_a_batch_gets_past_whatever_is_there(
    arriving: str, identity: str, origin: Origin, content: str, outcome: Outcome
) -> None:
    there = entry(IDENTITIES[identity], origin, content, outcome)
    last = event(GOOD)._replace(headers=[("ce_id", b"last")])
    journal = await taken([event(arriving), last], [there])
    assert Key.of_origin(Origin(INBOX, 0, 1)) in journal.entries, "what comes behind it is read"
    here = [one for one in journal.entries.values() if one.origin == HERE]
    repeats = (
        there.key == Key(SOURCE, "update-5") and content == arriving and arriving != UNREADABLE
    )
    assert here or repeats


async def test_other_content_under_an_id_is_rejected_however_often() -> None:
    records = [event(GOOD), event(OTHER), event(OTHER), event(GOOD), event(UNREADABLE)]
    journal = await taken(records, [])
    outcomes = {one.origin.offset: (one.outcome, one.code) for one in journal.entries.values()}
    assert outcomes == {
        0: (Outcome.ACCEPTED, ""),
        1: (Outcome.REJECTED, "reused"),
        2: (Outcome.REJECTED, "reused"),
        4: (Outcome.REJECTED, "contract"),
    }
    assert journal.rejected == {f"{INBOX}/0/{n}" for n in (1, 2, 4)}
    again = await taken(records, [*journal.entries.values()])
    assert again.entries == journal.entries
    assert again.rejected == journal.rejected


async def test_a_topic_made_anew_uses_offsets_again_and_nothing_of_it_is_lost() -> None:
    earlier = await taken([event(UNREADABLE)], [])
    (before,) = earlier.entries.values()
    other = event(UNREADABLE)._replace(value=b"another record, as unreadable")
    journal = await taken([other], [before], generation=1)
    origins = {str(one.origin) for one in journal.entries.values()}
    assert origins == {f"{INBOX}/0/0", f"{INBOX}@1/0/0"}
    assert journal.rejected == {f"{INBOX}@1/0/0"}
    assert {Origin.of(text).generation for text in origins} == {0, 1}
    assert len({one.stream for one in journal.entries.values()}) == 2, "versions are offsets there"


async def test_what_was_decided_before_a_topic_was_made_anew_is_a_repetition() -> None:
    earlier = await taken([event(GOOD)], [])
    journal = await taken([event(GOOD)], [*earlier.entries.values()], generation=1)
    assert journal.entries == earlier.entries


async def test_what_was_adopted_after_a_restore_is_never_decided_anew() -> None:
    decided = await taken([event(GOOD)], [])
    (before,) = decided.entries.values()
    adopted = before._replace(digest="", origin=Origin(catalogue.events("plans"), 0, 5))
    journal = await taken([event(GOOD)], [adopted])
    assert journal.entries == {before.key: adopted}
    assert not journal.rejected
