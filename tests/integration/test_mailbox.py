"""Bounces out of a mailbox on a real IMAP server: each is taken once, and none is lost."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
from aiokafka.errors import KafkaConnectionError

from services.notifications.bounces import MOST_BYTES
from services.notifications.checks import MailboxCheck
from services.notifications.entrance import Entrance
from services.notifications.imap import Folder
from services.notifications.mailbox import Mailbox
from services.notifications.settings import NotificationsSettings
from services.notifications.verp import returns_of
from shared import mongo
from tests.imap import PASSWORD, USER, Dovecot, dovecot
from tests.parts import eventually
from tests.returned import automatic_reply, letter, report

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from shared.kafka.producer import Outgoing
    from tests.parts import Parts

TAKEN: Final = "Bounces taken"


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@dataclass(slots=True)
class Topic:
    """What was said to notifications itself; it may fail."""

    said: list[Outgoing] = field(default_factory=list)
    fails: int = 0

    async def send(self, outgoing: Sequence[Outgoing]) -> None:
        if self.fails:
            self.fails -= 1
            raise KafkaConnectionError
        self.said += outgoing

    @property
    def ids(self) -> list[str]:
        """The ids of what was said, each once, as the journal has them."""
        return sorted({dict(one.headers)["ce_id"].decode() for one in self.said})


@dataclass(slots=True)
class Here:
    """A mailbox's reader on a store and a folder of its own."""

    database: Any
    imap: Dovecot
    topic: Topic = field(default_factory=Topic)
    folder: str = field(default_factory=lambda: f"Box {uuid.uuid4().hex[:8]}")

    def settings(self, **more: Any) -> NotificationsSettings:
        known = {
            "imap_host": "127.0.0.1",
            "imap_port": self.imap.port,
            "imap_username": USER,
            "imap_password": PASSWORD,
            "imap_tls": "none",
            "imap_folder": self.folder,
            "imap_taken_folder": f"{self.folder} taken",
            "imap_every_seconds": 1,
            "mail_bounce_address": "bounces@coalition.example",
            "link_keys": "k" * 40,
        }
        return NotificationsSettings.model_validate({**known, **more})

    def reader(self, opened: Any = Folder, **more: Any) -> Mailbox:
        settings = self.settings(**more)
        returns = returns_of(settings)
        assert returns
        publisher: Any = self.topic
        return Mailbox(self.database, Entrance(returns, publisher), settings, opened)

    async def look(self, reader: Mailbox | None = None) -> None:
        await (reader or self.reader()).look(asyncio.Event())

    def put(self, *messages: bytes) -> None:
        self.imap.put(*messages, folder=self.folder)

    @property
    def left(self) -> list[bytes]:
        return self.imap.messages(self.folder)

    @property
    def aside(self) -> list[bytes]:
        return self.imap.messages(f"{self.folder} taken")


@asynccontextmanager
async def mailbox(parts: Parts, imap: Dovecot) -> AsyncIterator[Here]:
    async with mongo.connect(parts.mongodb, "tests") as client:
        here = Here(client[f"mailbox_{uuid.uuid4().hex[:8]}"], imap)
        with imap.login() as box:
            box.create_folder(here.folder)
        yield here
        await client.drop_database(here.database.name)


async def test_a_bounce_is_taken_once_and_put_aside_and_the_rest_is_left(
    parts: Parts, imap: Dovecot
) -> None:
    async with mailbox(parts, imap) as here:
        bounce, away, words = report("5.1.1"), automatic_reply(), letter()
        here.put(words, bounce, away)
        for _ in range(3):
            await here.look()
        assert len(here.topic.said) == 1
        assert b"5.1.1" in (here.topic.said[0].value or b"")
        assert here.left == [words, away], "an automatic reply is for people to read"
        assert here.aside == [bounce]
        here.put(report("4.4.7"))
        await here.look()
        assert len(here.topic.said) == len(here.aside) == 2


async def test_what_could_not_be_handed_over_is_read_again(parts: Parts, imap: Dovecot) -> None:
    async with mailbox(parts, imap) as here:
        here.put(*(report("5.1.1", number=n) for n in range(5)))
        here.topic.fails = 1
        with pytest.raises(KafkaConnectionError):  # the place is not moved on
            await here.look()
        assert here.topic.said == []
        assert len(here.left) == 5
        await here.look()
        assert len(here.topic.ids) == len(here.topic.said) == len(here.aside) == 5


async def test_stopped_after_a_bounce_was_handed_over_it_is_the_same_bounce_again(
    parts: Parts, imap: Dovecot
) -> None:
    class Stops(Folder):
        def put_aside(self, number: int) -> None:
            del number
            raise ConnectionResetError

    async with mailbox(parts, imap) as here:
        here.put(report("5.1.1"))
        await here.look(here.reader(Stops))
        await here.look()
        assert len(here.topic.said) == 2
        assert len(here.topic.ids) == 1, "the journal decides it once"
        assert here.left == []


async def test_several_readers_take_each_bounce_once(parts: Parts, imap: Dovecot) -> None:
    async with mailbox(parts, imap) as here:
        here.put(*(report("5.1.1", number=n) for n in range(20)))
        await asyncio.gather(*(here.look() for _ in range(3)))
        await here.look()
        # Of one message two moves at a time may make two copies: put aside it is twice then.
        assert len(here.topic.ids) == len({*here.aside}) == 20
        assert here.left == []


async def test_a_server_that_was_away_is_read_when_it_is_back(parts: Parts, imap: Dovecot) -> None:
    async with mailbox(parts, imap) as here:
        here.put(report("5.1.1", number=1))
        reader, stopping = here.reader(), asyncio.Event()
        running = asyncio.create_task(reader.run(stopping))

        async def taken(count: int) -> bool:
            return len(here.topic.ids) == count

        async def is_shown() -> bool:
            return "IMAP_HOST" in str(reader.condition().detail["reason"])

        await eventually(lambda: taken(1))
        await asyncio.to_thread(imap.stop)
        try:
            await eventually(is_shown)
            assert reader.condition().ready, "e-mail is sent all the same"
        finally:
            await asyncio.to_thread(imap.start)
        here.put(report("5.1.1", number=2))
        await eventually(lambda: taken(2))
        stopping.set()
        await running
        assert reader.condition().detail == {"reason": None}


async def test_of_a_message_without_bound_the_beginning_is_read(
    parts: Parts, imap: Dovecot
) -> None:
    sizes = []

    class Measured(Folder):
        def content(self, number: int) -> bytes | None:
            found = super().content(number)
            sizes.append(len(found or b""))
            return found

    async with mailbox(parts, imap) as here:
        here.put(report("5.1.1", more=b"x" * 70 + b"\r\n", times=50_000), report("5.2.2", number=2))
        await here.look(here.reader(Measured))
        assert sizes[0] == MOST_BYTES
        assert len(here.topic.ids) == 2


async def test_a_folder_that_was_made_anew_is_read_from_its_beginning(
    parts: Parts, imap: Dovecot
) -> None:
    async with mailbox(parts, imap) as here:
        here.put(*(report("5.1.1", number=n) for n in range(3)))
        await here.look()
        with imap.login() as box:
            box.delete_folder(here.folder)
            box.create_folder(here.folder)
        here.put(report("5.1.1", number=9))
        await here.look()
        assert len(here.topic.ids) == 4


async def test_a_server_that_moves_nothing_loses_nothing(parts: Parts, imap: Dovecot) -> None:
    class Old(Folder):
        def __init__(self, settings: NotificationsSettings) -> None:
            super().__init__(settings)
            self._client._cached_capabilities = (b"IMAP4REV1",)  # noqa: SLF001

    async with mailbox(parts, imap) as here:
        here.put(report("5.1.1"))
        for _ in range(2):
            await here.look(here.reader(Old))
        assert len(here.topic.said) == len(here.left) == 1


async def test_what_is_wrong_with_the_settings_is_named(
    parts: Parts, imap: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with mailbox(parts, imap) as here:
        tls = {"imap_port": imap.tls_port, "imap_tls": "tls"}
        for more, setting in (
            ({"imap_password": "wrong"}, "COALITION_IMAP_USERNAME, COALITION_IMAP_PASSWORD"),
            ({"imap_folder": "Elsewhere"}, "COALITION_IMAP_FOLDER"),
            ({"imap_tls": "tls"}, "COALITION_IMAP_HOST, COALITION_IMAP_PORT, COALITION_IMAP_TLS"),
            ({"imap_port": 1}, "COALITION_IMAP_HOST, COALITION_IMAP_PORT"),
            (tls, "COALITION_IMAP_HOST, COALITION_IMAP_PORT"),
        ):
            (fault,) = await MailboxCheck(here.settings(**more))()
            assert fault.setting == setting
            assert PASSWORD not in fault.reason
        monkeypatch.setenv("SSL_CERT_FILE", str(imap.ca))
        for more in (tls, {"imap_tls": "starttls"}, {}):
            assert await MailboxCheck(here.settings(**more))() == []


async def test_without_a_mailbox_there_is_nothing_to_check() -> None:
    assert await MailboxCheck(NotificationsSettings())() == []
