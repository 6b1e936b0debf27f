"""`coalition events` and `coalition publish --validate-only`: contracts tried without a system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from services import manifests
from shared.contracts.schemas import example

if TYPE_CHECKING:
    from pathlib import Path

SIGNED = "coalition.membership.CitySigned.v1"


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that is not there: what only checks needs none."""
    monkeypatch.setenv("COALITION_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("COLUMNS", "200")


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(app, words, input=given)


@pytest.mark.parametrize("type_", sorted(manifests.TAKEN))
def test_the_example_of_each_type_that_is_taken_may_be_published(type_: str) -> None:
    printed = run("events", "example", type_).stdout
    assert printed.count("\n") == 1
    assert json.loads(printed)["data"] == example(type_)
    assert run("events", "validate", type_, given=printed).exit_code == 0
    checked = run("publish", "--validate-only", "-", given=printed)
    assert (checked.exit_code, checked.stdout) == (
        0,
        "1 events are good; nothing was published.\n",
    )


@pytest.mark.parametrize("type_", sorted(manifests.EVENTS.keys() - manifests.TAKEN.keys()))
def test_what_only_services_say_has_an_example_and_is_not_validated(type_: str) -> None:
    assert json.loads(run("events", "example", type_, "--data").stdout) == example(type_)
    assert run("events", "validate", type_, given="{}").exit_code == 2


def test_each_example_is_an_event_of_its_own() -> None:
    one, other = (json.loads(run("events", "example", "citysigned").stdout) for _ in range(2))
    assert one.pop("id") != other.pop("id")
    assert one == other
    assert one["source"] == "urn:my-system"


def changed(**changes: Any) -> str:
    return json.dumps({**(example(SIGNED) or {}), **changes})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (changed(signed="2004-13-01"), "signed: there is no such day"),
        (changed(signedby="Mayor"), "signedby: there is no such field; the nearest is 'signed_by'"),
        (changed(signed="x", paper=""), "paper: "),
        ("{", "the body is not JSON"),
        ('{"specversion": "1.0", "data": {}}', "missing: id, source, type"),
        (
            json.dumps(
                {"specversion": "1.0", "id": "1", "source": "urn:a", "type": "other", "data": {}}
            ),
            f"the type is 'other', not '{SIGNED}'",
        ),
    ],
)
def test_all_that_is_wrong_with_data_is_named(given: str, wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text(given)
    answer = run("events", "validate", "CitySigned", str(file))
    assert answer.exit_code == 1
    assert any(line.startswith(wrong) for line in answer.stdout.splitlines()), answer.stdout


@pytest.mark.parametrize("command", ["example", "validate", "tail"])
def test_a_misspelt_type_is_refused_with_the_nearest(command: str) -> None:
    answer = run("events", command, "CitySinged")
    assert answer.exit_code == 2
    assert "the nearest is 'CitySigned'" in answer.stdout


def test_a_file_with_one_bad_line_is_not_good() -> None:
    good = run("events", "example", "CitySigned").stdout
    answer = run("publish", "--validate-only", "-", given=good + good.replace("signed", "sined"))
    assert answer.exit_code == 1
    assert "line 2" in answer.stdout
