"""Members out to a file and in from one, in the domain's words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services import manifests
from services.membership.domain import DECIDER, Member, State
from services.membership.domain.members.way import walk
from services.membership.exchange import TABLES
from shared import cloudevents
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionEvent,
    CoalitionFounded,
    ConferenceEvent,
    MemberAbsorbed,
    MemberAdmitted,
    MemberApplied,
    MemberReinstated,
    MemberRenamed,
    MembersMerged,
    MemberSuspended,
    MemberWithdrawn,
    PartnerJoined,
    Step,
    StepCorrected,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from shared.tabular import spreadsheet
from shared.tabular.rows import columns, dictionary
from tests.unit.exchanged import checked, events, exported, ids
from tests.unit.fold import Folded

MEMBERS = TABLES[0]
HISTORY = Path(__file__).parents[2] / "data" / "history" / "events.jsonl"
FOUNDED = CoalitionFounded(coalition="europe", name="European Coalition")
BONN = MemberRef(name="Bonn", country="DE", kind="city")
CASABLANCA = MemberRef(name="Casablanca", local_name="الدار البيضاء", country="MA", kind="city")
HEADER = "coalition,name,country,kind,signed,suspended,suspension_reason"


def founded(*more: Event) -> Folded[State]:
    folded = Folded(DECIDER)
    for event in (FOUNDED, *more):
        folded.tell(event)
    return folded


def bonn(folded: Folded[State]) -> Member:
    state = folded.states[Stream("members", "de-city-bonn")]
    assert isinstance(state, Member)
    return state


async def imported(text: str, *coalitions: Event) -> Folded[State]:
    """A system that knows no members yet, after a file."""
    fresh = Folded(DECIDER)
    for event in coalitions or (FOUNDED,):
        fresh.tell(event)
    found = await checked(MEMBERS, fresh, text)
    assert found.errors == []
    for event in events(found.outgoing):
        fresh.tell(event)
    return fresh


async def test_a_row_is_a_member_with_its_steps() -> None:
    folded = await imported(f"{HEADER}\neurope,Bonn,DE,city,2016-05,,")
    assert (bonn(folded).state, bonn(folded).steps[0].date) == ("member", "2016-05")


async def test_each_error_names_its_row_its_column_and_the_reason() -> None:
    text = """coalition,name,country,kind,signed,suspended,suspension_reason
europe,Bonn,DE,city,2016,,

europe,Köln,DE,city,01/02/2016,,
europe,Aachen,XX,town,2016,,
atlantis,Kiel,DE,city,2016,,
europe,Ulm,DE,city,2016,2017,
europe,Hof,DE,city,2016,2015,too early
europe,Bonn,DE,city,2015,,
europe,Jena,DE,city,2016,,,one too many
europe,Gera,,city,2016,,
europe,Suhl,DE,city,,,no date
"""
    found = await checked(MEMBERS, founded(), text)
    reasons = {(e.row, e.column): e.reason for e in found.errors}
    assert reasons.keys() == {
        (4, "signed"),
        (5, "country"),
        (5, "kind"),
        (6, "signed"),
        (7, "suspension_reason"),
        (8, "suspended"),
        (9, None),
        (10, None),
        (11, None),
        (12, "suspension_reason"),
    }
    assert "YYYY-MM-DD" in reasons[4, "signed"]
    assert "'atlantis' is not known" in reasons[6, "signed"]
    assert "row 2" in reasons[9, None]
    assert (found.rows, found.changed, found.bad) == (10, 1, 9)
    assert [e.subject for e in events(found.outgoing)] == ["de-city-bonn"]


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("name,country,kind\nBonn,DE,city", "coalition", "missing"),
        ("coalition,name,kind,country,siged\n", "siged", "no such column"),
        ("coalition,name,name,kind\n", "name", "twice"),
        ("", "coalition", "missing"),
        (f'{HEADER}\n"never closed', None, "no CSV from here"),
    ],
)
async def test_a_file_that_makes_no_sense_says_where(
    text: str, column: str | None, reason: str
) -> None:
    found = await checked(MEMBERS, founded(), text)
    assert found.is_broken
    assert found.errors[-1].column == column
    assert reason in found.errors[-1].reason


async def test_a_report_lists_a_thousand_errors_and_counts_all_and_where_the_file_ends() -> None:
    text = "coalition,name,kind\n" + "europe,X,town\n" * 1200 + '"never closed'
    found = await checked(MEMBERS, founded(), text)
    assert (found.bad, found.is_broken) == (1201, True)
    assert len(found.errors) == 1001
    assert "no CSV from here" in found.errors[-1].reason


async def test_a_row_that_is_bad_in_one_event_tells_none_of_it() -> None:
    text = f"{HEADER}\neurope,Hof,DE,city,2016,2015,too early"
    found = await checked(MEMBERS, founded(), text)
    assert (found.outgoing, found.bad) == ([], 1)


async def test_the_same_file_twice_changes_nothing() -> None:
    text = f"{HEADER}\neurope,Bonn,DE,city,2016,2018,no report\neurope,Köln,DE,city,2004-12,,"
    once = await checked(MEMBERS, founded(), text)
    at_once = await checked(MEMBERS, founded(), text)
    assert ids(once.outgoing) == ids(at_once.outgoing)
    later = await checked(MEMBERS, await imported(text), text)
    assert (later.outgoing, later.changed, later.errors) == ([], 0, [])


async def test_what_was_refused_once_can_be_said_again_later() -> None:
    text = f"{HEADER}\neurope,Bonn,DE,city,2016,,"
    early = await checked(MEMBERS, founded(), text)
    folded = founded()
    folded.given += 1  # the first try took a version, refused
    late = await checked(MEMBERS, folded, text)
    assert events(early.outgoing) == events(late.outgoing)
    assert ids(early.outgoing) != ids(late.outgoing)


async def test_only_what_is_new_of_a_row_is_told() -> None:
    folded = await imported(f"{HEADER}\neurope,Bonn,DE,city,2016,,")
    more = await checked(MEMBERS, folded, f"{HEADER}\neurope,Bonn,DE,city,2016,2018,no report")
    assert [type(e) for e in events(more.outgoing)] == [MemberSuspended]


async def test_json_lines_say_the_same_as_csv() -> None:
    rows = [
        {"coalition": "europe", "name": "Bonn", "country": "DE", "kind": "city", "signed": "2016"},
        {"coalition": "europe", "name": "Hof", "country": "DE", "kind": "city", "siged": "2016"},
    ]
    text = "\n".join([*map(json.dumps, rows), "[]", "no json"])
    found = await checked(MEMBERS, founded(), text, "jsonl")
    assert [e.subject for e in events(found.outgoing)] == ["de-city-bonn"]
    assert [(e.row, e.column) for e in found.errors] == [(2, "siged"), (3, None), (4, None)]


def steps(member: Member) -> list[str]:
    return sorted(step.model_dump_json() for step in member.steps)


def assert_same(before: Folded[State], after: Folded[State]) -> None:
    """All but what is about the record itself: corrections, and who was a duplicate."""
    kept = {"name", "local_name", "names", "called", "partners", "latitude", "longitude", "website"}
    for stream, state in before.states.items():
        if isinstance(state, Member) and state.state not in {"merged", "none"}:
            again = after.states[stream]
            assert isinstance(again, Member)
            assert (again.state, steps(again)) == (state.state, steps(state))
            assert again.model_dump(include=kept) == state.model_dump(include=kept)


async def test_the_real_history_comes_back_from_its_export() -> None:
    folded, coalitions = Folded(DECIDER), []
    for envelope in cloudevents.structured(HISTORY.read_bytes().splitlines()):
        if ".membership." in envelope.type:
            event = cloudevents.parse(envelope, manifests.EVENTS)
            about = (CoalitionEvent, ConferenceEvent)
            coalitions += [e for e in folded.tell(event) if isinstance(e, about)]
    text = exported(MEMBERS, folded)
    assert text.count("\n") > 30
    assert_same(folded, await imported(text, *coalitions))
    again = await checked(MEMBERS, folded, text)
    assert (again.changed, again.errors) == (0, [])


async def test_all_that_is_known_of_a_member_comes_back_from_its_export() -> None:
    about = {"coalition": "europe", "member": CASABLANCA}
    folded = founded(
        MemberApplied(**about, applied="2005"),
        CitySigned(**about, signed="2006-08", signed_by="=cmd()", document="https://a.example/b"),
        MemberSuspended(**about, suspended="2008", reason="no report"),
        MemberReinstated(**about, reinstated="2009"),
        MemberSuspended(**about, suspended="2010-02", reason="again"),
        MemberWithdrawn(**about, withdrawn="2011", reason="the budget"),
        CityDecided(
            **about,
            decided="2005-05",
            body="council",
            vote={"in_favour": 9, "against": 1},
            source={"title": "Minutes", "date": "2005"},
        ),
        MemberAdmitted(**about, admitted="2015"),
        MemberRenamed(**about, renamed="2012", name="Grand Casablanca", names={"ar": "كازا"}),
        PartnerJoined(**about, organisation="ممثلون", joined="2007", role="advice"),
    )
    text = exported(MEMBERS, folded)
    assert "'=cmd()" in text
    fresh = await imported(text)
    assert_same(folded, fresh)
    assert exported(MEMBERS, fresh) == text


async def test_one_that_left_and_came_back_in_the_same_year_comes_back_a_member() -> None:
    about = {"coalition": "europe", "member": BONN}
    folded = founded(
        CitySigned(**about, signed="2006"),
        MemberWithdrawn(**about, withdrawn="2008"),
        MemberAdmitted(**about, admitted="2008"),
    )
    assert bonn(folded).state == "member"
    assert_same(folded, await imported(exported(MEMBERS, folded)))


async def test_duplicates_are_not_exported_and_mended_records_say_nothing_new() -> None:
    double = MemberRef(name="Bonn am Rhein", country="DE", kind="city")
    one, other = ({"coalition": "europe", "member": member} for member in (BONN, double))
    folded = founded(
        CitySigned(**one, signed="2016"),
        CitySigned(**other, signed="2016-03"),
        MembersMerged(**one, merged=double, reason="one city"),
        MemberAbsorbed(**other, into=BONN, reason="one city"),
        StepCorrected(**one, step="signed", recorded="2016-03", correct="2017", reason="misread"),
    )
    text = exported(MEMBERS, folded)
    assert "Rhein" not in text
    again = await checked(MEMBERS, folded, text)
    assert (again.rows, again.changed, again.errors) == (1, 0, [])


DATES = st.sampled_from(["2005", "2006", "2006-08", "2006-08-15", "2009", "2012-05", "2014"])
NAMES = ("applied", "signed", "admitted", "suspended", "reinstated", "withdrawn")
KINDS = (
    MemberApplied,
    CitySigned,
    MemberAdmitted,
    MemberSuspended,
    MemberReinstated,
    MemberWithdrawn,
)


@given(st.lists(st.tuples(st.integers(0, len(NAMES) - 1), DATES), max_size=12))
async def test_whatever_a_members_way_it_comes_back(way: list[tuple[int, str]]) -> None:
    folded = founded()
    for which, date in way:
        data = {"coalition": "europe", "member": BONN, "reason": "r", NAMES[which]: date}
        try:
            folded.tell(KINDS[which].model_validate(data))
        except Refused:
            continue
    # What waits for a step that is missing cannot come before it.
    assume(not any(m.before == m.after for m in walk(steps_of(folded), ())))
    assert_same(folded, await imported(exported(MEMBERS, folded)))


def steps_of(folded: Folded[State]) -> tuple[Step, ...]:
    state = folded.states.get(Stream("members", "de-city-bonn"))
    return state.steps if isinstance(state, Member) else ()


def test_the_dictionary_says_what_each_column_means() -> None:
    meaning = dictionary(MEMBERS, "CC0-1.0")
    fields = {field.name: field for field in meaning.fields}
    assert list(fields) == list(columns(MEMBERS.row))
    assert all(field.description for field in meaning.fields)
    assert fields["name"].constraints.required
    assert "association" in (fields["kind"].constraints.enum or ())
    assert fields["latitude"].constraints.maximum == 90
    assert (fields["state"].read_only, fields["signed"].read_only) == (True, False)
    assert meaning.licenses[0].path == "https://spdx.org/licenses/CC0-1.0"


def test_every_table_has_a_meaning_for_every_column() -> None:
    for table in TABLES:
        assert all(field.description for field in dictionary(table, "CC0-1.0").fields)


async def test_right_to_left_names_are_kept_letter_by_letter() -> None:
    text = spreadsheet.line(["coalition", "name", "local_name", "country", "kind", "signed"])
    text += spreadsheet.line(["europe", "Casablanca", CASABLANCA.local_name, "MA", "city", "2008"])
    folded = await imported(text)
    state = folded.states[Stream("members", CASABLANCA.key)]
    assert isinstance(state, Member)
    assert state.local_name == "الدار البيضاء"
