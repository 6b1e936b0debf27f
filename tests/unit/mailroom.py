"""Notifications in memory: a journal, what waits, and engines that may be frozen anywhere.

Rules, sweeper and clocks are the real ones. What stands in for Kafka, the journal and the store
holds what those hold: an event is decided once, a stream has one entry of each version, and what
was created or marked once stays so.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from services.notifications.domain import (
    ALL_SUBSCRIPTIONS,
    DECIDER,
    Interest,
    Interests,
    Item,
    Waiting,
)
from services.notifications.domain.digests.state import waiting_for
from services.notifications.domain.notifications.state import interest_of
from services.notifications.sweeper import Sweeper
from shared.contracts.membership import CitySigned
from shared.contracts.notifications import DigestFellDue, DigestQueued, NotificationQueued
from shared.domain.decider import Context, fold
from tests.unit.membership_facts import POTSDAM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from services.notifications.domain import State
    from shared.contracts.base import Event
    from shared.domain.stream import Stream
    from shared.kafka.producer import Outgoing


class Read(NamedTuple):
    """An event as a process has read it, with what it knew of the rest in that moment."""

    cause: str
    event: Event
    stream: Stream
    version: int
    state: State | None
    others: Mapping[Stream, State]


class Email(NamedTuple):
    """An e-mail that is queued.

    Attributes:
        due: not before then; None for at once.
    """

    to: str
    tells: tuple[str, ...]
    due: datetime | None
    queued: datetime


@dataclass
class Mailroom:
    """Everything that all processes share, and the true time."""

    now: datetime
    people: dict[str, Interest] = field(default_factory=dict)
    waits: dict[tuple[str, str], Item] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    journal: dict[str, Sequence[Event]] = field(default_factory=dict)
    streams: dict[Stream, list[Event]] = field(default_factory=lambda: defaultdict(list))
    versions: dict[Stream, int] = field(default_factory=lambda: defaultdict(int))
    sent: list[Outgoing] = field(default_factory=list)
    emails: dict[str, Email] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    events: int = 0

    # --- what an engine does -----------------------------------------------------------------

    def read(self, cause: str, event: Event) -> Read:
        """Read what a decision needs, as it stands in this moment."""
        route = DECIDER.route(event, ("urn:test", cause))
        others = {stream: self._other(stream) for stream in route.looks_at}
        state = fold(DECIDER, None, self.streams[route.stream])
        there = {stream: one for stream, one in others.items() if one is not None}
        return Read(cause, event, route.stream, self.versions[route.stream], state, there)

    def append(self, read: Read, now: datetime) -> Sequence[Event] | None:
        """Decide, and append; what is published, or None where another was here meanwhile."""
        if read.cause in self.journal:
            return self.journal[read.cause]
        if read.version != self.versions[read.stream]:
            return None
        context = Context(read.others, now, ("urn:test", read.cause))
        published = list(DECIDER.decide(read.state, read.event, context))
        self.journal[read.cause] = published
        self.versions[read.stream] += 1
        self.streams[read.stream] += published
        return published

    def project(self, published: Sequence[Event]) -> None:
        """Create and mark what follows; twice, late or in another order is harmless."""
        for event in published:
            if isinstance(event, NotificationQueued):
                for told in event.recipients:
                    for person in told.subscriptions:
                        self._queue(event, person, told.how, told.due)
            elif isinstance(event, DigestQueued):
                email = Email(event.subscription, event.notifications, event.due, self.now)
                self.emails.setdefault(event.digest, email)
                self.digests[event.digest] = event.frequency
                for one in event.notifications:
                    self.waits.pop((event.subscription, one), None)

    def decide(self, cause: str, event: Event, now: datetime | None = None) -> None:
        """All of it in one go."""
        while (found := self.append(self.read(cause, event), now or self.now)) is None:
            pass
        self.project(found)

    def happen(self) -> None:
        """Something happens."""
        self.decide(*self.news())

    def news(self) -> tuple[str, Event]:
        """Something of which people are told, by an id of its own."""
        self.events += 1
        day = self.now.date().isoformat()
        return f"event-{self.events}", CitySigned(coalition="europe", member=POTSDAM, signed=day)

    def _queue(self, event: NotificationQueued, person: str, how: str, due: Any) -> None:
        key = (person, event.notification)
        if key in self.seen:
            return
        self.seen.add(key)
        if how == "at once":
            tells = (event.notification,)
            self.emails[f"{event.notification} {person}"] = Email(person, tells, due, self.now)
        else:
            self.waits[key] = Item(notification=event.notification, how=how, decided=event.decided)

    def _other(self, stream: Stream) -> State | None:
        if stream == ALL_SUBSCRIPTIONS:
            return Interests(all=tuple(self.people[id_] for id_ in sorted(self.people)))
        if stream == interest_of(stream.id):
            return self.people.get(stream.id)
        assert stream == waiting_for(stream.id)
        items = sorted(
            (one for (person, _), one in self.waits.items() if person == stream.id),
            key=lambda one: (one.decided, one.notification),
        )
        return Waiting(items=tuple(items))

    # --- what the sweeper asks ---------------------------------------------------------------

    async def longest(self) -> AsyncIterator[tuple[str, str, datetime]]:
        since: dict[tuple[str, str], datetime] = {}
        for (person, _), one in self.waits.items():
            key = (person, one.how)
            since[key] = min(one.decided, since.get(key, one.decided))
        for (person, how), first in since.items():
            yield person, how, first

    async def interests(self) -> Interests:
        return Interests(all=tuple(self.people.values()))

    async def gather(self) -> None:
        """Nothing comes at once and in tens."""

    async def catch_up(self) -> None:
        """Nobody is new."""

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        self.sent += outgoing

    def sweeper(self, ahead: timedelta = timedelta()) -> Sweeper:
        """A sweeper whose clock may be ahead of the true time."""
        room = cast("Any", self)
        return Sweeper(room, room, room, room, 1, clock=lambda: self.now + ahead)

    def sweep(self, sweeper: Sweeper) -> list[tuple[str, DigestFellDue]]:
        """What a sweeper says, by its ids."""
        before = len(self.sent)
        asyncio.run(sweeper.sweep())
        found = []
        for one in self.sent[before:]:
            id_ = dict(one.headers)["ce_id"].decode()
            found.append((id_, DigestFellDue.model_validate_json(one.value or b"")))
        return found


def room(year: int, *people: Interest) -> Mailroom:
    """A room on the first of January, with people."""
    here = Mailroom(datetime(year, 1, 1, tzinfo=UTC))
    here.people = {one.id: one for one in people}
    return here
