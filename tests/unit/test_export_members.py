"""Members out into files and back: whatever is recorded of them comes back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services import manifests
from services.membership.domain import DECIDER, Member, State
from services.membership.domain.members.way import walk
from services.membership.exchange import TABLES
from shared import cloudevents
from shared.contracts.base import MemberRef, earliest, latest
from shared.contracts.membership import (
    ApplicationDeclined,
    ApplicationDeferred,
    ApplicationDropped,
    CityDecided,
    CitySigned,
    CoalitionEvent,
    ConferenceEvent,
    ExaminationOpened,
    MemberAbsorbed,
    MemberAdmitted,
    MemberApplied,
    MemberPutOnHold,
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
from tests.unit.exchanged import checked, exported
from tests.unit.fold import Folded
from tests.unit.member_files import (
    BONN,
    CASABLANCA,
    HISTORY,
    MEMBERS,
    bonn,
    founded,
    imported,
)

DATES = st.sampled_from(["2005", "2006", "2006-08", "2006-08-15", "2009", "2012-05", "2014"])
NAMES = (
    "applied",
    "signed",
    "opened",
    "deferred",
    "declined",
    "dropped",
    "admitted",
    "on_hold",
    "suspended",
    "reinstated",
    "withdrawn",
)
KINDS = (
    MemberApplied,
    CitySigned,
    ExaminationOpened,
    ApplicationDeferred,
    ApplicationDeclined,
    ApplicationDropped,
    MemberAdmitted,
    MemberPutOnHold,
    MemberSuspended,
    MemberReinstated,
    MemberWithdrawn,
)


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


@settings(deadline=None)
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
    # `step_order` tells most of what dates do not, but not all: see docs/open-data.md.
    assume(not any(is_told_by_order(a, b) for a in steps_of(folded) for b in steps_of(folded)))
    assert_same(folded, await imported(exported(MEMBERS, folded)))


def is_told_by_order(one: Step, other: Step) -> bool:
    """Whether an application was examined before or after another step, and no date tells."""
    is_examined = one.step in {"under examination", "deferred"} and one is not other
    return (
        is_examined
        and latest(one.date) >= earliest(other.date)
        and (latest(other.date) >= earliest(one.date))
    )


async def test_where_dates_do_not_tell_which_step_came_first_a_column_does() -> None:
    about = {"coalition": "europe", "member": BONN}
    steps = (ExaminationOpened(**about, opened="2014"), MemberApplied(**about, applied="2014"))
    first, other = founded(*steps), founded(*reversed(steps))
    text = exported(MEMBERS, first)
    assert "under_examination; applied" in text
    assert [s.step for s in steps_of(await imported(text))] == ["under examination", "applied"]
    assert ";" not in exported(MEMBERS, other)
    assert (await checked(MEMBERS, first, text)).errors == []
    (error,) = (await checked(MEMBERS, other, text)).errors
    assert (error.column, "a finer one" in error.reason) == ("step_order", True)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("applied;appleid", "'appleid' is no step: the nearest is 'applied'"),
        ("applied;applied", "each step once"),
    ],
)
async def test_an_order_names_each_step_of_the_row_once(order: str, reason: str) -> None:
    text = exported(
        MEMBERS, founded(MemberApplied(coalition="europe", member=BONN, applied="2014"))
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    rows[0]["step_order"] = order
    lines = [spreadsheet.line(rows[0]), *(spreadsheet.line(row.values()) for row in rows)]
    (error,) = (await checked(MEMBERS, founded(), "".join(lines))).errors
    assert (error.column, reason in error.reason) == ("step_order", True)


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
    assert meaning.licenses
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
