"""A desk sends to one webhook: of each member in order, whatever the receiver answers and when."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Final

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.notifications.changes import Kept
from services.notifications.delivery import DeliveryState
from services.notifications.domain import Webhook
from services.notifications.webhooks.delivery import Answer, ClaimedDelivery
from services.notifications.webhooks.desk import Desk
from services.notifications.webhooks.endpoints import Endpoint, Target
from services.notifications.webhooks.signing import Secret, new_secret

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
SECRET: Final = new_secret()
WELL: Final = Answer(204, "HTTP 204")
BAD: Final = (Answer(500, "HTTP 500"), Answer(None, "no answer in 15 s"), Answer(400, "HTTP 400"))


def event(number: int, about: str) -> Kept:
    return Kept(
        id=f"{number:03}",
        recorded=BEGIN,
        type="coalition.membership.CitySigned.v1",
        about=about,
        place="2016",
        data="{}",
    )


@dataclass
class Room:
    """A desk, what it is to send, and a receiver; all told the time and what to answer."""

    chance: Random
    failures: float = 0.0
    connections: int = 3
    now: datetime = BEGIN
    seconds: float = 0.0
    waiting: dict[str, tuple[Kept, datetime, int]] = field(default_factory=dict)
    taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    at_once: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        webhook = Webhook(id="w", host="example.org", connections=self.connections)
        endpoint = Endpoint(id="w", url="https://example.org", secrets=(Secret(secret=SECRET),))
        self.desk = Desk(
            Target(webhook=webhook, endpoint=endpoint),
            self,
            timedelta(seconds=30),
            lambda: self.now,
            lambda: self.seconds,
            self.chance.random,
        )

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        del url, body
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)
        self.at_once -= 1
        message = headers["webhook-id"]
        if self.chance.random() < self.failures:
            return self.chance.choice(BAD)
        self.taken[self.waiting[message][0].about].append(message)
        return WELL

    async def close(self) -> None:
        """There is nothing to close."""

    def claim(self) -> None:
        """Claim as the store does: nothing before which an earlier one rests."""
        resting, claimed = {*self.desk.left()}, list[tuple[ClaimedDelivery, Kept | None]]()
        for message, (one, due, attempts) in sorted(self.waiting.items()):
            if due > self.now:
                resting.add(one.about)
            elif one.about not in resting and message not in self.in_hand:
                claimed.append((self._claimed(message, one, attempts), one))
        chosen = claimed[: self.chance.randint(1, 4)]
        if not chosen:
            self.desk.refused.clear()
        self.in_hand |= {one.message for one, _ in chosen}
        self.desk.add(chosen)

    in_hand: set[str] = field(default_factory=set)
    failing: dict[str, datetime | None] = field(default_factory=dict)

    def _claimed(self, message: str, one: Kept, attempts: int) -> ClaimedDelivery:
        return ClaimedDelivery(
            id=message,
            webhook="w",
            event=one.key,
            message=message,
            kind="CitySigned",
            about=one.about,
            state=DeliveryState.SENDING,
            place=int(message),
            attempts=attempts,
            failing=self.failing.get(message),
            due=self.now + timedelta(minutes=1),
            queued=BEGIN,
            claim="c",
        )

    def record(self) -> None:
        results = self.desk.take_results()
        del self.desk.results[: len(results)]
        for one in results:
            message = one.claimed.message
            self.in_hand.discard(message)
            kept, _, attempts = self.waiting[message]
            attempts += one.answer is not None
            self.failing[message] = one.failing
            if one.state is DeliveryState.QUEUED:
                self.waiting[message] = (kept, self.now + one.rest, attempts)
            else:
                del self.waiting[message]

    async def run(self, turns: int) -> None:
        for _ in range(turns):
            if not self.waiting:
                return
            self.claim()
            self.desk.start()
            for _ in range(self.chance.randint(1, 6)):
                await asyncio.sleep(0)
            self.seconds += self.chance.choice((0, 70))  # a rest ends before it is recorded
            self.desk.start()
            await asyncio.sleep(0)
            if self.chance.random() < 0.5:
                self.claim()
            self.record()
            self.now += timedelta(seconds=2)
            self.seconds += 2


@settings(deadline=None, max_examples=60, phases=[Phase.generate])
@given(
    st.lists(st.sampled_from(["bonn", "lyon", "graz"]), max_size=25),
    st.floats(0, 0.7),
    st.integers(1, 4),
    st.integers(0, 2**32),
)
def test_of_each_member_events_arrive_in_order_whatever_fails(
    abouts: list[str], failures: float, connections: int, seed: int
) -> None:
    room = Room(Random(seed), failures, connections)  # noqa: S311 - no secret
    for number, about in enumerate(abouts):
        one = event(number, about)
        room.waiting[one.id] = (one, BEGIN, 0)
    asyncio.run(room.run(20_000))
    assert not room.waiting
    assert room.most <= connections
    for about in {*abouts}:
        expected = [f"{n:03}" for n, other in enumerate(abouts) if other == about]
        assert room.taken[about] == expected


class Always:
    """A receiver that answers the same to all."""

    def __init__(self, answer: Answer) -> None:
        self.answer, self.got = answer, list[str]()
        self.headers: Mapping[str, str] = {}

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        del url, body
        self.headers = headers
        self.got.append(headers["webhook-id"])
        return self.answer

    async def close(self) -> None:
        """There is nothing to close."""


async def settle(desk: Desk) -> None:
    while desk.sending:
        await asyncio.wait(desk.sending)
        desk.take_results()


def room_with(answer: Answer, chance: Random) -> tuple[Room, Always]:
    room, receiver = Room(chance, connections=4), Always(answer)
    room.desk._poster = receiver  # noqa: SLF001 - another one
    return room, receiver


async def test_a_receiver_that_takes_nothing_is_asked_with_one_event_now_and_then() -> None:
    room, receiver = room_with(BAD[0], Random(1))  # noqa: S311 - no secret
    for number in range(8):
        one = event(number, f"member-{number}")
        room.waiting[one.id] = (one, BEGIN, 0)
    room.chance.randint = lambda *_: 4  # type: ignore[method-assign] # as many as may be
    room.claim()
    room.desk.start()
    await settle(room.desk)
    room.record()
    asked = len(receiver.got)
    assert asked <= 4
    assert room.desk.wanted == 0, "it rests"
    room.claim()
    room.desk.start()
    await settle(room.desk)
    assert len(receiver.got) == asked
    room.seconds += 60
    assert room.desk.bearing.connections == 1
    assert room.desk.wanted <= 1


async def test_what_was_refused_before_it_was_resumed_is_not_given_up_at_once() -> None:
    room, _ = room_with(BAD[0], Random(1))  # noqa: S311 - no secret
    room.now = BEGIN + timedelta(days=2)
    webhook = room.desk.target.webhook.model_copy(update={"since": room.now})
    room.desk.target = room.desk.target.model_copy(update={"webhook": webhook})
    room.desk.bearing.taken = room.now
    late = room._claimed("001", event(1, "bonn"), 9).model_copy(update={"failing": BEGIN})  # noqa: SLF001
    room.desk.add([(late, event(1, "bonn"))])
    room.desk.start()
    await settle(room.desk)
    (result,) = room.desk.results
    assert (result.state, result.failing) == (DeliveryState.QUEUED, room.now)


async def test_a_request_goes_on_with_the_trace_of_its_event() -> None:
    room, receiver = room_with(WELL, Random(1))  # noqa: S311 - no secret
    trace = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "tracestate": "them=1"}
    one = event(1, "bonn").model_copy(update={"attributes": {"sequence": "1", **trace}})
    room.waiting[one.id] = (one, BEGIN, 0)
    room.claim()
    room.desk.start()
    await settle(room.desk)
    assert {name: receiver.headers[name] for name in trace} == trace
    assert "sequence" not in receiver.headers


class Picky(Always):
    """A receiver that never takes what is about some, and all the rest."""

    async def post(self, url: str, body: str, headers: Mapping[str, str]) -> Answer:
        await super().post(url, body, headers)
        return BAD[2] if '"subject":"never-' in body else WELL


async def test_events_of_several_that_are_refused_for_ever_keep_no_others_waiting() -> None:
    room = Room(Random(1), connections=4)  # noqa: S311 - no secret
    receiver = room.desk._poster = Picky(WELL)  # noqa: SLF001 - another one
    for number in range(5):
        one = event(number, f"never-{number}")
        room.waiting[one.id] = (one, BEGIN, 0)
    refused, number = {*room.waiting}, 100
    for _ in range(10 * 60):
        while len(room.waiting) < 15:
            number += 1
            one = event(number, f"member-{number}")
            room.waiting[one.id] = (one, room.now, 0)
        if room.desk.wanted:
            room.claim()
        room.desk.start()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        room.record()
        if room.desk.bearing.back:  # as the sender does
            room.desk.wake()
            room.waiting |= {m: (one, room.now, n) for m, (one, _, n) in room.waiting.items()}
        room.now += timedelta(seconds=1)
        room.seconds += 1
    tried = sum(one in refused for one in receiver.got)
    assert len(receiver.got) - tried > 300, "in ten minutes, with five that are refused"
    assert tried < 60


def test_one_that_was_refused_before_says_nothing_of_the_receiver_unless_that_is_busy() -> None:
    for answer, attempts, rests in (
        (BAD[0], 2, False),
        (BAD[0], 1, True),
        (Answer(429, "HTTP 429"), 2, True),
    ):
        room = Room(Random(1))  # noqa: S311 - no secret
        one = room._claimed("001", event(1, "bonn"), attempts)  # noqa: SLF001
        bearing, later = room.desk.bearing, BEGIN + timedelta(minutes=1)
        bearing.heard(one, WELL, later)
        bearing.heard(one.model_copy(update={"failing": BEGIN}), answer, later)
        assert bearing.rests is rests
