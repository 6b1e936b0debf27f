"""The mailer on a real store: what it claims is sent once, or given back, or told as unknown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from services.notifications.subscriptions import Exists, TooMany
from tests.post import Postman, attempts, post
from tests.wishes import newcomer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.parts import Parts


async def test_many_are_sent_once_each(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(100))
        postman = Postman()
        assert await here.send_due(here.mailer(postman)) == {"sent": 100}
        assert len(set(postman.given)) == len(postman.given) == 100
        assert await attempts(here, "sent") == {1: 100}


async def test_two_mailers_at_once_send_each_once(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(100))
        postman = Postman()
        await asyncio.gather(*(here.send_due(here.mailer(postman)) for _ in range(2)))
        assert await here.counts() == {"sent": 100}
        assert len(set(postman.given)) == len(postman.given) == 100


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"address": "jürgen@example.org"}, "the address is not ASCII"),
        ({"address": "no address at all"}, "cannot be written: EmailSyntaxError"),
        ({"headline": "Bonn", "number": "ü"}, "cannot be written: UnicodeEncodeError"),
    ],
)
async def test_an_e_mail_that_cannot_be_written_costs_only_itself(
    parts: Parts, bad: dict[str, Any], reason: str
) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        await here.due(bad.pop("number", 10), **{"address": "bad@example.org", **bad})
        await here.due(*range(20, 30))
        assert await here.send_due(here.mailer(Postman())) == {"failed": 1, "sent": 20}
        (failed,) = (one for one in await here.all() if one.state == "failed")
        assert failed.reason == reason


async def test_what_is_raised_for_one_e_mail_costs_only_itself(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        postman = Postman(raising_at(3), in_doubt=False)
        assert await here.send_due(here.mailer(postman)) == {"failed": 1, "sent": 9}


async def test_what_is_raised_after_the_message_leaves_that_one_unknown(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(*range(10))
        postman = Postman(raising_at(3))
        assert await here.send_due(here.mailer(postman)) == {"unknown": 1, "sent": 9}


def raising_at(number: int) -> Callable[[], Awaitable[None]]:
    """What breaks at an e-mail in a way that nobody foresaw."""
    count = 0

    async def take() -> None:
        nonlocal count
        count += 1
        if count == number:
            raise ZeroDivisionError

    return take


async def test_a_subscription_that_is_gone_cancels_what_is_due(parts: Parts) -> None:
    async with post(parts) as here:
        await here.due(1)
        (delivery,) = await here.all()
        assert await here.subscriptions.remove(delivery.subscription)
        assert await here.send_due(here.mailer(Postman())) == {"cancelled": 1}


async def test_no_more_subscriptions_are_taken_than_one_decision_can_hold(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.notifications.subscriptions.MAX_SUBSCRIPTIONS", 2)
    async with post(parts) as here:
        people = [newcomer(f"p{n}@example.org") for n in range(3)]
        add = here.subscriptions.add
        first, _ = [await add(person) for person in people[:2]]
        with pytest.raises(TooMany):
            await add(people[2])
        assert await here.subscriptions.remove(first.id)
        with pytest.raises(Exists):
            await add(people[1])
        await add(people[0])
