"""What the embedded lane stands on: whole files, processes that are written down, ports."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
import typer
from aiosmtpd.smtp import Envelope

from cli.lane import _parse
from embedded import files, ports, processes
from embedded.errors import LaneError, PortInUse
from embedded.mail import Box, Handler
from tests.containers import free_port
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from embedded.processes import Started

    Ended = Callable[[], Awaitable[bool]]

HOST = "127.0.0.1"


def test_a_file_whose_writing_is_interrupted_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "folder" / "token"
    interrupt(monkeypatch, place, "one")
    assert not place.exists()
    files.write(place, "a whole one", mode=0o600)
    interrupt(monkeypatch, place, "two")
    assert place.read_text() == "a whole one"
    assert place.stat().st_mode & 0o077 == 0


def interrupt(monkeypatch: pytest.MonkeyPatch, place: Path, content: str) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            files.write(place, content)


async def test_a_program_runs_only_once_it_is_written_down(tmp_path: Path) -> None:
    ran, noted = tmp_path / "ran", tmp_path / "processes.json"
    command = [sys.executable, "-c", f"open({str(ran)!r}, 'w').close()"]
    seen: list[Started] = []

    def killed(started: Started) -> None:
        seen.append(started)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        processes.start("one", command, tmp_path / "log", killed)
    await eventually(has_ended(seen[0]))
    assert not ran.exists()

    def note(started: Started) -> None:
        seen.append(started)
        processes.save(noted, [started])

    processes.start("one", command, tmp_path / "log", note)
    assert processes.load(noted) == [seen[1]]
    await eventually(has_ended(seen[1]))
    assert ran.exists()


def has_ended(started: Started) -> Ended:
    async def ended() -> bool:
        return started.process() is None

    return ended


@pytest.mark.parametrize("content", ["", "[{", '{"name": 1}', '[{"pid": 1}]'])
def test_a_damaged_note_of_processes_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "processes.json").write_text(content)
    with pytest.raises(LaneError, match=r"processes.json is damaged"):
        processes.load(tmp_path / "processes.json")


def ignore(_: str) -> None:
    """Nobody is told."""


@contextmanager
def taken(port: int = 0) -> Iterator[int]:
    with socket.socket() as other:
        other.bind((HOST, port))
        other.listen()
        yield other.getsockname()[1]


def test_a_usual_port_that_is_taken_gives_way_to_a_free_one_and_is_told() -> None:
    free = free_port()
    with taken() as mail, taken() as controller:
        defaults = {"mail": mail, "controller": controller, "kafka": free}
        lines: list[str] = []
        chosen = ports.choose(HOST, defaults, {}, lines.append)
        assert chosen["kafka"] == free
        assert len({*chosen.values(), mail, controller}) == 5
        assert lines == [
            f"port {port}, for {name}, is taken: using {chosen[name]}"
            for name, port in (("mail", mail), ("controller", controller))
        ]


def test_a_port_that_was_asked_for_is_refused_when_it_is_taken() -> None:
    with taken() as port, pytest.raises(PortInUse, match=rf"{port}, for mail, .*--port mail=N"):
        ports.choose(HOST, {"mail": free_port()}, {"mail": port}, ignore)


def test_no_part_gets_the_port_of_another() -> None:
    free = free_port()
    chosen = ports.choose(
        HOST, {"kafka": free, "mail": 1, "smtp": 2}, {"mail": free, "smtp": 0}, ignore
    )
    assert chosen["mail"] == free
    assert len(set(chosen.values())) == 3


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(LaneError, match="is no port"):
        ports.choose(HOST, {"mail": 0}, {"mail": port}, ignore)


def test_the_same_port_for_two_parts_is_refused() -> None:
    with pytest.raises(LaneError, match="given twice, for mail and for smtp"):
        ports.choose(HOST, {"mail": 0, "smtp": 0}, {"mail": 8125, "smtp": 8125}, ignore)


def test_an_address_that_is_not_of_this_machine_is_named() -> None:
    with pytest.raises(LaneError, match=r"mail cannot listen on 192\.0\.2\.1"):
        ports.choose("192.0.2.1", {"mail": 8125}, {}, ignore)


@pytest.mark.parametrize(
    "text", ["mail", "mail=", "mail=x", "mail=-1", "mail=²", "mail=\uff11", "x=1"]
)
def test_what_the_command_line_cannot_read_as_a_port_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="NAME=PORT"):
        _parse([text], {"mail": 8125})


async def test_a_message_that_the_catcher_cannot_keep_is_to_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "write", full)
    envelope = Envelope()
    envelope.content = b"Subject: Ten points\r\n\r\n"
    answer = await Handler(Box(tmp_path)).handle_DATA(None, None, envelope)  # type: ignore[arg-type]  # not used
    assert answer.startswith("452 ")
