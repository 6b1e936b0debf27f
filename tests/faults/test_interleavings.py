"""Two engines on one journal, interleaved at random, crashed and rebalanced, against the model."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services import manifests
from shared.contracts import catalogue
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.fingerprint import fingerprint
from shared.journal.entry import Entry, Key, Origin, Outcome
from shared.kafka.producer import Outgoing
from tests.fakes.engine import plans_engine
from tests.fakes.gate import Gate
from tests.fakes.kafka import PARTITIONS, FakeConsumer, FakeKafka, Record
from tests.fakes.load import INBOX, Load
from tests.fakes.store import FakeJournal, FakeSnapshots
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from services.plans.domain import State

ENGINES: Final = 2
_TURNS: Final = 30
"""How often the loop runs until every call waits at its gate again."""
_ENOUGH: Final = 20_000


@dataclass(slots=True)
class Store:
    """What engines share, and what a crash leaves."""

    kafka: FakeKafka = field(default_factory=lambda: FakeKafka(INBOX))
    entries: dict[Key, Entry] = field(default_factory=dict)
    snapshots: dict[Stream, Versioned[State]] = field(default_factory=dict)
    rollbacks: list[int] = field(default_factory=list)
    now: datetime = NOW

    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return (self.now - NOW).total_seconds()


class Member:
    """One engine as a process of its own: its consumer, its gate, its task."""

    def __init__(self, store: Store) -> None:
        self.gate = Gate()
        self.consumer = FakeConsumer(store.kafka, self.gate)
        self.engine = plans_engine(
            self.consumer,
            journal=FakeJournal(store.entries, self.gate, store.rollbacks),
            snapshots=FakeSnapshots(store.snapshots, self.gate),
            clock=lambda: store.now,
            elapsed=store.elapsed,
            batch_size=5,
            cache_bytes=1,
            part_size=2,
        )
        self.task = asyncio.ensure_future(self.engine.run(self.consumer))


class Interleavings(RuleBasedStateMachine):
    """Hypothesis chooses what comes next."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = Store()
        self.dead: list[Member] = []
        self.loop.run_until_complete(self._begin())

    async def _begin(self) -> None:
        self.members = [Member(self.store) for _ in range(ENGINES)]
        self.store.kafka.rebalance([member.consumer for member in self.members])
        await self._turn()

    async def _turn(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    @initialize(seed=st.integers(0, 2**16))
    def some_towns(self, seed: int) -> None:
        self.load = Load(seed, towns=3, duplicates=0.2, poison=0.15)
        self.load.plan()
        self.load.signatures()
        self.store.snapshots.update(
            {s: Versioned(0, state) for s, state in self.load.states.items()}
        )
        self.before = Counter(self.load.outcomes)
        self.load.told.clear()

    @rule(count=st.integers(1, 8))
    def produce(self, count: int) -> None:
        for record in self.load.more(count):
            self.store.kafka.produce(record)

    @rule(key=st.binary(min_size=1, max_size=1))
    def produce_what_cannot_be_decoded(self, key: bytes) -> None:
        self.store.kafka.produce(Outgoing(INBOX, key, b"", []), undecodable=True)
        self.load.outcomes[Outcome.REJECTED] += 1

    @rule(
        number=st.integers(0, ENGINES - 1),
        turns=st.lists(st.integers(0, 2), min_size=1, max_size=40),
    )
    def let_on(self, number: int, turns: list[int]) -> None:
        for which in turns:
            self._let_on(self.members[number], which)

    def _let_on(self, member: Member, which: int) -> None:
        member.gate.let_on(which)
        self.loop.run_until_complete(self._turn())
        if member.task.done():
            member.task.result()

    @rule(number=st.integers(0, ENGINES - 1))
    def crash(self, number: int) -> None:
        self.dead.append(self.members[number])
        self.loop.run_until_complete(self._replace(number))

    async def _replace(self, number: int) -> None:
        self.members[number] = Member(self.store)
        self.store.kafka.rebalance([member.consumer for member in self.members])
        await self._turn()

    @rule(owners=st.lists(st.integers(0, ENGINES - 1), min_size=PARTITIONS, max_size=PARTITIONS))
    def rebalance(self, owners: list[int]) -> None:
        self.store.kafka.rebalance([self.members[owner].consumer for owner in owners])

    @rule(number=st.integers(0, ENGINES - 1))
    def notice_a_rebalance(self, number: int) -> None:
        self.loop.run_until_complete(self._notice(self.members[number]))

    async def _notice(self, member: Member) -> None:
        member.consumer.notice()
        await self._turn()

    @rule(partition=st.integers(0, PARTITIONS - 1))
    def replay_all(self, partition: int) -> None:
        """An operator sets offsets to zero, which takes a group without members."""
        for number in range(ENGINES):
            self.crash(number)
        self.store.kafka.committed[partition] = 0

    @rule(survive=st.integers(0, 2))
    def the_store_steps_down(self, survive: int) -> None:
        """It has taken some entries of the next append when it is asked again."""
        self.store.rollbacks.append(survive)

    @rule()
    def time_passes(self) -> None:
        self.store.now += timedelta(seconds=2)

    @invariant()
    def what_is_committed_is_done(self) -> None:
        kafka = self.store.kafka
        by_origin = {entry.origin: entry for entry in self.store.entries.values()}
        bodies = {(e.key.source, e.key.id, e.digest) for e in self.store.entries.values()}
        told = {dict(r.headers)["ce_id"] for r in kafka.published[catalogue.events("plans")]}
        for log, committed in zip(kafka.logs, kafka.committed, strict=True):
            for record in log[:committed]:
                entry = by_origin.get(Origin(record.topic, record.partition, record.offset))
                assert entry or identity(record) in bodies
                if entry and entry.events:
                    assert self.store.snapshots[entry.stream].version >= entry.version
                    assert {p.id.encode() for p in entry.events} <= told

    def teardown(self) -> None:
        try:
            if hasattr(self, "load"):
                for number in range(ENGINES):
                    self.crash(number)  # so that the last records, too, meet a crash
                self._read_all()
                self._compare()
        finally:
            self.loop.run_until_complete(self._end())
            self.loop.close()

    def _read_all(self) -> None:
        kafka = self.store.kafka
        for turn in range(_ENOUGH):
            if kafka.committed == [len(log) for log in kafka.logs]:
                return
            self._let_on(self.members[turn % ENGINES], turn)
        raise AssertionError("the engines do not come to an end")

    def _compare(self) -> None:
        outcomes = Counter(entry.outcome for entry in self.store.entries.values())
        assert outcomes == +(self.load.outcomes - self.before)
        states = {stream: held.state for stream, held in self.store.snapshots.items()}
        assert states == self.load.states
        assert self._published() == dict(self.load.told)
        rejected = self.store.kafka.published[catalogue.rejected("plans")]
        origins = {dict(r.headers)["coalition-rejected-origin"].decode() for r in rejected}
        wanted = (e for e in self.store.entries.values() if e.outcome is Outcome.REJECTED)
        assert origins == {str(entry.origin) for entry in wanted}

    def _published(self) -> dict[str, list[Any]]:
        """What was said of each subject, in order; a repetition must say the same."""
        bodies: dict[bytes, bytes | None] = {}
        told: dict[str, list[Any]] = defaultdict(list)
        for record in self.store.kafka.published[catalogue.events("plans")]:
            headers = dict(record.headers)
            if headers["ce_id"] in bodies:
                assert bodies[headers["ce_id"]] == record.value
                continue
            bodies[headers["ce_id"]] = record.value
            model = manifests.EVENTS[headers["ce_type"].decode()]
            told[(record.key or b"").decode()].append(
                model.model_validate_json(record.value or b"")
            )
        return told

    async def _end(self) -> None:
        for member in [*self.members, *self.dead]:
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({member.task}, timeout=0.01)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await self._turn()


def identity(record: Record) -> tuple[str, str, str]:
    headers = dict(record.headers)
    source, id_ = headers.get("ce_source") or b"", headers.get("ce_id") or b""
    type_ = (headers.get("ce_type") or b"").decode(errors="replace")
    said = fingerprint(type_, record.value or b"")
    return source.decode(), id_.decode(errors="replace"), said


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=200,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
