"""A day with each kind of mail server: every e-mail is sent once, or held with its reason."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.delivery import DeliveryState
from services.notifications.pacing import Pace
from tests.mail_servers import SERVERS
from tests.parts import eventually
from tests.post import post
from tests.smtp import scripted_server, well

if TYPE_CHECKING:
    from services.notifications.mailer import Mailer
    from tests.parts import Parts
    from tests.post import Post

HOURS: Final = 4
"""In which e-mails become due, at the beginning of each."""
PEOPLE: Final = ["nour@example.org", "amina@example.org", "gone@example.org", "li@example.net"]


async def a_day(here: Post, mailers: list[Mailer], paces: list[Pace]) -> None:
    """Let a day go by: the clock goes on when all that is due is done, or cannot be done now."""
    begun = here.now
    hours = [begun + timedelta(hours=hour) for hour in range(HOURS)]

    async def is_over() -> bool:
        if here.now >= hours[0]:
            for person in PEOPLE:
                await here.due(
                    *(f"{hours[0]:%H}-{n}-{person[:2]}" for n in range(2)), address=person
                )
            hours[:] = hours[1:] or [begun + timedelta(days=9)]
        deliveries = await here.all()
        if any(one.state is DeliveryState.SENDING for one in deliveries):
            return False
        times = [one.due for one in deliveries if one.state is DeliveryState.QUEUED]
        if all(pace.resting for pace in paces):
            here.now += timedelta(minutes=15)
        elif all(due > here.now for due in times):
            here.now = min([*times, hours[0], begun + timedelta(days=1)])
        return here.now >= begun + timedelta(days=1)

    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for one in mailers:
            group.create_task(one.run(stopping))
        await eventually(is_over, 120, every=0.02)
        stopping.set()


@pytest.mark.parametrize("kind", [*SERVERS, "IPv6"])
async def test_a_day_ends_with_every_e_mail_sent_once_or_held_with_its_reason(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("services.notifications.mailer._IDLE_SECONDS", 0.005)
    host = "::1" if kind == "IPv6" else "127.0.0.1"
    async with post(parts) as here, scripted_server(host=host) as server:
        server.answer = SERVERS[kind](here) if kind in SERVERS else well
        where: dict[str, Any] = {"smtp_host": host, "smtp_port": server.port, "mail_workers": 2}

        def seconds() -> float:
            return here.now.timestamp()

        paces = [Pace(2, now=seconds) for _ in range(2)]
        mailers = [here.mailer(pace=pace, mail_per_connection=10, **where) for pace in paces]
        await a_day(here, mailers, paces)
        deliveries = await here.all()

        assert len(deliveries) == HOURS * 2 * len(PEOPLE)
        taken = Counter(id_.partition("@")[0].strip("<") for _, id_ in server.taken)
        assert set(taken.values()) == {1}, "nobody got one twice"
        for one in deliveries:
            sent = one.state is DeliveryState.SENT
            assert sent == (one.id in taken)
            assert sent or one.reason
        states = {str(one.state) for one in deliveries}
        assert states == {"closing": {"sent", "unknown"}, "misconfigured": {"sent", "failed"}}.get(
            kind, {"sent"}
        )
        for person in PEOPLE:
            got = [id_ for recipient, id_ in server.taken if recipient == person]
            assert got == sorted(got), "in order"
