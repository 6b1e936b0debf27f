"""A secret is read from the file that a setting names, and the file is refused by that name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.environment import SECRET, load, reasons, unset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    unset(monkeypatch)


def test_a_secret_is_read_from_the_file_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    loaded = load(monkeypatch, TOKEN_FILE=str(file), MONGODB_FILE="")
    assert loaded.token
    assert loaded.token.get_secret_value() == SECRET
    assert SECRET not in repr(loaded)


def test_a_variable_counts_more_than_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, TOKEN=SECRET, TOKEN_FILE="/no/such/file").token


@pytest.mark.parametrize("name", ["TOKENS", "PUBLISHERS"])
def test_a_setting_that_is_the_path_of_a_file_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    for other in (name, f"{name}_FILE_FILE"):
        (reason,) = reasons(monkeypatch, **{other: str(tmp_path)})
        assert reason == f"COALITION_{other} is no setting; COALITION_{name}_FILE is one"
        monkeypatch.delenv(f"COALITION_{other}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "the file cannot be read: No such file or directory"),
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\xff\xfe", "the file is not UTF-8 text"),
        (b"x" * 70_000, "the file has more than 65536 bytes"),
        (SECRET.encode()[:5], "a token has 8 characters or more of A-Z, a-z, 0-9 and -._~+/="),
    ],
)
def test_a_file_that_holds_no_secret_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    assert reasons(monkeypatch, TOKEN_FILE=str(file)) == [f"COALITION_TOKEN_FILE: {reason}"]


def test_a_file_may_not_be_a_folder_or_be_closed_to_us(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (reason,) = reasons(monkeypatch, TOKEN_FILE=str(tmp_path))
    assert reason == "COALITION_TOKEN_FILE: the file cannot be read: Is a directory"
