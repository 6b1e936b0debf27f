"""An exported sheet in which a cell was edited: no edit is taken for what is known already."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from services.membership.doubles import compared
from services.membership.exchange import TABLES
from services.membership.member_rows import MemberRow
from services.plans.commitment_rows import CommitmentRow
from services.plans.exchange import TABLES as OF_PLANS
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    ApplicationDeferred,
    CityDecided,
    CitySigned,
    CoalitionFounded,
    ConditionMet,
    ExaminationOpened,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberDescribed,
    MemberPutOnHold,
    MemberReinstated,
    MemberRenamed,
    MemberSuspended,
    MemberWithdrawn,
    PartnerJoined,
    PopulationCounted,
)
from shared.tabular import spreadsheet
from shared.tabular.rows import columns
from tests.unit.exchanged import checked, events, exported
from tests.unit.fold import Folded
from tests.unit.membership_facts import founded
from tests.unit.plans_facts import basis, opened, update

if TYPE_CHECKING:
    from services.membership.domain import State
    from shared.tabular.report import Checked

MEMBERS, COMMITMENTS = TABLES[0], OF_PLANS[0]
FEZ = MemberRef(name="Fez", local_name="Fès", country="MA", kind="city")
EVENT, ERROR = "event", "error"
OF_MEMBERS: dict[str, tuple[str, str]] = {
    "id": ("ma-city-other", EVENT),
    "coalition": ("africa", ERROR),
    "name": ("Feez", ERROR),
    "local_name": ("Fas", ERROR),
    "names": ('{"de": "Fès"}', EVENT),
    "country": ("DZ", ERROR),
    "kind": ("municipality", ERROR),
    "qualifier": ("Q1", EVENT),
    "state": ("suspended", ERROR),
    "applied": ("2001", ERROR),
    "application_paper": ("Statement of Intent", EVENT),
    "application_document": ("https://b.example/declaration", EVENT),
    "decided": ("2002", ERROR),
    "decision_body": ("executive", EVENT),
    "decision_vote": ('{"unanimous": true}', EVENT),
    "decision_document": ("https://b.example/decision", EVENT),
    "decision_condition": ("subject to the vote", EVENT),
    "condition_met": ("2002", ERROR),
    "signed": ("2002", ERROR),
    "signed_by": ("Deputy Mayor", EVENT),
    "signature_paper": ("Declaration", EVENT),
    "signature_document": ("https://b.example/signature", EVENT),
    "acceded": ("2002", ERROR),
    "accession_paper": ("Accession form", EVENT),
    "accession_document": ("https://b.example/act", EVENT),
    "under_examination": ("2004-07", ERROR),
    "deferred": ("2004-10", ERROR),
    "deferred_until": ("2006", EVENT),
    "deferral_reason": ("no quorum", EVENT),
    "deferral_vote": ('{"unanimous": true}', EVENT),
    "deferral_decision": ("board-1", EVENT),
    "declined": ("2012-02", ERROR),
    "declined_reason": ("no plan", ERROR),
    "declined_vote": ('{"unanimous": true}', ERROR),
    "declined_decision": ("board-3", ERROR),
    "dropped": ("2012-02", ERROR),
    "dropped_reason": ("the budget", ERROR),
    "admitted": ("2002", ERROR),
    "admission_vote": ('{"in_favour": 9}', EVENT),
    "admission_decision": ("board-2", EVENT),
    "on_hold": ("2008-10", ERROR),
    "on_hold_until": ("2009-08", EVENT),
    "on_hold_reason": ("a new council", EVENT),
    "on_hold_decision": ("board-4", EVENT),
    "suspended": ("2009-02", ERROR),
    "suspension_reason": ("no fee", EVENT),
    "overdue_report": ("2008-02-29", EVENT),
    "reinstated": ("2010-02", ERROR),
    "reinstatement_reason": ("the fee", EVENT),
    "withdrawn": ("2012-02", ERROR),
    "withdrawal_reason": ("politics", EVENT),
    "step_order": ("withdrawn;applied", ERROR),
    "sources": ('{"signed": {"title": "The minutes"}}', EVENT),
    "further_steps": ('[{"step": "admitted", "date": "2016"}]', ERROR),
    "called": (
        '[{"name": "Fez", "kind": "city"}, {"since": "2014", "name": "Bali", "kind": "city"}]',
        EVENT,
    ),
    "moves": ('[{"coalition": "africa", "moved": "2010"}]', ERROR),
    "latitude": ("33.5", EVENT),
    "longitude": ("-5.5", EVENT),
    "website": ("https://b.example", EVENT),
    "part_of": ("ma-region-fes-meknes", EVENT),
    "population": ("1150131", EVENT),
    "population_as_of": ("2014", EVENT),
    "partners": ('[{"organisation": "Helpers", "joined": "2011"}]', ERROR),
}
"""What each column is edited to, and what becomes of it; an error names the column."""
OF_COMMITMENTS: dict[str, tuple[str, str]] = {
    "member": ("uy-city-other", ERROR),
    "name": ("Montevidea", ERROR),
    "local_name": ("Montevidea", ERROR),
    "country": ("AR", ERROR),
    "kind": ("district", ERROR),
    "qualifier": ("Q1", ERROR),
    "coalition": ("europe", ERROR),
    "plan_version": ("2", ERROR),
    "point": ("4", ERROR),
    "title": ("Another", ERROR),
    "status": ("completed", EVENT),
    "percent": ("40", EVENT),
    "as_of": ("2021", EVENT),
    "basis": ("derived", EVENT),
    "note": ("another", EVENT),
    "evidence": ("https://b.example", EVENT),
}


def fez() -> Folded[State]:
    """A member of which every column says something."""
    folded = founded()
    about: dict[str, Any] = {"coalition": "europe", "member": FEZ}
    document = "https://a.example"
    for event in (
        CoalitionFounded(coalition="africa", name="African Coalition"),
        MemberApplied(**about, applied="2004", paper="Declaration of Intention"),
        ExaminationOpened(**about, opened="2004-06"),
        ApplicationDeferred(**about, deferred="2004-09", until="2005"),
        CityDecided(**about, decided="2005", document=document, condition="subject to the budget"),
        ConditionMet(**about, met="2005-12"),
        CitySigned(**about, signed="2006", signed_by="Mayor", document=document),
        MemberAcceded(**about, acceded="2007", document=document),
        MemberAdmitted(**about, admitted="2008"),
        MemberPutOnHold(**about, on_hold="2008-09", until="2009-06", reason="elections"),
        MemberSuspended(
            **about, suspended="2009-01", reason="no report", overdue_report="2008-01-31"
        ),
        MemberReinstated(**about, reinstated="2010-01", reason="the report"),
        MemberWithdrawn(**about, withdrawn="2012-01", reason="the budget"),
        MemberAdmitted(**about, admitted="2015"),
        MemberRenamed(**about, renamed="2013", name="Fes", local_name="Fès"),
        MemberDescribed(**about, names={"fr": "Fès"}, latitude=34, longitude=-5, website=document),
        PopulationCounted(**about, as_of="2004", population=946_815),
        PartnerJoined(**about, organisation="Helpers", joined="2010"),
    ):
        folded.tell(event)
    return folded


async def edited(table: Any, folded: Folded[Any], row: int, **cells: str) -> Checked:
    rows = list(csv.DictReader(io.StringIO(exported(table, folded))))[row:][:1]
    rows[0] |= cells
    lines = [spreadsheet.line(rows[0]), *(spreadsheet.line(one.values()) for one in rows)]
    return await checked(table, folded, "".join(lines))


def became(found: Checked, column: str) -> str:
    """What became of an edit."""
    if found.outgoing:
        assert not found.errors
        assert found.new + found.changed == 1
        return EVENT
    assert found.errors, f"{column} was lost"
    assert all(error.reason for error in found.errors)
    return ERROR


def test_every_column_is_tried() -> None:
    passed_over = {"licence", "coalition_name"}
    assert OF_MEMBERS.keys() == set(columns(MemberRow)) - passed_over
    assert OF_COMMITMENTS.keys() == set(columns(CommitmentRow)) - passed_over


@pytest.mark.parametrize("column", OF_MEMBERS)
async def test_an_edited_cell_of_a_member_is_an_event_or_an_error(column: str) -> None:
    value, expected = OF_MEMBERS[column]
    found = await edited(MEMBERS, fez(), 0, **{column: value})
    assert became(found, column) == expected
    if expected == ERROR:
        assert column in {error.column for error in found.errors} or column == "coalition"


@pytest.mark.parametrize("column", OF_COMMITMENTS)
async def test_an_edited_cell_of_a_commitment_is_an_event_or_an_error(column: str) -> None:
    value, expected = OF_COMMITMENTS[column]
    folded = opened()
    folded.tell(update("2020", point=3))
    found = await edited(COMMITMENTS, folded, 2, **{column: value})
    assert became(found, column) == expected
    if expected == ERROR and column not in {"member", "point"}:
        assert column in {error.column for error in found.errors}


async def test_the_last_word_on_a_step_stands() -> None:
    folded = fez()
    for event in events((await edited(MEMBERS, folded, 0, signed_by="Deputy Mayor")).outgoing):
        folded.tell(event)
    assert "Deputy Mayor" in exported(MEMBERS, folded)


async def test_a_coarser_date_and_a_former_name_are_no_edits() -> None:
    for cells in ({"suspended": "2009"}, {"name": "Fez"}, {"name": "FES"}, {"admitted": ""}):
        found = await edited(MEMBERS, fez(), 0, **cells)
        assert (found.outgoing, found.errors) == ([], [])


async def test_what_is_not_started_does_not_take_progress_back_in_silence() -> None:
    folded = opened()
    folded.tell(update("2020", point=3))
    found = await edited(COMMITMENTS, folded, 2, status="not started", as_of="", note="")
    assert [(error.column, "as_of" in error.reason) for error in found.errors] == [("status", True)]


async def test_progress_that_the_actions_show_is_not_said_over() -> None:
    folded = opened()
    folded.tell(basis("derived", 3))
    found = await edited(COMMITMENTS, folded, 2, status="completed", as_of="2020")
    assert [error.column for error in found.errors] == ["status"]


async def test_a_row_of_a_new_member_without_any_date_says_nothing_and_is_an_error() -> None:
    found = await checked(MEMBERS, founded(), "coalition,name,country,kind\neurope,Fez,MA,city")
    assert [error.row for error in found.errors] == [2]
    assert "begins it" in found.errors[0].reason


# --- the report ------------------------------


async def test_new_members_are_told_from_changed_ones_and_both_are_named() -> None:
    folded = founded()
    folded.tell(CitySigned(coalition="europe", member=FEZ, signed="2006"))
    rows = "europe,Fez,Fès,MA,city,2006-05\neurope,Rabat,,MA,city,2006\n"
    header = "coalition,name,local_name,country,kind,signed\n"
    report = (await checked(MEMBERS, folded, header + rows)).report(sent=False)
    assert (report.new, report.changed, report.unchanged) == (1, 1, 0)
    assert [(one.row, one.what, one.id, one.name, one.columns) for one in report.news] == [
        (2, "changed", "ma-city-fes", "Fez", ("signed",)),
        (3, "new", "ma-city-rabat", "Rabat", ("signed",)),
    ]


LIKE = [
    ("DE", "Nuremberg", {"name": "Nürnberg"}, True),
    ("DE", "Munich", {"name": "München"}, True),
    ("DE", "Leizpig", {"name": "Leipzig"}, True),
    ("DE", "Cologne", {"name": "Köln", "names": {"en": "Cologne"}}, True),
    ("DE", "Frankfurt", {"name": "Frankfurt am Main"}, True),
    ("ES", "Madrid", {"name": "Málaga"}, False),
    ("FR", "Nuremberg", {"name": "Nürnberg"}, False),
]


@pytest.mark.parametrize(("country", "name", "recorded", "is_like"), LIKE)
def test_an_exonym_and_a_typing_error_are_named_as_likely_doubles(
    country: str, name: str, recorded: dict[str, Any], *, is_like: bool
) -> None:
    row = MemberRow(coalition="europe", name=name, country=country, kind="city")
    there = {"_id": "other", "country": country if country != "FR" else "DE", **recorded}
    assert compared([row], [there]) == ([("other",)] if is_like else [()])


def test_doubles_within_the_sheet_are_named_too() -> None:
    rows = [
        MemberRow(coalition="europe", name=name, country="DE", kind="city")
        for name in ("Nuremberg", "Nürnberg", "Kiel")
    ]
    assert compared(rows, []) == [("de-city-nurnberg",), ("de-city-nuremberg",), ()]


async def test_json_lines_are_held_against_the_record_as_well() -> None:
    row = {"id": "ma-city-fes", "coalition": "europe", "name": "Feez", "kind": "city"}
    found = await checked(MEMBERS, fez(), json.dumps({**row, "country": "MA"}), "jsonl")
    assert [error.column for error in found.errors] == ["name"]
