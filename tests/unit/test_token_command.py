"""`coalition token`: a token once, and the line that lets its owner in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.access.scopes import Scope
from shared.access.tokens import Tokens

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


def coalition(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["token", *arguments])


def test_a_new_token_is_shown_once_with_the_line_for_the_file(tmp_path: Path) -> None:
    done = coalition(
        *("new", "berlin-2026", "--scope", "publish:berlin", "--scope", "people:read"),
        *("--service", "plans", "--until", "9999-12-31"),
    )
    assert done.exit_code == 0
    token, line = done.stdout.splitlines()
    assert token not in line
    file = tmp_path / "tokens.toml"
    file.write_text(f"{line}\n")
    caller = Tokens.load(file).find(token, "plans")
    assert caller
    assert caller.scopes == frozenset({Scope.PUBLISH, Scope.READ_PEOPLE})
    assert coalition("new", "other", "--scope", "operate").stdout.splitlines()[0] != token
    listed = coalition("check", str(file))
    assert listed.stdout == "berlin-2026: publish:berlin, people:read; plans, until 9999-12-31\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("a", "--scope", "operat"), "'operate'"),
        (("a", "--scope", "operate", "--service", "plan"), "nearest is 'plans'"),
        (("A_b", "--scope", "operate"), "A_b"),
        (("a", "--scope", "operate", "--until", "soon"), "no TOML"),
        (("a",), "--scope"),
    ],
)
def test_what_would_not_be_taken_is_refused(arguments: tuple[str, ...], reason: str) -> None:
    done = coalition("new", *arguments)
    assert done.exit_code == 2
    assert reason in done.output
    assert "coalition_" not in done.output


def test_a_file_that_is_wrong_says_what(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text('a = { sha256 = "x", scopes = ["operate"] }')
    done = coalition("check", str(file))
    assert done.exit_code == 1
    assert "a.sha256" in done.output


def test_the_token_that_the_command_line_sends_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COALITION_TOKEN", raising=False)
    monkeypatch.setenv("COALITION_DIRECTORY", str(tmp_path))
    assert coalition("show").exit_code == 1
    file = tmp_path / "token"
    monkeypatch.setenv("COALITION_TOKEN_FILE", str(file))
    file.write_text("a-token-of-ours\n")
    assert coalition("show").stdout == "a-token-of-ours\n"
    file.write_bytes(b"\xff")
    refused = coalition("show")
    assert refused.exit_code == 2
    assert refused.stderr == "COALITION_TOKEN_FILE: the file is not UTF-8 text\n"
