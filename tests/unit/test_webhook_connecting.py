"""The way to a receiver: to the address that was looked at, by the name that TLS is checked for."""

from __future__ import annotations

import asyncio
import ssl
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

import pytest
import trustme

from services.notifications.settings import NotificationsSettings
from services.notifications.webhooks.connecting import OnlyAllowed
from services.notifications.webhooks.posting import HttpPoster
from tests.receiver import receiver

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.webhooks.addresses import Address
    from services.notifications.webhooks.delivery import Answer

LOCAL: Final = (ip_network("127.0.0.0/8"),)
BODY: Final = '{"subject": "bonn"}'


class Names:
    """A name server that says another thing each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        del host, port
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ip_address(one) for one in found]


async def post(way: OnlyAllowed, url: str, times: int = 1) -> Answer:
    poster = HttpPoster(NotificationsSettings(), 1, way)
    try:
        for _ in range(times):
            answer = await poster.post(url, BODY, {"webhook-id": "1"})
        return answer
    finally:
        await poster.close()


async def test_a_name_is_looked_up_once_and_connected_to_as_it_was_found() -> None:
    names = Names(["127.0.0.1"], ["192.0.2.1"])
    async with receiver() as there:
        url = f"http://hook.example:{there.port}/hook"
        assert (await post(OnlyAllowed(LOCAL, 1, names), url)).taken
        assert names.asked == 1
        assert there.got[0].headers["host"] == f"hook.example:{there.port}"


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["::1"], ["169.254.169.254"]]
)
async def test_a_name_that_stands_for_a_private_address_too_is_not_connected_to(
    found: list[str],
) -> None:
    async with receiver() as there:
        url = f"http://hook.example:{there.port}/hook"
        answer = await post(OnlyAllowed((), 1, Names(found)), url)
        assert (answer.status, answer.taken) == (None, False)
        assert "no public address" in answer.reason
        assert not there.got


async def test_a_name_that_stands_for_another_address_later_is_looked_at_again() -> None:
    async with receiver() as there:
        url = f"http://hook.example:{there.port}/hook"
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        answer = await post(OnlyAllowed(LOCAL, 1, names), url, times=2)
        assert answer.reason.startswith("10.0.0.1 is no public address")
        assert len(there.got) == 1


async def test_a_name_server_that_hangs_is_asked_by_one_request_of_a_receiver_at_a_time() -> None:
    asked, may = list[str](), asyncio.Event()

    async def names(host: str, port: int) -> Sequence[Address]:
        del port
        asked.append(host)
        await may.wait()
        return [ip_address("127.0.0.1")]

    async with receiver() as there:
        url = f"http://hook.example:{there.port}/hook"
        poster = HttpPoster(
            NotificationsSettings(webhook_answer_seconds=1), 3, OnlyAllowed(LOCAL, 3, names)
        )
        late = await asyncio.gather(*(poster.post(url, BODY, {"webhook-id": "1"}) for _ in "abc"))
        assert {one.reason for one in late} == {"no answer in 1 s"}
        assert len(asked) == 1, "and none more, while it hangs"
        waiting = asyncio.create_task(poster.post(url, BODY, {"webhook-id": "1"}))
        await asyncio.sleep(0)
        may.set()
        assert (await waiting).taken
        assert len(asked) == 1
        assert (await poster.post(url, BODY, {"webhook-id": "1"})).taken
        assert len(asked) == 2, "then it is looked at again"
        await poster.close()


async def test_tls_is_checked_for_the_name_though_the_address_is_connected_to() -> None:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("hook.example").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    async with receiver(tls=server) as there:
        way = OnlyAllowed(LOCAL, 1, Names(["127.0.0.1"]), client)
        assert (await post(way, f"https://hook.example:{there.port}/hook")).taken
        way = OnlyAllowed(LOCAL, 1, Names(["127.0.0.1"]), client)
        answer = await post(way, f"https://other.example:{there.port}/hook")
        assert answer.reason.startswith("its certificate is not valid")
        answer = await post(
            OnlyAllowed(LOCAL, 1, Names(["127.0.0.1"])), f"https://hook.example:{there.port}/hook"
        )
        assert answer.reason.startswith("its certificate is not valid")
        assert len(there.got) == 1


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as there, receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        url = f"http://hook.example:{there.port}/hook"
        assert (await post(OnlyAllowed(LOCAL, 1, Names(["127.0.0.1"])), url)).taken
        assert not proxy.got


async def test_a_name_that_nobody_knows_is_said_to_be_one() -> None:
    poster = HttpPoster(NotificationsSettings(), 1)
    answer = await poster.post("https://nobody.invalid/", BODY, {"webhook-id": "1"})
    await poster.close()
    assert answer.reason == "the name nobody.invalid cannot be resolved"
