"""A command that cannot do its work ends with one line that says why, not with a traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
import typer
from pymongo.errors import InvalidURI, PyMongoError, ServerSelectionTimeoutError
from typer.testing import CliRunner

from cli import endpoints
from cli.main import app
from cli.running import failures, run
from cli.stores import database_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from typer.testing import Result

NOBODY = "127.0.0.1:1: [Errno 111] Connect call failed ('127.0.0.1', 1)"


def coalition(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = coalition("publish", str(tmp_path / "none.jsonl"))
    assert done.exit_code == 1
    assert done.output == f"{tmp_path / 'none.jsonl'}: No such file or directory\n"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            ServerSelectionTimeoutError(f"{NOBODY} (configured timeouts: …), Timeout: 20.0s, …"),
            f"COALITION_MONGODB: {NOBODY}\n",
        ),
        (InvalidURI("it begins with mongodb://"), "COALITION_MONGODB: it begins with mongodb://\n"),
        (
            InvalidURI("mongodb://ada:correct-horse@x is none"),
            "COALITION_MONGODB: the store does not do what it was asked for\n",
        ),
    ],
    ids=["nobody answers", "no address", "the password is in what the client says"],
)
def test_a_store_that_does_not_answer_is_named_by_its_setting_and_its_password_is_not(
    error: PyMongoError,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COALITION_MONGODB", "mongodb://ada:correct-horse@localhost/")
    with pytest.raises(typer.Exit), failures():
        raise error
    assert capsys.readouterr().out == line


def test_a_store_at_a_port_that_is_no_number_is_named_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COALITION_MONGODB", "mongodb://ada:correct-horse@localhost:port/")

    async def look() -> None:
        async with database_of(endpoints.load(), "plans"):
            pytest.fail("it is reached")

    with pytest.raises(typer.Exit):
        run(look())
    assert capsys.readouterr().out.startswith("COALITION_MONGODB: Port contains non-digit")


def test_an_export_that_breaks_off_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def broken(method: str, url: str, **_: object) -> Iterator[httpx.Response]:
        def pieces() -> Iterator[bytes]:
            yield b"name"
            raise httpx.RemoteProtocolError("peer closed connection")

        yield httpx.Response(200, content=pieces(), request=httpx.Request(method, url))

    monkeypatch.setattr(httpx, "stream", broken)
    out = tmp_path / "members.csv"
    out.write_text("before")
    done = coalition("members", "export", str(out))
    assert (done.exit_code, "broke off" in done.output) == (1, True)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [(out.name, "before")]
