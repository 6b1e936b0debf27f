"""Everything that can be recorded can be said by options, without JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic_core import to_json
from typer.testing import CliRunner

from cli.contracts.generate import GOLDEN
from cli.main import app
from cli.saying.asking import completed
from cli.saying.events import BY_NAME, named
from cli.saying.fields import Field
from cli.saying.options import Unclear, data_of
from services import manifests
from services.notifications.subscription import NewSubscription
from shared.contracts import strict
from shared.contracts.strict import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterator

TAKEN = sorted(manifests.TAKEN)
OWN_OPTIONS = {"fields", "dry_run", "kafka", "id", "json", "help"}


def as_options(data: Any, name: str = "") -> Iterator[str]:
    """The options that say some data."""
    match data:
        case dict():
            for field, value in data.items():
                yield from as_options(value, f"{name}.{field}" if name else field)
        case list() if data and isinstance(data[0], dict):
            for number, item in enumerate(data, 1):
                yield from as_options(item, f"{name}.{number}")
        case list():
            for item in data:
                yield from as_options(item, name)
        case bool():
            yield from (f"--{name}", "yes" if data else "no")
        case _:
            yield from (f"--{name}", str(data))


def said(event: str, *words: str) -> dict[str, Any]:
    return data_of(Field.of(BY_NAME[event]), words, event)


@pytest.mark.parametrize("type_", TAKEN)
def test_each_event_can_be_said_by_options_alone(type_: str) -> None:
    model = manifests.TAKEN[type_]
    example = json.loads((GOLDEN / f"{type_}.json").read_text())
    data = data_of(Field.of(model), list(as_options(example)), model.__name__)
    assert strict.read_json(model, to_json(data)) == strict.read_json(model, to_json(example))


@pytest.mark.parametrize("type_", TAKEN)
def test_no_field_of_an_event_has_the_name_of_an_option_of_the_command(type_: str) -> None:
    assert OWN_OPTIONS.isdisjoint(manifests.TAKEN[type_].model_fields)


@pytest.mark.parametrize("type_", TAKEN)
def test_each_field_that_is_listed_leads_to_its_place(type_: str) -> None:
    contract = Field.of(manifests.TAKEN[type_])
    for name, field, _ in contract.names():
        for written in (name, name.replace(".", "-").replace("_", "-")):
            path = contract.place(written)
            assert path is not None
            assert contract.at(path).meaning == field.meaning


def test_dots_hyphens_and_underscores_name_the_same_field() -> None:
    wanted = {"member": {"local_name": "Nürnberg"}}
    for option in ("member.local_name", "member-local-name", "member.local-name"):
        assert said("CitySigned", f"--{option}", "Nürnberg") == wanted


def test_one_word_names_whom_it_is_the_id_of() -> None:
    assert said("CitySigned", "--member", "de-city-bonn") == {"member": {"id": "de-city-bonn"}}
    assert said("CitySigned", "--source", "A book") == {"source": {"title": "A book"}}


def test_a_field_again_begins_the_next_of_a_list() -> None:
    words = "--members.name Bonn --members.country DE --members.name Ulm --members fr-city-lyon"
    assert said("ConferenceAttended", *words.split()) == {
        "members": [{"name": "Bonn", "country": "DE"}, {"name": "Ulm"}, {"id": "fr-city-lyon"}]
    }


def test_an_option_of_yes_or_no_needs_no_value() -> None:
    assert said("StatutesAdopted", "--suspend-when-report-overdue", "--adopted=2006") == {
        "suspend_when_report_overdue": True,
        "adopted": "2006",
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("--signd 2006", "CitySigned has no field 'signd'; the nearest is 'signed'"),
        ("--member.nam Bonn", "CitySigned has no field 'member.nam'; the nearest is 'member.name'"),
        ("--signed", "CitySigned: --signed has no value"),
        ("2006", "'2006' belongs to no field: fields are given as --field value"),
        ("--also-claimed x", "--also_claimed has parts: --also_claimed.field"),
    ],
)
def test_what_is_no_field_is_refused_with_the_nearest(words: str, reason: str) -> None:
    with pytest.raises(Unclear) as refused:
        said("CitySigned", *words.split())
    assert reason in str(refused.value)


def test_an_event_is_found_however_its_letters_are_written() -> None:
    assert named("citysigned") is named("coalition.membership.CitySigned.v1")
    with pytest.raises(Unclear, match="the nearest is 'CitySigned'"):
        named("CitySinged")


class Person:
    """Answers what is asked for, and notes the questions."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def __call__(self, question: str) -> str:
        self.questions.append(question)
        return self.answers.pop(0)


def test_a_person_is_asked_for_what_is_missing_and_for_what_is_wrong_again() -> None:
    model = BY_NAME["CitySigned"]
    person = Person("eccar", "", "Bonn", "DE", "city", "soon", "2006-08")
    data = completed(model, Field.of(model), {}, person)
    assert data == {
        "coalition": "eccar",
        "member": {"name": "Bonn", "country": "DE", "kind": "city"},
        "signed": "2006-08",
    }
    assert person.questions[1].startswith("member.id")
    assert "YYYY-MM-DD" in person.questions[5]
    assert "a date is YYYY, YYYY-MM or YYYY-MM-DD" in person.questions[6]


def test_a_person_gives_a_list_line_by_line() -> None:
    model = BY_NAME["CommitmentsChosen"]
    given = {"member": {"id": "de-city-bonn"}, "as_of": "2020", "points": [0]}
    person = Person("3", "7", "")
    assert completed(model, Field.of(model), given, person)["points"] == [3, 7]


def test_without_a_person_the_contract_says_what_is_missing() -> None:
    model = BY_NAME["CitySigned"]
    with pytest.raises(Unfit, match="coalition: it is missing; member: it is missing; signed"):
        completed(model, Field.of(model), {}, None)


def test_a_subscription_is_said_like_an_event() -> None:
    who = "--name Ada --address ada@example.org --role observer"
    words = f"{who} --coalitions eccar --coalitions asia"
    data = data_of(Field.of(NewSubscription), words.split(), "Subscription")
    assert completed(NewSubscription, Field.of(NewSubscription), data, None) == {
        "name": "Ada",
        "address": "ada@example.org",
        "role": "observer",
        "coalitions": ["eccar", "asia"],
    }


def test_the_command_lists_events_and_their_fields_and_ends_a_mistake_in_one_line() -> None:
    runner = CliRunner(env={"COLUMNS": "120"})
    assert "CitySigned" in runner.invoke(app, ["say"]).stdout
    assert "--member.name" in runner.invoke(app, ["say", "CitySigned", "--fields"]).stdout
    assert "--address" in runner.invoke(app, ["subscribe", "--fields"]).stdout
    wrong = runner.invoke(app, ["say", "CitySigned", "--signd", "2006"])
    assert (wrong.exit_code, wrong.stdout.count("\n")) == (2, 1)
    assert "the nearest is 'signed'" in wrong.stdout
