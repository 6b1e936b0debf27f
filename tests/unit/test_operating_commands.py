"""What an operator asks of a service stands in groups, as over HTTP; who gives up is asked."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli import confirming, operating
from cli.main import app

COMMANDS = [
    ("consumer", "resume"),
    ("consumer", "reread"),
    ("consumer", "skip-unread"),
    ("snapshots", "rebuild"),
    ("journal", "republish"),
]


@pytest.mark.parametrize(("group", "command"), COMMANDS)
def test_a_command_is_there_and_asks_for_a_service_that_there_is(group: str, command: str) -> None:
    more = ["--yes"] if command == "skip-unread" else []
    refused = CliRunner().invoke(app, [group, command, "nobody", *more])
    assert refused.exit_code == 2
    assert "one of membership, plans, notifications" in refused.output


def test_nothing_is_given_up_before_the_operator_says_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    async def offsets(service: str, how: str) -> dict[str, int]:
        asked.append((service, how))
        return {"inbox/0": 7}

    monkeypatch.setattr(operating, "_offsets", offsets)
    unattended = CliRunner().invoke(app, ["consumer", "skip-unread", "plans"])
    assert (unattended.exit_code, "give --yes" in unattended.output) == (2, True)
    monkeypatch.setattr(confirming, "is_somebody_there", lambda: True)
    command = ["consumer", "skip-unread", "plans"]
    assert CliRunner().invoke(app, command, input="n\n").exit_code == 1
    assert not asked
    said = CliRunner().invoke(app, command, input="y\n").output
    assert "inbox/0 from 7" in said
    assert CliRunner().invoke(app, [*command, "--yes"]).exit_code == 0
    assert asked == [("plans", "skip-unread")] * 2
