"""What follows from accepted events is sent in parts, however many it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.membership.manifest import MANIFEST
from services.membership.reactions import REACTIONS
from shared.contracts.base import MemberRef
from shared.contracts.membership import StatutesAdopted
from shared.domain.stream import Stream
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.batch import Batch
from shared.pipeline.outbound import Outbound
from shared.pipeline.reactions import Reactions
from tests.unit.fold import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from shared.kafka.producer import Outgoing

MEMBERS = 2_345


class Member:
    def __init__(self, number: int) -> None:
        self.ref = MemberRef(id=f"de-city-{number}")


class Queries:
    """A coalition of many; says how many were read when something was sent."""

    def __init__(self) -> None:
        self.read = 0

    async def members_of(self, coalitions: Iterable[str]) -> AsyncIterator[Member]:
        assert set(coalitions) == {"europe"}
        for number in range(MEMBERS):
            self.read += 1
            yield Member(number)


class Sent:
    """A publisher that notes the size of each part, and how much was read by then."""

    def __init__(self, queries: Queries) -> None:
        self.queries = queries
        self.parts: list[tuple[int, int]] = []
        self.ids: list[str] = []

    async def send(self, records: Sequence[Outgoing]) -> None:
        self.parts.append((len(records), self.queries.read))
        self.ids += [dict(record.headers)["ce_id"].decode() for record in records]


def adopted() -> Entry:
    event = StatutesAdopted(coalition="europe", adopted="2010", membership_by="admitted")
    return Entry(
        Key("urn:test", "1"),
        Stream("coalitions", "europe"),
        1,
        Outcome.ACCEPTED,
        NOW,
        "",
        Origin("any", 0, 0),
        events=(Published.of("1-0", event),),
    )


async def reacted() -> Sent:
    queries: Any = Queries()
    sent: Any = Sent(queries)
    outbound = Outbound[Any](MANIFEST.name, sent, Reactions(MANIFEST.name, REACTIONS, queries))
    await outbound.react(Batch(followed=[adopted()]))
    return sent  # type: ignore[no-any-return]  # it is one


async def test_a_coalition_is_reassessed_in_parts_that_are_sent_while_it_is_read() -> None:
    sent = await reacted()
    assert sent.parts == [(1000, 1000), (1000, 2000), (345, MEMBERS)]


async def test_the_same_event_again_has_the_same_reactions_under_the_same_ids() -> None:
    first, again = await reacted(), await reacted()
    assert first.ids == again.ids
    assert len(set(first.ids)) == MEMBERS
