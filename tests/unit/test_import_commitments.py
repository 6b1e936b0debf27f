"""Commitments out to a file and in from one, in the domain's words."""

from __future__ import annotations

import pytest

from services.plans.domain import MemberCommitments, State
from services.plans.exchange import TABLES
from shared.contracts.base import Event, MemberRef
from shared.contracts.plans import (
    CommitmentUpdated,
    PracticeAdopted,
    PracticeShared,
    ProgressBasisChosen,
    ReportSubmitted,
)
from shared.tabular.rows import Table, dictionary
from tests.unit.exchanged import checked, events, exported
from tests.unit.fold import Folded
from tests.unit.plans_facts import MONTEVIDEO, RULE, action, at, basis, holder, opened, update

COMMITMENTS, REPORTS, PRACTICES, *_ = TABLES
HEADER = "member,point,status,as_of,basis"


async def imported(text: str, folded: Folded[State]) -> list[Event]:
    found = await checked(COMMITMENTS, folded, text)
    assert found.errors == []
    told = events(found.outgoing)
    for event in told:
        folded.tell(event)
    return told


async def test_a_row_is_a_commitments_progress() -> None:
    folded = opened()
    text = (
        f"{HEADER},note,evidence\nuy-city-montevideo,3,stalled,2020,,ثلاثة,https://a.b https://c.d"
    )
    await imported(text, folded)
    held = holder(folded).commitments[2]
    assert (held.status, held.as_of, held.note) == ("stalled", "2020", "ثلاثة")
    assert held.evidence == ("https://a.b", "https://c.d")


async def test_the_member_may_be_given_by_name_kind_and_country() -> None:
    folded = opened()
    text = "name,country,kind,point,status,as_of\nMontevideo,UY,city,1,planned,2021-05"
    await imported(text, folded)
    assert holder(folded).commitments[0].status == "planned"


async def test_what_is_wrong_is_said_with_row_and_column() -> None:
    folded = opened()
    folded.tell(basis("derived", 2))
    folded.tell(update("2020", point=3))
    text = f"""{HEADER}
uy-city-montevideo,3,planned,2019,
uy-city-montevideo,2,planned,2020,
uy-city-montevideo,11,planned,2020,
uy-city-montevideo,4,in progres,2020,
uy-city-montevideo,5,planned,,
ec-city-quito,1,planned,2020,
uy-city-montevideo,6,planned,2031,
,7,planned,2020,
uy-city-montevideo,8,planned,2020,
uy-city-montevideo,8,stalled,2021,
"""
    found = await checked(COMMITMENTS, folded, text)
    assert [(e.row, e.column) for e in found.errors] == [
        (2, "status"),
        (3, "status"),
        (4, "point"),
        (5, "status"),
        (6, None),
        (7, "status"),
        (8, "status"),
        (9, None),
        (11, None),
    ]
    assert "follows from its actions" in found.errors[1].reason
    assert (found.rows, found.changed, found.bad) == (10, 1, 9)


async def test_progress_comes_back_from_its_export() -> None:
    told = opened()
    told.tell(update("2020", point=3))
    told.tell(update("2021-03-04", "completed", 1).model_copy(update={"note": "-2; =1"}))
    told.tell(basis("derived", 2))
    told.tell(action(point=2))
    told.tell(basis("derived", 4))
    text = exported(COMMITMENTS, told)
    fresh = opened()
    kinds = {type(event) for event in await imported(text, fresh)}
    assert kinds == {CommitmentUpdated, ProgressBasisChosen}
    # Actions, and how far it had come before, have no columns.
    bare = {"commitments": {"__all__": {"actions", "course"}}}
    assert holder(fresh).model_dump(exclude=bare) == holder(told).model_dump(exclude=bare)
    assert exported(COMMITMENTS, fresh) == text


async def test_what_was_exported_says_nothing_new() -> None:
    told = opened()
    told.tell(update("2020", point=3))
    told.tell(basis("derived", 2))
    told.tell(action(point=2))
    again = await checked(COMMITMENTS, told, exported(COMMITMENTS, told))
    assert (again.rows, again.changed, again.errors) == (10, 0, [])


async def test_the_same_file_twice_changes_nothing() -> None:
    folded = opened()
    first = "uy-city-montevideo,3,stalled,2020,reported"
    text = f"{HEADER}\n{first}\nuy-city-montevideo,4,planned,2020,derived"
    assert len(await imported(text, folded)) == 3
    assert await imported(text, folded) == []


async def test_a_city_that_says_it_itself_again_says_so_in_the_same_row() -> None:
    folded = opened()
    folded.tell(basis("derived", 3))
    await imported(f"{HEADER}\nuy-city-montevideo,3,stalled,2020,reported", folded)
    held = holder(folded).commitments[2]
    assert (held.basis, held.status) == ("reported", "stalled")


def test_a_duplicate_and_one_that_waits_have_no_rows() -> None:
    member = MemberRef(name="Quito", country="EC", kind="city")
    waits = MemberCommitments(
        id=member.key, coalition="latin", member=member, state="awaiting", standing="member"
    )
    merged = holder(opened()).model_copy(update={"into": "uy-city-other"})
    assert [*COMMITMENTS.rows(waits), *COMMITMENTS.rows(merged)] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: str(table.name))
def test_every_column_has_a_meaning(table: Table) -> None:
    assert all(field.description for field in dictionary(table, "CC0-1.0").fields)


def test_reports_and_practices_are_rows_too() -> None:
    folded = at(opened(), "2021-01-01")
    folded.tell(RULE)
    about = {"coalition": "latin", "member": MONTEVIDEO}
    folded.tell(ReportSubmitted(**about, due="2020-10-25", submitted="2020-11", title="=Two years"))
    said = {"practice": "advice", "title": "Advice", "summary": "Two\nlines", "shared": "2020"}
    folded.tell(PracticeShared.model_validate({**about, **said}))
    quito = MemberRef(name="Quito", country="EC", kind="city")
    folded.tell(PracticeAdopted(practice="advice", member=quito, adopted="2020"))
    assert '"2020-10-25","submitted"' in exported(REPORTS, folded)
    assert "'=Two years" in exported(REPORTS, folded)
    practices = exported(PRACTICES, folded)
    assert '"Two\nlines"' in practices
    assert "ec-city-quito" in practices
