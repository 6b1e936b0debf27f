"""Tokens of a file: what each may do, kept as digests, and each thing that is refused."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

import pytest
import structlog

from services import manifests
from shared.access import tokens
from shared.access.callers import OPERATOR, Callers
from shared.access.scopes import Scope
from shared.access.tokens import TokenFile, Tokens
from shared.environment import WrongSettings

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "0" * 64


def write(path: Path, *lines: str) -> Path:
    file = path / "tokens.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


def line(name: str, token: str, *scopes: str, more: str = "") -> str:
    named = ", ".join(f'"{scope}"' for scope in scopes)
    return f'{name} = {{ sha256 = "{tokens.digest_of(token)}", scopes = [{named}]{more} }}'


def test_several_tokens_count_at_once_each_with_its_scopes(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "# one for each",
        line("reader", "token-1", "people:read"),
        line("berlin-2026", "token-2", "publish:berlin"),
        line("berlin-2027", "token-3", "publish:berlin"),
        line("ops", "token-4", "operate", "publish"),
    )
    found = Tokens.load(file)
    reader = found.find("token-1", "plans")
    assert reader
    assert (reader.name, reader.scopes) == ("reader", frozenset({Scope.READ_PEOPLE}))
    for token in ("token-2", "token-3"):
        berlin = found.find(token, "plans")
        assert berlin
        assert (berlin.scopes, berlin.publishers) == (
            frozenset({Scope.PUBLISH}),
            frozenset({"berlin"}),
        )
    ops = found.find("token-4", "plans")
    assert ops
    assert (ops.scopes, ops.publishers) == (frozenset({Scope.OPERATE, Scope.PUBLISH}), None)
    assert found.find("token-5", "plans") is None
    assert "token-1" not in file.read_text()


def test_a_token_of_other_services_may_do_nothing_here(tmp_path: Path) -> None:
    found = Tokens.load(
        write(tmp_path, line("a", "token", "operate", more=', services = ["plans"]'))
    )
    here, elsewhere = found.find("token", "plans"), found.find("token", "membership")
    assert here
    assert elsewhere
    assert (here.scopes, elsewhere.scopes) == (frozenset({Scope.OPERATE}), frozenset())


def test_a_token_ends_with_its_last_day(tmp_path: Path) -> None:
    found = Tokens.load(
        write(
            tmp_path,
            line("old", "token-1", "operate", more=", until = 2020-01-01"),
            line("new", "token-2", "operate", more=", until = 9999-01-01"),
        )
    )
    assert found.find("token-1", "plans") is None
    assert found.find("token-2", "plans") is not None


def test_every_digest_is_compared_and_in_constant_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Tokens.load(
        write(tmp_path, *(line(f"t{n}", f"token-{n}", "operate") for n in range(9)))
    )
    compared = list[str]()

    def compare(one: str, other: str) -> bool:
        compared.append(one)
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert found.find("token-0", "plans") is not None
    assert len(compared) == 9


def test_a_file_is_read_again_when_it_changes_and_kept_when_it_breaks(tmp_path: Path) -> None:
    file = write(tmp_path, line("a", "token-1", "operate"))
    kept = TokenFile(file)
    with structlog.testing.capture_logs() as logs:
        for content, works in (
            ([line("a", "token-1", "operate"), line("b", "token-2", "operate")], True),
            (["broken"], True),
            ([line("a", "token-1", "operate")], False),
        ):
            new = tmp_path / "new"
            new.write_text("\n".join(content))
            new.replace(file)
            assert (kept.tokens.find("token-2", "plans") is not None) is works
            assert kept.tokens.find("token-1", "plans") is not None
        file.unlink()
        assert kept.tokens.find("token-1", "plans") is not None
    assert [one["event"] for one in logs] == [
        "tokens_read",
        "tokens_not_read",
        "tokens_read",
        "tokens_not_read",
    ]
    assert "token-2" not in str(logs)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f'a = {{ sha265 = "{DIGEST}", scopes = ["operate"] }}',
            "a.sha265: no such key; the nearest is 'sha256'",
        ),
        (
            f'a = {{ sha256 = "{DIGEST}", scopes = ["operat"] }}',
            "'operat' is no scope; the nearest is 'operate'",
        ),
        (
            f'a = {{ sha256 = "{DIGEST}", scopes = ["people:red"] }}',
            "'people:red' is no scope; the nearest is 'people:read'",
        ),
        (
            f'a = {{ sha256 = "{DIGEST}", scopes = ["publsh:berlin"] }}',
            "'publsh:berlin' is no scope; publish:berlin is one",
        ),
        (f'a = {{ sha256 = "{DIGEST}", scopes = ["xyz"] }}', "there are publish, people:read"),
        (f'a = {{ sha256 = "{DIGEST}", scopes = [] }}', "at least 1"),
        (f'a = {{ sha256 = "{DIGEST}" }}', "a.scopes: Field required"),
        ('a = { sha256 = "my-password", scopes = ["operate"] }', "a.sha256"),
        (f'A_b = {{ sha256 = "{DIGEST}", scopes = ["operate"] }}', "A_b"),
        (f'a = {{ sha256 = "{DIGEST}", scopes = ["operate"], until = "soon" }}', "a.until"),
        (
            "\n".join(f'{n} = {{ sha256 = "{DIGEST}", scopes = ["operate"] }}' for n in "ab"),
            "a and b are the same token",
        ),
        ("a = ", "is no TOML"),
        ("x" * (tokens.MAX_BYTES + 1), "more than"),
    ],
)
def test_what_is_wrong_in_a_file_is_refused_with_the_nearest(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(ValueError, match="(?s)" + reason.replace(".", r"\.")) as refused:
        Tokens.load(write(tmp_path, text))
    assert "my-password" not in str(refused.value)


@pytest.mark.parametrize(
    ("scope", "more", "reason"),
    [
        (
            "operate",
            ', services = ["plan"]',
            "a: 'plan' is no service; the nearest is 'plans'",
        ),
        ("publish:berlim", "", "a: 'berlim' is no publisher; the nearest is 'berlin'"),
    ],
)
def test_a_service_or_publisher_that_is_none_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: str, more: str, reason: str
) -> None:
    publishers = tmp_path / "publishers.toml"
    publishers.write_text(
        '[[publisher]]\nname = "berlin"\nsources = ["urn:b"]\ncoalitions = ["*"]\n'
        'types = ["coalition.membership.CitySigned.v1"]\n'
    )
    for name in list(os.environ):
        if name.startswith("COALITION_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COALITION_PUBLISHERS_FILE", str(publishers))
    monkeypatch.setenv(
        "COALITION_TOKENS_FILE", str(write(tmp_path, line("a", "token", scope, more=more)))
    )
    with pytest.raises(WrongSettings) as refused:
        manifests.settings_of("plans")
    assert str(refused.value) == f"COALITION_TOKENS_FILE: {reason}"


async def test_the_operators_one_token_may_do_everything_beside_a_file(tmp_path: Path) -> None:
    file = TokenFile(write(tmp_path, line("a", "token-1", "operate")))
    callers = Callers("plans", token="the-operators", file=file)
    assert await callers.find("the-operators") is OPERATOR
    assert set(Scope) == OPERATOR.scopes
    found = await callers.find("token-1")
    assert found
    assert found.name == "a"
    assert await callers.find("") is None
    assert await callers.find("x" * 100_000) is None
    assert await callers.find("ünknown") is None


def test_a_new_token_is_long_and_never_the_same() -> None:
    made = {tokens.new() for _ in range(100)}
    assert len(made) == 100
    assert all(len(token) >= 50 and token.startswith("coalition_") for token in made)
