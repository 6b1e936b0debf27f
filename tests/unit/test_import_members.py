"""Members out to a file and in from one, in the domain's words."""

from __future__ import annotations

import json

import pytest

from shared.contracts.membership import (
    MemberSuspended,
)
from tests.unit.exchanged import checked, events, ids
from tests.unit.member_files import (
    MEMBERS,
    bonn,
    founded,
    imported,
)

HEADER = "coalition,name,country,kind,signed,suspended,suspension_reason"


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
    assert (found.rows, found.new, found.bad) == (10, 1, 9)
    assert [e.subject for e in events(found.outgoing)] == ["de-city-bonn"]


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("name,country,kind\nBonn,DE,city", "coalition", "missing"),
        ("coalition,name,kind,country,siged\n", "siged", "no such column"),
        ("coalition,name,name,kind\n", "name", "2 times"),
        ("", "kind", "missing"),
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
