"""Continuity: what ties Kafka's offsets to the store, so that no record is passed over in silence.

An offset says how far a group has read, but not into which store. So each store has an id, under
which its offsets are committed, and keeps for each partition the offset that it expects next.
Before a service joins its group, and at each assignment, the two are compared (`standings.py`).
Where they disagree the service reads nothing, says why, and waits for an operator.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from shared.kafka import group, topics
from shared.pipeline.breaker import Halt
from shared.pipeline.standings import Finding, Standing, examine, group_in_use, topics_differ

if TYPE_CHECKING:
    from aiokafka import TopicPartition
    from aiokafka.admin import AIOKafkaAdminClient

    from shared.kafka.connection import Connection
    from shared.pipeline.installation import Installation, Offsets

log = structlog.get_logger()

Clock = Callable[[], datetime]
Stamped = dict["TopicPartition", tuple[int, str]]

_CHECK_SECONDS: Final = 20
"""How long Kafka may take for one comparison, of some ten requests."""
_AGAIN_SECONDS: Final = 5
"""How often a service that does not read looks whether it may."""


class Continuity:
    """Compares the offsets of one service's group with what its store expects.

    Args:
        kafka: where Kafka is.
        service: the service's name.
        read: the topics that it reads.
        installation: what its store knows.
        clock: tells the time, aware, UTC.

    Attributes:
        halt: why the service must not read, if so.
    """

    def __init__(
        self,
        kafka: Connection,
        service: str,
        read: Iterable[str],
        installation: Installation,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._kafka = kafka
        self._service = service
        self._group = kafka.group(service)
        self._topics = sorted(kafka.topic(name) for name in read)
        self._installation = installation
        self._clock = clock
        self._asked = asyncio.Event()
        self.halt: Halt | None = None

    async def settle(self, patience: float) -> None:
        """Return once the service may join its group; meanwhile `halt` says why it may not.

        Args:
            patience: seconds that Kafka may be silent.

        Raises:
            aiokafka.errors.KafkaError: Kafka has been silent for too long.
            TimeoutError: likewise.
        """
        answered = monotonic()
        while True:
            try:
                finding = await self._examine()
            except (KafkaError, TimeoutError) as error:
                log.warning("offsets_not_compared", error=repr(error))
                if monotonic() - answered > patience:
                    raise
            else:
                answered = monotonic()
                self._note(finding)
                if finding is None:
                    return
            await self._a_while()

    async def assigned(self, partitions: Iterable[TopicPartition]) -> Halt | None:
        """Compare once more, for partitions that are about to be read.

        A process that gets a halt here reads nothing and ends; when it is started again, it waits
        outside of the group.
        """
        try:
            async with asyncio.timeout(_CHECK_SECONDS), self._kafka.admin() as admin:
                self._note(await self._compare(await self._standings(admin, partitions)))
        except (KafkaError, TimeoutError) as error:
            # They were compared before it joined, and a Kafka that is away moves no offset.
            log.warning("offsets_not_compared", error=repr(error))
        return self.halt

    async def advanced(self, offsets: Offsets) -> Stamped:
        """Note in the store how far it has read, before Kafka is told.

        Returns:
            what to commit: each offset with the installation's id beside it.
        """
        await self._installation.advance(offsets)
        return self._stamped(offsets)

    async def adopt(self) -> Offsets:
        """Take Kafka's offsets and topics as they are; what is passed over by that is given up.

        Returns:
            where each partition is read on.

        Raises:
            GroupIsActive: the consumer group has members.
        """
        async with self._kafka.admin() as admin:
            standings = await self._all_standings(admin)
            accepted = await topics.differences(admin, self._topics)
        await self._go_on(offsets := {tp: one.adopted for tp, one in standings.items()})
        await self._installation.accept(accepted)
        return offsets

    async def reread(self) -> Offsets:
        """Read again all that this store has not read, as far as it is still there.

        Returns:
            where each partition is read on.

        Raises:
            GroupIsActive: the consumer group has members.
        """
        async with self._kafka.admin() as admin:
            standings = await self._all_standings(admin)
        await self._go_on(offsets := {tp: one.reread for tp, one in standings.items()})
        return offsets

    async def _go_on(self, offsets: Offsets) -> None:
        await group.commit(self._kafka, self._group, self._stamped(offsets))
        await self._installation.reset(offsets)
        self._asked.set()

    async def _examine(self) -> Finding | None:
        async with asyncio.timeout(_CHECK_SECONDS):
            async with self._kafka.admin() as admin:
                differing = await self._examine_topics(admin)
                standings = await self._all_standings(admin)
            return differing or await self._compare(standings) or await self._claim(standings)

    async def _examine_topics(self, admin: AIOKafkaAdminClient) -> Finding | None:
        try:
            found = await topics.differences(admin, self._topics)
        except TopicAuthorizationFailedError as error:
            log.warning("topics_not_examined", error=repr(error))
            return None
        accepted = await self._installation.accepted()
        return topics_differ([one for one in found if one not in accepted])

    async def _compare(self, standings: dict[TopicPartition, Standing]) -> Finding | None:
        is_empty = await self._installation.is_empty()
        return examine(standings, self._installation.id, is_empty=is_empty)

    async def _claim(self, standings: dict[TopicPartition, Standing]) -> Finding | None:
        """Commit what has no offset, or one without our id, or one of a record that is gone.

        Whoever comes later then sees whose group it is, and nothing is left to a default.
        """
        ours = self._installation.id
        unclaimed = {
            tp: one.adopted
            for tp, one in standings.items()
            if (one.committed, one.owner) != (one.adopted, ours)
        }
        if not unclaimed:
            return None
        await self._installation.advance(unclaimed)
        try:
            await group.commit(self._kafka, self._group, self._stamped(unclaimed))
        except group.GroupIsActive:
            return group_in_use(self._group, len(unclaimed))
        return None

    async def _all_standings(self, admin: AIOKafkaAdminClient) -> dict[TopicPartition, Standing]:
        return await self._standings(admin, await group.partitions(admin, self._topics))

    async def _standings(
        self, admin: AIOKafkaAdminClient, wanted: Iterable[TopicPartition]
    ) -> dict[TopicPartition, Standing]:
        """What Kafka and the store say.

        The offsets are read first and the log last: a store whose other instance works on
        meanwhile must not look as if it were behind.
        """
        wanted = list(wanted)
        committed = await group.committed(admin, self._group, wanted)
        expected = await self._installation.expected(wanted)
        async with self._kafka.consumer() as consumer:
            begin = await consumer.beginning_offsets(wanted)
            end = await consumer.end_offsets(wanted)
        return {tp: Standing(*committed[tp], expected.get(tp), begin[tp], end[tp]) for tp in wanted}

    def _stamped(self, offsets: Offsets) -> Stamped:
        return {tp: (offset, self._installation.id) for tp, offset in offsets.items()}

    def _note(self, finding: Finding | None) -> None:
        """Tell of a halt once, however often it is found."""
        if finding is None:
            self.halt = None
        elif self.halt is None or self.halt.reason != finding.reason:
            remedy = finding.remedy.replace("SERVICE", self._service)
            self.halt = Halt(finding.reason, self._clock(), finding.code, remedy)
            log.error("halted", code=finding.code, reason=finding.reason, remedy=remedy)

    async def _a_while(self) -> None:
        try:
            await asyncio.wait_for(self._asked.wait(), _AGAIN_SECONDS)
        except TimeoutError:
            return
        self._asked.clear()
