"""What is wrong with a setting is one line that names it; what may pass is waited for."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import warnings
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.checks import MailCheck
from services.notifications.settings import NotificationsSettings
from shared.checks import fault
from shared.checks.fault import Fault, NotUsable, until_usable, variable
from shared.checks.kafka import KafkaCheck
from shared.checks.network import Names, fault_of
from shared.checks.store import StoreCheck
from shared.kafka.security import KafkaSettings
from shared.settings import Settings
from tests.containers import free_port
from tests.smtp import scripted_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NAMES: Final = Names("ADDRESS", "TRUST", "TLS")


def untrusted(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "why"
    return error


def no_tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "no")
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (socket.gaierror(-2, "unknown"), ("ADDRESS", True)),
        (ConnectionRefusedError(), ("ADDRESS", True)),
        (TimeoutError(), ("ADDRESS", True)),
        (OSError(113, "no route"), ("ADDRESS", True)),
        (ConnectionResetError(), ("ADDRESS, TLS", True)),
        (ssl.SSLEOFError(8, "eof"), ("ADDRESS, TLS", True)),
        (EOFError(), ("ADDRESS, TLS", True)),
        (untrusted(62), ("ADDRESS", False)),
        (untrusted(64), ("ADDRESS", False)),
        (untrusted(20), ("TRUST", False)),
        (untrusted(10), ("TRUST", False)),
        (no_tls("WRONG_VERSION_NUMBER"), ("ADDRESS, TLS", False)),
        (no_tls("NO_SHARED_CIPHER"), ("TLS", False)),
    ],
)
def test_a_connection_that_fails_names_the_setting_that_is_wrong(
    error: Exception, expected: tuple[str, bool]
) -> None:
    found = fault_of(error, NAMES, "host:1")
    assert (found.setting, found.passes) == expected
    assert "host" in found.reason


class Looks:
    """A check that finds one thing after the other, and the last of them for ever."""

    def __init__(self, *found: list[Fault]) -> None:
        self.found, self.times = [*found], 0

    async def __call__(self) -> list[Fault]:
        self.times += 1
        return self.found.pop(0) if len(self.found) > 1 else self.found[0]


AWAY: Final = Fault("COALITION_KAFKA", "not up yet", passes=True)
WRONG: Final = Fault("COALITION_KAFKA_PASSWORD", "refused")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fault, "AGAIN_SECONDS", 0)


async def test_what_is_not_up_yet_is_waited_for() -> None:
    looks = Looks(*[[AWAY]] * 20, [])
    await until_usable(60, looks)
    assert looks.times == 21


async def test_what_does_not_come_up_in_time_ends_the_wait_with_its_line() -> None:
    with pytest.raises(NotUsable, match=r"^COALITION_KAFKA: not up yet$") as raised:
        await until_usable(0, Looks([AWAY]))
    assert raised.value.passes


async def test_a_wrong_setting_ends_the_wait_long_before_its_time() -> None:
    looks = Looks([AWAY], [WRONG])
    with pytest.raises(NotUsable, match=r"^COALITION_KAFKA_PASSWORD: refused$") as raised:
        await until_usable(3600, looks)
    assert not raised.value.passes
    assert looks.times < 10


async def test_a_user_that_is_only_just_made_is_not_a_wrong_password() -> None:
    await until_usable(60, Looks([WRONG], [WRONG], []))


def test_a_setting_that_came_from_a_file_is_named_as_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COALITION_MONGODB", raising=False)
    monkeypatch.setenv("COALITION_MONGODB_FILE", "/run/secret")
    assert variable("mongodb", "database") == "COALITION_MONGODB_FILE, COALITION_DATABASE"


@asynccontextmanager
async def hanging_up() -> AsyncIterator[int]:
    """A server that ends each connection at once."""

    def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def kafka(where: str, **settings: Any) -> Fault:
    (found,) = await KafkaCheck(KafkaSettings(kafka=where, **settings))()
    return found


async def store(uri: str, **settings: Any) -> Fault:
    """What is wrong with a store.

    PyMongo leaves a socket to the collector that was being connected while its client was closed.
    """
    (found,) = await StoreCheck(Settings(mongodb=uri, **settings), "coalition_test")()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    return found


async def test_kafka_at_a_wrong_address() -> None:
    assert (await kafka("localhost:1")).setting == "COALITION_KAFKA"
    there_is_none = await kafka("no-such-host.invalid:9092", kafka_insecure=True)
    assert there_is_none.setting == "COALITION_KAFKA"
    assert "no-such-host.invalid" in there_is_none.reason


async def test_what_hangs_up_may_want_tls_or_a_login() -> None:
    async with hanging_up() as port:
        clear = await kafka(f"localhost:{port}")
        login: dict[str, Any] = {"kafka_username": "me", "kafka_password": "secret"}
        secure = await kafka(f"localhost:{port}", **login)
        held = await store(f"mongodb://localhost:{port}/?directConnection=true")
    assert "COALITION_KAFKA_USERNAME" in clear.setting
    assert "COALITION_KAFKA_INSECURE" in secure.setting
    assert held.setting == "COALITION_MONGODB"
    assert "tls=true" in held.reason


async def test_one_server_of_several_is_enough_to_name_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def ask(_: KafkaCheck, server: str) -> tuple[set[str], Fault | None]:
        return (set(), AWAY) if server == "localhost:1" else ({"localhost:2"}, None)

    monkeypatch.setattr(KafkaCheck, "_ask", ask)
    assert await KafkaCheck(KafkaSettings(kafka="localhost:1,localhost:2"))() == []


async def test_the_store_at_a_wrong_address() -> None:
    refused = await store("mongodb://localhost:1/")
    assert str(refused).startswith("COALITION_MONGODB: nothing listens at localhost:1")
    assert refused.passes
    assert "no-such-host.invalid" in (await store("mongodb://no-such-host.invalid/")).reason


LOGIN: Final[dict[str, Any]] = {"smtp_username": "me", "smtp_password": "hunter2-hunter2"}


@pytest.mark.parametrize(
    ("step", "answer", "settings", "expected"),
    [
        ("CONNECT", "554 go away", {}, ("SMTP_HOST, COALITION_SMTP_PORT", False)),
        ("CONNECT", "close", {}, ("SMTP_HOST, COALITION_SMTP_PORT, COALITION_SMTP_TLS", True)),
        ("AUTH", "535 5.7.8 no", LOGIN, ("SMTP_USERNAME, COALITION_SMTP_PASSWORD", False)),
        ("AUTH", "454 4.7.0 later", LOGIN, ("SMTP_USERNAME, COALITION_SMTP_PASSWORD", True)),
        ("EHLO", "250 test", {"smtp_tls": "starttls"}, ("SMTP_TLS", False)),
        ("EHLO", "250 test", LOGIN, ("SMTP_USERNAME, COALITION_SMTP_TLS", False)),
        ("MAIL", "550 5.7.1 not from you", {}, ("MAIL_FROM", False)),
        ("MAIL", "451 later", {}, ("MAIL_FROM", True)),
    ],
)
async def test_a_mail_server_that_does_not_take_us(
    step: str, answer: str, settings: dict[str, Any], expected: tuple[str, bool]
) -> None:
    async with scripted_server(lambda moment: answer if moment.step == step else None) as server:
        wanted = NotificationsSettings(smtp_port=server.port, **settings)
        (found,) = await MailCheck(wanted)()
    assert (found.setting, found.passes) == (f"COALITION_{expected[0]}", expected[1])
    assert "hunter2" not in str(found)


async def test_a_mail_server_that_takes_us_or_is_not_there() -> None:
    async with scripted_server() as server:
        assert await MailCheck(NotificationsSettings(smtp_port=server.port, **LOGIN))() == []
    assert not server.taken
    (found,) = await MailCheck(NotificationsSettings(smtp_port=free_port()))()
    assert found.setting == "COALITION_SMTP_HOST, COALITION_SMTP_PORT"
