"""The job that all competitors do: members' reports on their commitments, on the inbox of plans."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from services.plans.domain import DECIDER, member_stream
from services.plans.queries import INDEXES
from shared.contracts import catalogue
from shared.contracts.base import MemberRef
from shared.contracts.plans import Commitment, CommitmentsOpened, CommitmentUpdated
from shared.domain.versioned import Versioned
from shared.kafka.connection import Connection
from shared.kafka.producer import Outgoing, Publisher
from shared.pipeline.installation import Installation
from shared.pipeline.outbound import to_own_inbox
from shared.pipeline.snapshots import Snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.asynchronous.database import AsyncDatabase

    from tests.benchmarks.observer import Observer, Offsets

INBOX: Final = catalogue.inbox("plans")
_NOTE: Final = (
    "The office for equal treatment has opened and has heard its first cases; the figures, by "
    "district and by ground, are to be published in the next report of the city."
)
_AT_ONCE: Final = 5000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """Some events on the inbox.

    Attributes:
        members: how many members they are about.
        begin: the offsets at which they begin.
        end: the offsets behind the last.
    """

    events: int
    members: int
    begin: Offsets
    end: Offsets


def member(number: int) -> MemberRef:
    return MemberRef(name=f"Town {number}", country="DE", kind="city")


def update(number: int, about: int) -> Outgoing:
    """One report; no two say the same, so that each changes something."""
    event = CommitmentUpdated.model_validate(
        {
            "member": {"id": member(about).key},
            "point": number % 10 + 1,
            "status": "in progress" if number % 2 else "planned",
            "as_of": "2024-05",
            "note": f"{_NOTE} {number}",
        }
    )
    return to_own_inbox("plans", event, str(uuid.uuid4()))


async def produce(observer: Observer, events: int, members: int) -> Job:
    """Put the events on the inbox, about members drawn by lot, the same ones in each run."""
    begin = await observer.ends(INBOX)
    draw = random.Random(events)  # noqa: S311 - which town is no secret
    updates = (update(number, draw.randrange(members)) for number in range(events))
    publisher = Publisher(Connection(observer.kafka))
    await publisher.start()
    try:
        for chunk in _chunks(updates):
            await publisher.send(chunk)
    finally:
        await publisher.stop()
    return Job(events, members, begin, await observer.ends(INBOX))


async def open_all(database: AsyncDatabase[dict[str, Any]], members: int) -> None:
    """Give each member its open commitments, as snapshots that nothing is newer than."""
    rules, snapshots = DECIDER, Snapshots(database, DECIDER.states, INDEXES)
    commitments = tuple(Commitment(point=n, title=f"Commitment {n}") for n in range(1, 11))
    opened = (
        CommitmentsOpened(
            coalition="bench", member=member(n), plan_version=1, commitments=commitments
        )
        for n in range(members)
    )
    for chunk in _chunks(opened):
        states = {member_stream(e.subject): rules.evolve(None, e) for e in chunk}
        await snapshots.project({s: Versioned(0, state) for s, state in states.items() if state})


async def join_installation(database: AsyncDatabase[dict[str, Any]], offsets: Offsets) -> None:
    """Have a fresh store be of the one installation that the bench is, and have it read so far.

    A service whose store does not fit its group's offsets reads nothing.
    """
    await database["engine"].insert_one({"_id": "installation", "id": "bench"})
    await Installation(database).reset(offsets)


def _chunks(items: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(items, _AT_ONCE)):
        yield chunk
