"""What was journaled is readable for ever: whatever is tightened, and by whatever version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from cli.contracts.generate import GOLDEN
from services import manifests
from shared.contracts import lenient
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.outbound import published_event
from shared.pipeline.tolerant import folded
from shared.web.outcomes import EventOutcome
from tests.unit.domains import decider_of
from tests.unit.filled import Filling
from tests.unit.fold import NOW
from tests.unit.histories import histories

if TYPE_CHECKING:
    from shared.contracts.base import Event

UNKNOWN = "coalition.membership.CityTwinned.v2"


def stored(type_: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A document of the journal as another version may have written it."""
    published = {"id": "1-0", "type": type_, "data": json.dumps(data, ensure_ascii=False), **more}
    return {
        "_id": "urn:test\n1",
        "stream": "members/de-city-bonn",
        "version": 3,
        "outcome": "accepted",
        "type": type_,
        "recorded": NOW,
        "digest": "d",
        "origin": "coalition.membership.inbox.v1/0/7",
        "events": [published],
    }


def only(document: dict[str, Any]) -> Event:
    [event] = Entry.of(document).typed_events()
    return event


# --- beyond the bounds ------------------------------


@pytest.mark.parametrize("type_", sorted(manifests.EVENTS))
def test_an_event_beyond_all_bounds_is_read_back_from_the_journal(type_: str) -> None:
    model = manifests.EVENTS[type_]
    data = Filling(most=20, beyond=True).fill(model)
    with pytest.raises(ValidationError):
        model.model_validate_json(json.dumps(data))
    event = only(stored(type_, {**data, "of_another_version": 1}))
    assert type(event) is model
    read_back = json.loads(event.model_dump_json(exclude_none=True))
    assert {name for name in data if read_back[name] != data[name]} == set()
    assert event.subject


@pytest.mark.parametrize("type_", sorted(manifests.EVENTS))
def test_an_ordinary_event_is_read_as_its_contract_reads_it(type_: str) -> None:
    data = json.loads((GOLDEN / f"{type_}.json").read_text())
    assert only(stored(type_, data)) == manifests.EVENTS[type_].model_validate(data)


def test_reading_history_still_completes_what_a_contract_completes() -> None:
    member = {"name": "Nuremberg", "local_name": "Nürnberg", "country": "DE", "kind": "city"}
    ref = lenient.read_json(MemberRef, json.dumps(member).encode())
    assert ref.key == "de-city-nurnberg"


@pytest.mark.parametrize("data", [{}, {"coalition": 1}, [], "text"], ids=str)
def test_what_is_no_event_of_its_type_is_still_an_error(data: Any) -> None:
    with pytest.raises(ValidationError):
        lenient.read_json(CitySigned, json.dumps(data).encode())


def test_incoming_events_keep_their_bounds() -> None:
    for model in manifests.EVENTS.values():
        lenient.validator(model)
        data = Filling(most=2, beyond=True).fill(model)
        with pytest.raises(ValidationError):
            model.model_validate_json(json.dumps(data))


@pytest.mark.parametrize("service", ["membership", "notifications", "plans"])  # whose the demo is
def test_a_history_beyond_all_bounds_is_folded_kept_and_read_back(service: str) -> None:
    history, decider = histories()[service], decider_of(service)
    assert history.published
    for stream, events in history.published.items():
        held = Versioned[Any]()
        for event in events:
            document = stored(event.type, Filling(beyond=True).stretch(event), subject="x")
            document |= {"stream": stream, "version": held.version + 1}
            held = folded(decider, held, Entry.of(document))
        assert not held.unreadable
        if (state := held.state) is not None:
            snapshot = state.model_dump(mode="json", exclude_defaults=True)
            assert type(state).model_validate(snapshot) == state


# --- other versions ------------------------------


def test_an_unknown_type_is_kept_published_again_and_shown_as_it_is() -> None:
    data = {"twin": "Bonn", "since": "2030"}
    entry = Entry.of(stored(UNKNOWN, data, subject="de-city-bonn-and-oxford"))
    assert not list(entry.typed_events())
    sent = published_event("membership", entry, entry.events[0])
    headers = dict(sent.headers)
    assert (headers["ce_type"], sent.key) == (UNKNOWN.encode(), b"de-city-bonn-and-oxford")
    assert headers["ce_id"] == b"1-0"
    assert json.loads(sent.value or b"") == data
    [shown] = EventOutcome.of(entry).published
    assert (shown.type, shown.subject, shown.data) == (UNKNOWN, "de-city-bonn-and-oxford", data)
    assert Entry.of(entry.document()) == entry


def test_a_subject_is_kept_where_it_is_not_the_id_of_the_stream() -> None:
    event = CitySigned(coalition="europe", member=MemberRef(id="de-city-bonn"), signed="2006")
    for stream in (Stream("members", "de-city-bonn"), Stream("notifications", "abc")):
        entry = Entry(
            Key("urn:test", "1"),
            stream,
            1,
            Outcome.ACCEPTED,
            NOW,
            "d",
            Origin("t", 0, 0),
            events=(Published.of("1-0", event),),
        )
        assert Entry.of(entry.document()) == entry
        assert Entry.of(entry.document()).events[0].subject == "de-city-bonn"


def test_fields_of_a_later_version_are_passed_over() -> None:
    document = stored(UNKNOWN, {}, lang="en") | {"checked_by": "a later version"}
    assert not Entry.of(document).unreadable


@pytest.mark.parametrize(
    "damage",
    [
        {"outcome": "postponed"},
        {"origin": "nowhere"},
        {"origin": None},
        {"events": None},
        {"events": [{}]},
        {"events": [{"id": "1", "type": "t", "data": None}]},
        {"_id": "one line"},
        {"about": 7},
        {"version": "three"},
    ],
    ids=str,
)
def test_a_damaged_entry_says_so_and_still_where_it_belongs(damage: dict[str, Any]) -> None:
    entry = Entry.of(stored(UNKNOWN, {}) | damage)
    assert entry.unreadable
    assert entry.stream == "members/de-city-bonn"
    assert EventOutcome.of(entry).reason
    if "_id" not in damage:
        assert entry.key == Key("urn:test", "1")
    if "version" not in damage:
        assert entry.version == 3
