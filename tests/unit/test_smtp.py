"""What a mail server answers, at every step: whom it concerns, and that no connection is left."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications.answers import Deferred, Refused, Unavailable, Uncertain
from services.notifications.emails import Email
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Connection
from tests.parts import eventually
from tests.smtp import (
    CLOSE,
    CONNECT,
    HANG,
    MESSAGE,
    Moment,
    ScriptedServer,
    scripted_server,
    well,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.smtp import Script

EMAIL: Final = Email(
    "from@example.org", "nour@example.org", b"Message-ID: <1@x>\r\n\r\n.\r\n..\r\n"
)
LOGIN: Final = {"smtp_username": "coalition", "smtp_password": "geheim"}


@asynccontextmanager
async def connected(
    answer: Script = well, **settings: Any
) -> AsyncIterator[tuple[Connection, ScriptedServer]]:
    """A connection to a server, of which none is open any more in the end."""
    async with scripted_server(answer) as server:
        where = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_client_name": "tests"}
        connection = Connection(NotificationsSettings.model_validate({**where, **settings}))

        async def none_is_open() -> bool:
            return server.open == 0

        yield connection, server
        await connection.close()
        await eventually(none_is_open)


def at(step: str, *answers: str) -> Script:
    """Answers of one step, one after the other, the last of them for ever."""
    return lambda now: answers[min(now.times, len(answers)) - 1] if now.step == step else None


CONNECTING: Final = [
    (CONNECT, "554 5.3.2 no service here", {}),
    (CONNECT, "421 4.7.0 too many connections", {}),
    ("EHLO", "550 5.7.1 not you", {}),
    ("EHLO", "504 5.5.2 need a name", {}),
    ("EHLO", "421 4.3.2 shutting down", {}),
    ("STARTTLS", "502 5.5.1 not implemented", {"smtp_tls": "starttls"}),
    ("STARTTLS", "454 4.7.0 TLS not available", {"smtp_tls": "starttls"}),
    ("AUTH", "535 5.7.8 bad credentials", LOGIN),
    ("AUTH", "454 4.7.0 temporary failure", LOGIN),
    ("AUTH", "534 5.7.9 mechanism too weak", LOGIN),
    ("MAIL", "530 5.7.0 authentication required", {}),
    ("MAIL", "550 5.7.1 sender not allowed", {}),
    ("MAIL", "421 4.4.5 too busy", {}),
    ("MAIL", "450 4.7.1 too much mail", {}),
    ("MAIL", "451 4.3.0 later", {}),
    ("MAIL", "452 4.3.1 no space", {}),
]
"""What is about nobody's e-mail, at the steps before one has begun."""
BEGUN: Final = [
    ("RCPT", "421 4.3.2 closing"),
    ("RCPT", "452 4.5.3 too many recipients"),
    ("RCPT", "454 4.7.1 relay access denied"),
    ("RCPT", "450 4.1.8 sender address rejected"),
    ("RCPT", "550 5.1.8 sender address rejected"),
    ("RCPT", "503 5.5.1 MAIL first"),
    ("RCPT", "504 5.5.2 need a fully-qualified EHLO"),
    ("RCPT", "530 5.7.57 not authenticated"),
    ("RCPT", "354 what"),
    ("DATA", "554 5.5.1 no valid recipients"),
    ("DATA", "451 4.3.0 later"),
    ("DATA", "250 fine"),
    (MESSAGE, "421 4.3.2 closing"),
    (MESSAGE, "450 4.7.1 too much mail"),
    (MESSAGE, "451 4.3.0 queue full"),
    (MESSAGE, "452 4.3.1 no space"),
    (MESSAGE, "454 4.7.0 throttled"),
    (MESSAGE, "530 5.7.0 authentication required"),
]
"""Likewise when one has begun, which then waits longer than the others."""


@pytest.mark.parametrize(("step", "answer", "settings"), CONNECTING)
async def test_what_a_server_says_before_an_e_mail_has_begun_is_about_itself(
    step: str, answer: str, settings: dict[str, str]
) -> None:
    async with connected(at(step, answer), **settings) as (connection, server):
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert not raised.value.begun
        assert raised.value.permanent == answer.startswith("5")
        assert str(raised.value.answer) == answer
        assert not server.taken


@pytest.mark.parametrize(("step", "answer"), BEGUN)
async def test_what_a_server_says_of_itself_is_so_at_every_step(step: str, answer: str) -> None:
    async with connected(at(step, answer, "")) as (connection, server):
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert raised.value.begun
        assert not isinstance(raised.value, Uncertain)
        assert raised.value.permanent == answer.startswith("5")
        assert not server.taken
        await connection.send(EMAIL)
        assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("step", "answer", "error"),
    [
        ("RCPT", "550 5.1.1 nobody here", Refused),
        ("RCPT", "551 gone elsewhere", Refused),
        ("RCPT", "552 5.2.2 mailbox full", Refused),
        ("RCPT", "553 5.1.3 bad address", Refused),
        ("RCPT", "554 5.7.1 not wanted", Refused),
        ("RCPT", "501 5.1.3 bad syntax", Refused),
        ("RCPT", "450 4.2.0 greylisted", Deferred),
        ("RCPT", "451 4.7.1 greylisted, come back", Deferred),
        ("RCPT", "452 4.2.2 mailbox full", Deferred),
        (MESSAGE, "550 5.7.1 looks like spam", Refused),
        (MESSAGE, "552 5.3.4 too big", Refused),
        (MESSAGE, "554 5.6.0 no", Refused),
        (MESSAGE, "452 4.2.2 mailbox full", Deferred),
    ],
)
async def test_what_concerns_one_e_mail_leaves_the_connection_to_the_next(
    step: str, answer: str, error: type[Refused]
) -> None:
    async with connected(at(step, answer, "")) as (connection, server):
        with pytest.raises(error) as raised:
            await connection.send(EMAIL)
        assert type(raised.value) is error
        assert str(raised.value) == " ".join(p for p in answer.split()[:2] if p[0] in "245"), (
            "no words"
        )
        await connection.send(EMAIL)
        assert server.steps["EHLO"] == server.steps["RSET"] + (step == MESSAGE) == 1
        assert len(server.taken) == 1


@pytest.mark.parametrize("step", [CONNECT, "EHLO", "MAIL", "RCPT", "DATA"])
async def test_what_breaks_before_the_message_leaves_nothing_unknown(step: str) -> None:
    async with connected(at(step, CLOSE)) as (connection, _):
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert not isinstance(raised.value, Uncertain)
        assert not raised.value.permanent


@pytest.mark.parametrize("answer", [CLOSE, "not SMTP at all", "354 more", "199 what"])
async def test_without_an_answer_to_the_message_it_may_have_been_taken(answer: str) -> None:
    async with connected(at(MESSAGE, answer)) as (connection, _):
        with pytest.raises(Uncertain):
            await connection.send(EMAIL)


@pytest.mark.parametrize("step", [CONNECT, "EHLO", "MAIL", "RCPT", "DATA", MESSAGE])
async def test_no_wait_for_an_answer_is_endless(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notifications.smtp.TIMEOUT_SECONDS", 0.1)
    async with connected(at(step, HANG)) as (connection, _):
        connection._settings = connection._settings.model_copy(  # noqa: SLF001 - not 30 seconds
            update={"mail_answer_seconds": 0.1}
        )
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert isinstance(raised.value, Uncertain) == (step == MESSAGE)


async def test_all_that_comes_before_the_message_has_an_end_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.notifications.smtp.BEGIN_SECONDS", 0.1)
    async with connected(at("RCPT", HANG)) as (connection, _):
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert raised.value.begun


async def test_a_cancelled_attempt_says_whether_the_message_was_on_its_way() -> None:
    for step in ("RCPT", MESSAGE):
        async with connected(at(step, HANG)) as (connection, server):
            attempt = asyncio.create_task(connection.send(EMAIL))

            async def is_there(step: str = step, server: ScriptedServer = server) -> bool:
                return server.steps[step] == 1

            await eventually(is_there)
            attempt.cancel()
            await asyncio.wait([attempt])
            assert connection.handing_over == (step == MESSAGE)


@pytest.mark.parametrize(
    "ended", ["421 4.4.2 timeout", "451 4.4.2 timeout waiting for you", CLOSE, "503 what"]
)
async def test_a_kept_connection_that_has_ended_is_made_again(ended: str) -> None:
    async with connected(at("MAIL", "250 well", ended, "250 well")) as (connection, server):
        await connection.send(EMAIL)
        await connection.send(EMAIL)
        assert len(server.taken) == 2
        assert server.steps["EHLO"] == 2


async def test_a_connection_is_kept_for_some_e_mails_only() -> None:
    async with connected(mail_per_connection=3) as (connection, server):
        for _ in range(7):
            await connection.send(EMAIL)
        assert (server.steps["EHLO"], server.steps["QUIT"], server.most) == (3, 2, 1)


async def test_a_connection_that_is_idle_is_ended() -> None:
    async with connected() as (connection, server):
        await connection.send(EMAIL)
        await connection.close(idle=60)
        assert (server.steps["QUIT"], server.open) == (0, 1)
        await connection.close(idle=0)
        assert server.steps["QUIT"] == 1


async def test_the_server_is_told_our_name_and_the_message_is_what_was_written() -> None:
    async with connected(smtp_client_name="mail.example.org") as (connection, server):
        await connection.send(EMAIL)
        assert server.lines[0] == "EHLO mail.example.org"
        assert server.contents == [EMAIL.content]


@pytest.mark.parametrize("answer", ["500 what", "502 5.5.1 not implemented"])
async def test_a_server_that_does_not_know_ehlo_hears_helo(answer: str) -> None:
    async with connected(at("EHLO", answer), smtp_client_name="mail.example.org") as (
        connection,
        server,
    ):
        await connection.send(EMAIL)
        assert server.lines[:2] == ["EHLO mail.example.org", "HELO mail.example.org"]
        assert len(server.taken) == 1


async def test_a_server_that_knows_neither_greeting_is_unavailable() -> None:
    def refuses(now: Moment) -> str | None:
        return "502 5.5.1 not implemented" if now.step in {"EHLO", "HELO"} else None

    async with connected(refuses) as (connection, _):
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert raised.value.permanent


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with scripted_server() as server:
        port = server.port
    connection = Connection(NotificationsSettings(smtp_host="127.0.0.1", smtp_port=port))
    with pytest.raises(Unavailable) as raised:
        await connection.send(EMAIL)
    assert not raised.value.permanent


async def test_a_server_that_speaks_no_tls_is_to_be_mended() -> None:
    async with connected(smtp_tls="tls") as (connection, _):
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert raised.value.permanent


async def test_a_server_that_cannot_do_what_the_settings_ask_for_is_to_be_mended() -> None:
    for settings in (LOGIN, {"smtp_tls": "starttls"}):
        async with connected(at("EHLO", "250 test"), **settings) as (connection, _):
            with pytest.raises(Unavailable, match="not supported") as raised:
                await connection.send(EMAIL)
            assert raised.value.permanent


async def test_words_of_a_server_that_name_a_person_or_are_no_text_are_not_told_on() -> None:
    text = "552 4.3.1 \udcff full for <nour@example.org> NOUR nour%40example.org " + "x" * 500
    async with connected(at("MAIL", "250 well")) as (connection, server):
        server.answer = at("DATA", text)
        with pytest.raises(Unavailable) as raised:
            await connection.send(EMAIL)
        assert "nour" not in str(raised.value.answer).lower()
        assert len(raised.value.answer.text) <= 200
        str(raised.value.answer).encode()
