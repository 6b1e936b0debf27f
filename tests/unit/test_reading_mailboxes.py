"""A mailbox at a server that is not as most are, and two processes that read it first."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import pytest
from imapclient.exceptions import IMAPClientError
from pymongo.errors import DuplicateKeyError

from services.notifications import bounces, imap
from services.notifications.bounces import MessageKind, Returned
from services.notifications.checks import MailboxCheck
from services.notifications.mailbox import Mailbox
from services.notifications.settings import NotificationsSettings
from services.notifications.verp import Returns

WHOLE: Final = {b"EXISTS": 1, b"UIDVALIDITY": 7, b"UIDNEXT": 2}


class Client:
    """A server with a folder, as the library shows it."""

    def __init__(self, selected: dict[bytes, Any] | None = None) -> None:
        self.selected, self.said = WHOLE if selected is None else selected, list[str]()

    def login(self, user: str, password: str) -> None:
        f"{user}{password}".encode("ascii")  # as the library does
        self.said.append("login")

    def plain_login(self, user: str, password: str) -> None:
        self.said.append(f"plain {user} {password}")

    def select_folder(self, folder: str) -> dict[bytes, Any]:
        del folder
        return self.selected

    def logout(self) -> None:
        self.said.append("logout")


def settings(**more: Any) -> NotificationsSettings:
    known = {
        "imap_host": "127.0.0.1",
        "imap_username": "bounces",
        "imap_password": "geheim",
        "mail_bounce_address": "bounces@coalition.example",
        "link_keys": "k" * 40,
    }
    return NotificationsSettings.model_validate({**known, **more})


@pytest.mark.parametrize("lacking", [b"UIDVALIDITY", b"UIDNEXT"])
async def test_a_server_without_numbers_is_a_fault_and_no_end(
    lacking: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client({name: value for name, value in WHOLE.items() if name != lacking})
    monkeypatch.setattr(imap, "_connected", lambda _: client)
    with pytest.raises(IMAPClientError):
        imap.Folder(settings())
    assert client.said == ["login", "logout"]
    (fault,) = await MailboxCheck(settings())()
    assert "IMAP_HOST" in fault.setting


def test_a_password_may_have_any_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    monkeypatch.setattr(imap, "_connected", lambda _: client)
    folder = imap.Folder(settings(imap_password="schlüssel"))
    assert client.said == ["plain bounces schlüssel"]
    assert folder.validity == 7
    imap.Folder(settings())
    assert client.said[1:] == ["login"]


class Store:
    """Another process was quicker to note for the first time how far a mailbox is read."""

    def __init__(self) -> None:
        self.places: list[dict[str, Any]] = []
        self.raced = False

    def __getitem__(self, name: str) -> Store:
        return self

    async def find_one(self, where: dict[str, Any]) -> None:
        del where

    async def update_one(self, *change: Any, **_: Any) -> None:
        if not self.raced:
            self.raced = True
            raise DuplicateKeyError("another was quicker")
        self.places.append(change[1]["$set"])


class Folder:
    """One message."""

    validity = 7

    def __init__(self, settings: object) -> None: ...

    def after(self, number: int) -> list[int]:
        return [] if number else [1]

    def content(self, number: int) -> bytes:
        del number
        return b"a letter"

    def close(self) -> None: ...


class Entrance:
    async def take(self, content: bytes) -> Returned:
        del content
        return Returned(MessageKind.OTHER)


async def test_two_processes_may_be_the_first_to_read_a_mailbox() -> None:
    store: Any = Store()
    entrance: Any = Entrance()
    opened: Any = Folder
    await Mailbox(store, entrance, settings(), opened).look(asyncio.Event())
    assert store.places == [{"validity": 7, "last": 1}]


def test_a_message_on_which_a_detector_fails_keeps_no_other_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(message: object) -> None:
        raise AssertionError(message)

    monkeypatch.setattr(bounces, "all_failures", fails)
    returns = Returns("bounces@coalition.example", ("k" * 40,))
    assert bounces.read(b"From: anybody@example.org\n\nx", returns).kind is MessageKind.OTHER
