"""The job that all competitors do: members' reports on their commitments, on the inbox of plans."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from shared.cloudevents import binary_headers
from shared.contracts import catalogue
from shared.contracts.plans import CommitmentUpdated
from shared.kafka.connection import Connection
from shared.kafka.producer import Outgoing, Publisher
from shared.pipeline.installation import Installation
from tests.benchmarks.filling import chunks, member

if TYPE_CHECKING:
    from pymongo.asynchronous.database import AsyncDatabase

    from tests.benchmarks.observer import Observer, Offsets

INBOX: Final = catalogue.inbox("plans")
_NOTE: Final = (
    "The office for equal treatment has opened and has heard its first cases; the figures, by "
    "district and by ground, are to be published in the next report of the city."
)


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
    headers = binary_headers(
        source="urn:bench",
        id_=str(uuid.uuid4()),
        type_=event.type,
        extensions={"subject": event.subject},
    )
    body = event.model_dump_json(exclude_none=True).encode()
    return Outgoing(INBOX, event.subject.encode(), body, headers)


async def produce(observer: Observer, events: int, members: int) -> Job:
    """Put the events on the inbox, about members drawn by lot, the same ones in each run."""
    begin = await observer.ends(INBOX)
    draw = random.Random(events)  # noqa: S311 - which town is no secret
    updates = (update(number, draw.randrange(members)) for number in range(events))
    publisher = Publisher(Connection(observer.kafka))
    await publisher.start()
    try:
        for chunk in chunks(updates):
            await publisher.send(chunk)
    finally:
        await publisher.stop()
    return Job(events, members, begin, await observer.ends(INBOX))


async def join_installation(database: AsyncDatabase[dict[str, Any]], offsets: Offsets) -> None:
    """Have a fresh store be of the one installation that the bench is, and have it read so far.

    A service whose store does not fit its group's offsets reads nothing.
    """
    await database["engine"].insert_one({"_id": "installation", "id": "bench"})
    await Installation(database).reset(offsets)
