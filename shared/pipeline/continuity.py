"""Continuity: what ties Kafka's offsets to the store, so that no record is passed over in silence.

An offset says how far a group has read, but not into which store. So each store has an id, under
which its offsets are committed, and keeps for each partition the offset that it expects next.
Before a service joins its group, and at each assignment, the two are compared (`standings.py`).
Where they disagree the service reads nothing, says why, and waits for an operator.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Final

import structlog
from aiokafka.errors import KafkaError

from shared.kafka.group import Group, GroupIsActive
from shared.pipeline.breaker import Halt
from shared.pipeline.standings import Finding, Standing, examine, group_in_use, topics_differ
from shared.waits import first, is_set_within

if TYPE_CHECKING:
    from aiokafka import TopicPartition

    from shared.pipeline.installation import Installation, Offsets

log = structlog.get_logger()

Clock = Callable[[], datetime]
Standings = Mapping["TopicPartition", Standing]

_CHECK_SECONDS: Final = 20
"""How long Kafka and the store may take for one comparison, of some ten requests."""
_AGAIN_SECONDS: Final = 5
"""How often a service that does not read looks whether it may."""


class MustNotRead(Exception):
    """The offsets no longer fit the store."""


class Continuity:
    """Compares the offsets of one service's group with what its store expects.

    Args:
        service: the service's name.
        group: its consumer group.
        installation: what its store knows.
        clock: tells the time, aware, UTC.

    Attributes:
        halt: why the service must not read, if so.
    """

    def __init__(
        self,
        service: str,
        group: Group,
        installation: Installation,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._service = service
        self._group = group
        self._installation = installation
        self._clock = clock
        self._asked = asyncio.Event()
        self._lost = asyncio.Event()
        self.halt: Halt | None = None

    async def settle(self, patience: float) -> None:
        """Return once the service may join its group; meanwhile `halt` says why it may not.

        Args:
            patience: seconds that Kafka may be silent.

        Raises:
            aiokafka.errors.KafkaError: it was for longer.
            TimeoutError: likewise.
            MustNotRead: the store was restored meanwhile, and what this process has read of it
                before is not so any more.
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
            if await is_set_within(self._asked, _AGAIN_SECONDS):
                self._asked.clear()

    async def assigned(self, partitions: Iterable[TopicPartition]) -> Halt | None:
        """Compare once more, for partitions that are about to be read.

        With a halt here `watch` ends the process; started again, it waits outside of the group.

        Raises:
            MustNotRead: the store was restored, or took over topics that were made anew, meanwhile.
        """
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._still_ours()
                self._note(await self._compare(await self._standings(list(partitions))))
        except (KafkaError, TimeoutError) as error:
            # They were compared before it joined, and a Kafka that is away moves no offset.
            log.warning("offsets_not_compared", error=repr(error))
        if self.halt:
            self._lost.set()
        return self.halt

    async def watch(self, stopping: asyncio.Event) -> None:
        """End the process when it must not read what it was assigned.

        Raises:
            MustNotRead: that is so.
        """
        await first(self._lost, stopping)
        if self.halt and not stopping.is_set():
            raise MustNotRead(f"{self.halt.code}: {self.halt.reason}")

    @property
    def generation(self) -> int:
        """Of the topics that are read; known once it is settled."""
        return self._installation.generation

    @property
    def metadata(self) -> str:
        """What is committed beside each offset, so that others see whose it is."""
        return self._installation.id

    async def advanced(self, offsets: Offsets) -> None:
        """Note in the store how far it has read, before that is committed at Kafka."""
        await self._installation.advance(offsets)

    async def skip_unread(self) -> Offsets:
        """Take Kafka's offsets and topics as they are; what is passed over by that is given up.

        Returns:
            where each partition is read on.

        Raises:
            GroupIsActive: the consumer group has members.
        """
        standings = await self._standings(await self._group.partitions())
        await self._installation.accept(await self._group.differences())
        return await self._go_on(standings, {tp: one.skip_unread for tp, one in standings.items()})

    async def reread(self) -> Offsets:
        """Read again all that this store has not read, as far as it is still there.

        Returns:
            where each partition is read on.

        Raises:
            GroupIsActive: the consumer group has members.
        """
        standings = await self._standings(await self._group.partitions())
        return await self._go_on(standings, {tp: one.reread for tp, one in standings.items()})

    async def _go_on(self, standings: Standings, offsets: Offsets) -> Offsets:
        await self._group.commit(offsets, self.metadata)
        if any(one.is_replaced for one in standings.values()):
            await self._installation.raise_generation(offsets)
        else:
            await self._installation.reset(offsets)
        self._asked.set()
        return offsets

    async def _examine(self) -> Finding | None:
        async with asyncio.timeout(_CHECK_SECONDS):
            accepted = await self._installation.accepted()
            differing = [one for one in await self._group.differences() if one not in accepted]
            standings = await self._standings(await self._group.partitions())
            if not differing and await self._installation.restored.is_pending():
                return await self._after_restore()
            return (
                topics_differ(differing)
                or await self._compare(standings)
                or await self._claim(standings)
            )

    async def _after_restore(self) -> Finding | None:
        """Read on where the backup had read to; whoever restored it has decided that."""
        await self._still_ours()
        try:
            offsets = await self.reread()
        except GroupIsActive:
            return group_in_use(self._group.name, len(await self._group.partitions()))
        await self._installation.restored.settle()
        log.warning(
            "restored", offsets={f"{tp.topic}/{tp.partition}": offsets[tp] for tp in offsets}
        )
        return None

    async def _still_ours(self) -> None:
        if await self._installation.is_replaced():
            raise MustNotRead(
                "the store was restored, or took over topics that were made anew, under this "
                "process: it has to start anew"
            )

    async def _compare(self, standings: Standings) -> Finding | None:
        is_empty = await self._installation.is_empty()
        return examine(standings, self.metadata, is_empty=is_empty)

    async def _claim(self, standings: Standings) -> Finding | None:
        """Commit what has no offset, or one without our id, or one of a record that is gone.

        Whoever comes later then sees whose group it is, and nothing is left to a default.
        """
        unclaimed = {
            tp: one.skip_unread
            for tp, one in standings.items()
            if (one.committed, one.owner) != (one.skip_unread, self.metadata)
        }
        if not unclaimed:
            return None
        await self._installation.advance(unclaimed)
        try:
            await self._group.commit(unclaimed, self.metadata)
        except GroupIsActive:
            return group_in_use(self._group.name, len(unclaimed))
        return None

    async def _standings(self, wanted: list[TopicPartition]) -> Standings:
        """What Kafka and the store say.

        The offsets are read first and the log last: a store whose other instance works on
        meanwhile must not look as if it were behind.
        """
        committed = await self._group.committed(wanted)
        expected = await self._installation.expected(wanted)
        extents = await self._group.extents(wanted)
        return {tp: Standing(*committed[tp], expected.get(tp), *extents[tp]) for tp in wanted}

    def _note(self, finding: Finding | None) -> None:
        """Tell of a halt once, however often it is found."""
        if finding is None:
            self.halt = None
        elif self.halt is None or self.halt.reason != finding.reason:
            remedy = finding.remedy.replace("SERVICE", self._service)
            self.halt = Halt(finding.reason, self._clock(), finding.code, remedy)
            log.error("halted", code=finding.code, reason=finding.reason, remedy=remedy)
