"""`coalition acls --apply`: whose secrets it reads, and whose it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cli import access
from cli.main import app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from typer.testing import Result

    from shared.kafka.connection import Connection

USERS = ("coalition.membership", "coalition.plans", "coalition.notifications", "coalition.operator")
BERLIN = "coalition.publisher.berlin"
PUBLISHERS = """[[publisher]]
name = "berlin"
sources = ["urn:berlin"]
types = ["coalition.membership.CitySigned.v1"]
coalitions = ["*"]
"""


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The secrets that Kafka was given, a line each time."""
    found: list[dict[str, str]] = []

    def apply(_: access.Access, passwords: Mapping[str, str]) -> access.Changes:
        found.append(dict(passwords))
        return access.Changes(0, 0, [*passwords], [], [])

    async def set_quotas(_: Connection, quotas: Mapping[str, int | None]) -> None:
        assert quotas == {BERLIN: None}

    monkeypatch.setattr(access.Access, "apply", apply)
    monkeypatch.setattr("cli.quotas.apply", set_quotas)
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "publishers.toml").write_text(PUBLISHERS)
    monkeypatch.setenv("COALITION_PUBLISHERS_FILE", str(tmp_path / "publishers.toml"))
    monkeypatch.setenv("COALITION_DIRECTORY", str(tmp_path))
    (tmp_path / "passwords").mkdir()
    for user in USERS:
        (tmp_path / "passwords" / user).write_text(f"{user}'s\n")
    return tmp_path / "passwords"


def acls(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["acls", *arguments])


def test_the_missing_secret_is_made_once_for_its_owner_alone(
    folder: Path, applied: list[dict[str, str]]
) -> None:
    words = ("--apply", "--passwords", str(folder), "--make-passwords")
    first = acls(*words)
    assert first.exit_code == 0, first.output
    assert f"Secrets made in {folder}: {BERLIN}." in first.stdout
    made = (folder / BERLIN).read_text()
    assert len(made) == 64
    assert made not in first.output
    assert (folder / BERLIN).stat().st_mode & 0o777 == 0o600
    assert applied == [{**{user: f"{user}'s" for user in USERS}, BERLIN: made}]

    assert "Secrets made" not in acls(*words).stdout
    assert applied[1] == applied[0]
    assert {file.name for file in folder.iterdir()} == {*USERS, BERLIN}


def test_without_being_asked_it_makes_none(folder: Path, applied: list[dict[str, str]]) -> None:
    assert acls("--apply", "--passwords", str(folder)).exit_code == 0
    assert applied[0].keys() == {*USERS}
    assert not (folder / BERLIN).exists()


@pytest.mark.parametrize("words", [("--apply",), (), ("--passwords", ".")])
def test_it_makes_none_where_nobody_is_given_it(
    words: tuple[str, ...], folder: Path, applied: list[dict[str, str]]
) -> None:
    done = acls("--make-passwords", *words)
    assert done.exit_code == 2
    assert "--make-passwords needs --apply" in done.stderr
    assert not applied
    assert not (folder / BERLIN).exists()
