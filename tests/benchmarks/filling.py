"""A store with many members: a few are written as the engine does, the others are their copies.

They joined in 120 different months, are of ten countries and of all sizes, and each has reported on
some of its commitments, and most of them again later.
"""

from __future__ import annotations

import asyncio
import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from services.membership.domain import DECIDER as MEMBERSHIP
from services.membership.queries import INDEXES as OF_MEMBERSHIP
from services.membership.searching import MembersByName
from services.plans.domain import DECIDER as PLANS
from services.plans.queries import INDEXES as OF_PLANS
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import CitySigned, CoalitionFounded, PopulationCounted
from shared.contracts.plans import (
    Commitment,
    CommitmentsOpened,
    CommitmentUpdated,
    PlanPublished,
    PracticeShared,
)
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots, bucket_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.domain.decider import Decider
    from shared.pipeline.snapshots import Indexes

    Store = AsyncDatabase[dict[str, Any]]

COALITION: Final = "bench"
_SAMPLES: Final = 120
_AT_ONCE: Final = 5000
_WRITERS: Final = 2
"""Chunks that are written at once: one is made while the store has another."""
_COUNTRIES: Final = ("DE", "FR", "ES", "IT", "SE", "GB", "AT", "BE", "CH", "PT")
_POINTS: Final = tuple(f"Commitment {n}" for n in range(1, 11))
T = TypeVar("T")


def member(number: int) -> MemberRef:
    country = _COUNTRIES[number % len(_COUNTRIES)]
    return MemberRef(name=f"Town {number}", country=country, kind="city")


async def open_all(database: Store, members: int, *, reported: bool = True) -> None:
    """Give each member its open commitments, as snapshots that nothing is newer than.

    Args:
        reported: whether there is progress of some already; a race reports all of it itself.
    """
    samples = range(min(members, _SAMPLES))
    opened = {
        Stream("commitments", member(n).key): (_opened(n), *(_reported(n) if reported else ()))
        for n in samples
    }
    plan = PlanPublished(coalition=COALITION, version=1, commitments=_POINTS)
    shared = {Stream("practices", f"practice-{n}"): (_practice(n),) for n in samples}
    about = {Stream("plans", COALITION): (plan,), **shared}
    await _write(database, PLANS, OF_PLANS, {**about, **opened})
    await _copy(database, "commitments", members)


def _opened(number: int) -> Event:
    commitments = tuple(Commitment(point=n, title=title) for n, title in enumerate(_POINTS, 1))
    return CommitmentsOpened(
        coalition=COALITION,
        member=member(number),
        commitments=commitments,
        plan_version=1,
        joined=_month(number),
        population=_people(number),
    )


def _reported(number: int) -> Iterator[Event]:
    whose = {"coalition": COALITION, "member": member(number)}
    return (
        CommitmentUpdated.model_validate(
            {**whose, "point": point, "status": status, "as_of": f"{year}-{number % 12 + 1:02}"}
        )
        for point in range(1, number % 10 + 1)
        for status, year in (("planned", 2025), ("in progress", 2026))[: number % 2 + 1]
    )


def _practice(number: int) -> Event:
    return PracticeShared(
        practice=f"practice-{number}",
        coalition=COALITION,
        member=member(number),
        shared="2025",
        title=f"Practice {number}",
        summary="It works.",
        points=(number % 10 + 1,),
    )


async def join_all(database: Store, members: int) -> None:
    """Have each member signed, likewise, and their coalition be there."""
    founded = CoalitionFounded(coalition=COALITION, name="The coalition of the bench")
    signed = {
        Stream("members", member(n).key): (
            CitySigned(coalition=COALITION, member=member(n), signed=_month(n), state="member"),
            PopulationCounted(
                coalition=COALITION, member=member(n), as_of="2020", population=_people(n)
            ),
        )
        for n in range(min(members, _SAMPLES))
    }
    about = {Stream("coalitions", COALITION): (founded,)}
    await _write(database, MEMBERSHIP, OF_MEMBERSHIP, {**about, **signed})
    await _copy(database, "members", members)
    await _copy(database, "names", members)


def _people(number: int) -> int:
    return 5_000 + number % _SAMPLES * 9_000


def _month(number: int) -> str:
    return f"{2015 + number % 10}-{number % 12 + 1:02}"


async def _write(
    database: Store,
    decider: Decider[Any],
    indexes: Indexes,
    events: Mapping[Stream, Sequence[Event]],
) -> None:
    """Fold events, and write what comes of them as the engine does."""
    snapshots, states = Snapshots(database, decider.states, indexes), dict[Stream, Any]()
    for stream, its_own in events.items():
        for event in its_own:
            states[stream] = decider.evolve(states.get(stream), event)
    # Before the copies: the store of the embedded lane indexes no 200,000 documents at once.
    await snapshots.prepare()
    await snapshots.project({s: Versioned(0, state) for s, state in states.items()})
    if decider is MEMBERSHIP:
        await MembersByName(database).prepare()
        await MembersByName(database).rebuild(states)


async def _copy(database: Store, kind: str, members: int) -> None:
    """Write the copies."""
    samples = [
        json.dumps(await database[kind].find_one({"_id": member(number).key}))
        for number in range(min(members, _SAMPLES))
    ]
    copies = chunks(_another(samples, number) for number in range(len(samples), members))

    async def write_some() -> None:
        for chunk in copies:
            await database[kind].insert_many(chunk, ordered=False)

    async with asyncio.TaskGroup() as group:
        for _ in range(_WRITERS):
            group.create_task(write_some())


def _another(samples: Sequence[str], number: int) -> dict[str, Any]:
    """A sample's document, about another member."""
    which, new = number % len(samples), member(number)
    old = member(which)
    text = samples[which].replace(f'"{old.name}"', f'"{new.name}"')
    text = text.replace(f'"{old.key}"', f'"{new.key}"')
    copy: dict[str, Any] = json.loads(text.replace(f'"{which}"', f'"{number}"'))
    return copy | {"bucket": bucket_of(new.key)} if "bucket" in copy else copy


def chunks(items: Iterator[T]) -> Iterator[list[T]]:
    while chunk := list(islice(items, _AT_ONCE)):
        yield chunk
