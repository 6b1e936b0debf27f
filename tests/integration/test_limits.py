"""So many e-mails a second, in all and to one domain, by all mailers together."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from services.notifications.delivery import DeliveryState, Result
from services.notifications.selection import Selection
from tests.post import Postman, post

if TYPE_CHECKING:
    from tests.parts import Parts
    from tests.post import Post


async def selected(here: Post, selections: list[Selection], seconds: float) -> Counter[int]:
    """How many were selected in each second by all of them, sent at once."""
    counts = Counter[int]()
    begun, step = here.now, timedelta(milliseconds=250)
    while here.now < begun + timedelta(seconds=seconds):
        for one in selections:
            found = await one.take(100, here.now, here.now + timedelta(minutes=15))
            sent = [Result(claimed, DeliveryState.SENT) for claimed, _ in found.items]
            await here.deliveries.record([*sent, *found.results], here.now)
            counts[int((here.now - begun).total_seconds())] += len(sent)
        here.now += step
    return counts


async def test_all_mailers_together_keep_to_so_many_a_second(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(100))
        settings = here.settings(mail_per_second=5)
        counts = await selected(here, [Selection(here.database, settings) for _ in range(3)], 10)
        assert sum(counts.values()) <= 5 * 11
        assert sum(counts.values()) >= 5 * 9
        assert max(counts.values()) <= 10, "what one second has left may go with the next"


async def test_a_domain_has_its_own_limit_and_keeps_no_other_waiting(parts: Parts) -> None:
    async with post(parts) as here:
        for number in range(40):
            await here.due(f"big-{number:02}", address=f"p{number}@big.example")
        for number in range(20):
            await here.due(f"small-{number:02}", address=f"p{number}@x{number}.example")
        settings = here.settings(mail_per_second_per_domain=2)
        counts = await selected(here, [Selection(here.database, settings) for _ in range(2)], 1)
        assert counts[0] in {22, 23}, "the others went at once"
        more = await selected(here, [Selection(here.database, settings)], 9)
        assert 16 <= sum(more.values()) <= 20
        await selected(here, [Selection(here.database, settings)], 15)
        assert await here.sent() == 60


async def test_a_limit_swaps_nothing(parts: Parts) -> None:
    async with post(parts) as here:
        for number in range(12):
            await here.due(f"{number:02}", address="one@big.example")
        postman = Postman()
        running = here.mailer(postman, mail_per_second_per_domain=3)

        async def all_sent() -> bool:
            here.now += timedelta(milliseconds=50)
            return await here.sent() == 12

        await here.run_until(running, all_sent)
        assert postman.given == sorted(postman.given)


async def test_a_person_of_a_limited_domain_gets_one_after_the_other(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(4), address="one@big.example")
        running = here.mailer(Postman(), mail_per_second_per_domain=1)
        begun = here.now

        async def all_sent() -> bool:
            here.now += timedelta(milliseconds=100)
            return await here.sent() == 4 or here.now > begun + timedelta(minutes=1)

        await here.run_until(running, all_sent)
        assert await here.counts() == {"sent": 4}


async def test_two_that_count_at_once_count_both(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(40))
        settings: Any = here.settings(mail_per_second_per_domain=1)
        takes = (
            Selection(here.database, settings).take(10, here.now, here.now + timedelta(minutes=1))
            for _ in range(4)
        )
        found = await asyncio.gather(*takes)
        rests = defaultdict[float, int](int)
        for one in found:
            for result in one.results:
                rests[round(result.rest.total_seconds(), 3)] += 1
        assert set(rests.values()) <= {1}, "each has a time of its own"
