"""A store with many members: a few are written as the engine does, the others are their copies."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from services.membership.domain import DECIDER as MEMBERSHIP
from services.membership.queries import INDEXES as OF_MEMBERSHIP
from services.plans.domain import DECIDER as PLANS
from services.plans.queries import INDEXES as OF_PLANS
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import CitySigned, CoalitionFounded
from shared.contracts.plans import Commitment, CommitmentsOpened
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots, bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.domain.decider import Decider
    from shared.pipeline.snapshots import Indexes

    Store = AsyncDatabase[dict[str, Any]]

COALITION: Final = "bench"
_SAMPLES: Final = 120
_AT_ONCE: Final = 5000
T = TypeVar("T")


def member(number: int) -> MemberRef:
    return MemberRef(name=f"Town {number}", country="DE", kind="city")


async def open_all(database: Store, members: int) -> None:
    """Give each member its open commitments, as snapshots that nothing is newer than."""
    commitments = tuple(Commitment(point=n, title=f"Commitment {n}") for n in range(1, 11))
    about: dict[str, Any] = {"coalition": COALITION, "commitments": commitments, "plan_version": 1}
    opened = {
        Stream("commitments", member(n).key): CommitmentsOpened(
            member=member(n), joined=_month(n), **about
        )
        for n in range(min(members, _SAMPLES))
    }
    await _write(database, PLANS, OF_PLANS, opened)
    await _copy(database, "commitments", members)


async def join_all(database: Store, members: int) -> None:
    """Have each member signed, likewise, and their coalition be there."""
    founded = CoalitionFounded(coalition=COALITION, name="The coalition of the bench")
    await _write(database, MEMBERSHIP, OF_MEMBERSHIP, {Stream("coalitions", COALITION): founded})
    signed = {
        Stream("members", member(n).key): CitySigned(
            coalition=COALITION, member=member(n), signed=_month(n), state="member"
        )
        for n in range(min(members, _SAMPLES))
    }
    await _write(database, MEMBERSHIP, OF_MEMBERSHIP, signed)
    await _copy(database, "members", members)


def _month(number: int) -> str:
    return f"{2015 + number % 10}-{number % 12 + 1:02}"


async def _write(
    database: Store, decider: Decider[Any], indexes: Indexes, events: Mapping[Stream, Event]
) -> None:
    snapshots = Snapshots(database, decider.states, indexes)
    await snapshots.project({s: Versioned(0, decider.evolve(None, e)) for s, e in events.items()})


async def _copy(database: Store, kind: str, members: int) -> None:
    samples = [
        json.dumps(await database[kind].find_one({"_id": member(number).key}))
        for number in range(min(members, _SAMPLES))
    ]
    copies = (_another(samples, number) for number in range(len(samples), members))
    for chunk in chunks(copies):
        await database[kind].insert_many(chunk, ordered=False)


def _another(samples: list[str], number: int) -> dict[str, Any]:
    """A sample's document, about another member."""
    which, new = number % len(samples), member(number)
    old = member(which)
    text = samples[which].replace(f'"{old.name}"', f'"{new.name}"')
    copy: dict[str, Any] = json.loads(text.replace(f'"{old.key}"', f'"{new.key}"'))
    return copy | {"bucket": bucket_of(new.key)}


def chunks(items: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(items, _AT_ONCE)):
        yield chunk
