"""What an inbox does not know is refused with the nearest that it does, and never dropped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import ValidationError

from cli.client import NotTaken, check
from cli.contracts.generate import GOLDEN
from services import manifests
from services.membership.domain import DECIDER
from services.notifications.domain import NOT_NOTIFIED
from services.notifications.subscription import NewSubscription
from shared import cloudevents
from shared.cloudevents import Envelope
from shared.context_attributes import Unreadable
from shared.contracts.catalogue import events, inbox
from shared.contracts.notifications import Detail
from shared.pipeline.inbound import Source, read

TAKEN = sorted(manifests.TAKEN)


def golden(type_: str) -> Any:
    return json.loads((GOLDEN / f"{type_}.json").read_text())


def taken(type_: str, data: Any) -> Any:
    envelope = Envelope("urn:test", "1", type_, json.dumps(data).encode())
    return cloudevents.parse(envelope, manifests.TAKEN, to_record=True)


def objects(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in JSON there are objects of named fields."""
    found = [path] if isinstance(data, dict) else []
    inner = list(data.items()) if isinstance(data, dict) else []
    inner += enumerate(data) if isinstance(data, list) else []
    for key, value in inner:
        found += objects(value, (*path, key))
    return found


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


@pytest.mark.parametrize("type_", TAKEN)
def test_a_field_that_no_contract_has_is_refused_wherever_it_stands(type_: str) -> None:
    example = golden(type_)
    assert taken(type_, example)
    for path in objects(example):
        if path and path[-1] in {"names", "titles", "texts"}:
            continue  # by language: what is no tag is refused by the contract itself
        data = json.loads(json.dumps(example))
        at(data, path)["quite_another"] = 1
        with pytest.raises(Unreadable, match="quite_another: there is no such field"):
            taken(type_, data)


@pytest.mark.parametrize("type_", TAKEN)
def test_a_publishers_own_names_are_passed_over_wherever_they_stand(type_: str) -> None:
    example = golden(type_)
    data = json.loads(json.dumps(example))
    for path in objects(example):
        if not (path and path[-1] in {"names", "titles"}):
            at(data, path)["x-of-our-own"] = {"x": 1}
    assert taken(type_, data) == taken(type_, example)


LOST = [
    ("membership.MemberAdmitted", {"ballot": "unanimous"}, "ballot"),
    ("plans.CommitmentUpdated", {"percentage": 40}, "nearest is 'percent'"),
    ("membership.StepCorrected", {"step": "signd"}, "nearest is 'signed'"),
    ("plans.CommitmentsChosen", {"untill": "2030"}, "nearest is 'until'"),
    ("membership.CitySigned", {"signed_bye": "Mayor"}, "nearest is 'signed_by'"),
    ("membership.CitySigned", {"member": {"nmae": "Bonn", "id": "x"}}, "nearest is 'name'"),
]


@pytest.mark.parametrize(("name", "more", "said"), LOST)
def test_the_nearest_field_is_named(name: str, more: dict[str, Any], said: str) -> None:
    type_ = f"coalition.{name}.v1"
    with pytest.raises(Unreadable, match=said):
        taken(type_, {**golden(type_), **more})


def test_a_type_that_is_not_taken_is_refused_with_the_nearest() -> None:
    with pytest.raises(Unreadable, match=r"nearest is 'coalition\.membership\.CitySigned\.v1'"):
        taken("coalition.membership.CitySinged.v1", {})


@dataclass(slots=True)
class Arrived:
    topic: str
    headers: Any
    value: bytes
    partition: int = 0
    offset: int = 0


@pytest.mark.parametrize("own", [True, False])
def test_an_inbox_is_strict_and_another_services_events_are_not(*, own: bool) -> None:
    type_, manifest = "coalition.membership.CitySigned.v1", manifests.MANIFESTS["membership"]
    topic = inbox("membership") if own else events("membership")
    source = Source(topic, manifest.inbox, own=own)
    data = {**golden(type_), "of_a_newer_version": 1}
    headers = cloudevents.binary_headers(source="urn:test", id_="1", type_=type_)
    arrived: Any = Arrived(topic, headers, json.dumps(data).encode())
    message = read(arrived, source, DECIDER)
    assert message
    assert (message.event is None) == own


# --- the command line ------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"ballot": "unanimous"}, "ballot: there is no such field"),
        ({"admitted": "26 March 2019"}, "admitted: a date is"),
        ({"member": {"name": "Bonn", "kind": "city"}}, "country"),
    ],
)
def test_a_file_is_checked_whole_before_any_of_it_is_published(
    data: dict[str, Any], said: str
) -> None:
    good = {"specversion": "1.0", "id": "1", "source": "urn:x", "data": {}}
    good |= {"type": "coalition.membership.MemberAdmitted.v1"}
    good["data"] = golden(str(good["type"]))
    bad = {**good, "id": "2", "data": {**golden(str(good["type"])), **data}}
    lines = [json.dumps(one).encode() for one in (good, bad)]
    assert len(check(lines[:1])) == 1
    with pytest.raises(NotTaken, match=f"line 2: .*{said}"):
        check(lines)


# --- lists and wishes ------------------------------


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        ("coalition.plans.CommitmentsChosen.v1", "points"),
        ("coalition.plans.PracticeShared.v1", "points"),
        ("coalition.plans.CommitmentUpdated.v1", "evidence"),
        ("coalition.plans.ActionRecorded.v1", "partners"),
        ("coalition.plans.PlanPublished.v1", "commitments"),
        ("coalition.membership.ConferenceAttended.v1", "members"),
        ("coalition.membership.ConferenceAttended.v1", "organisations"),
    ],
)
def test_what_stands_in_a_list_twice_is_refused(type_: str, field: str) -> None:
    data = golden(type_)
    data[field] = [*data[field][:-1], data[field][0], data[field][0]][-10:]
    with pytest.raises(Unreadable, match=f"{field}: what stands at place"):
        taken(type_, data)


PERSON = {"name": "Officer", "address": "officer@coalition.example", "role": "observer"}


def wish(**rule: Any) -> dict[str, Any]:
    return {"rules": [{**rule, "how": "at once"}]}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"cities": ["de-city-bonn"]}, "cities"),
        (wish(kinds=["CitySinged"]), "'CitySigned'"),
        (wish(kinds=[next(iter(NOT_NOTIFIED)).__name__]), "nobody is notified"),
        (wish(kinds=["CitySigned", "CitySigned"]), "stands there before"),
        ({"rules": [{"how": "daily"}, {"how": "daily"}]}, "stands there before"),
        ({"zone": "Africa/Dakkar"}, "'Africa/Dakar'"),
        ({"quiet_hours": {"start": "22:00", "end": "22:00"}}, "are none"),
        ({"coalitions": ["europe", "europe"]}, "stands there before"),
    ],
)
def test_a_wish_that_could_not_be_met_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        NewSubscription.model_validate({**PERSON, **more})


def test_what_we_compose_may_say_that_there_is_none() -> None:
    assert Detail(label="State", text="none").text == "none"
