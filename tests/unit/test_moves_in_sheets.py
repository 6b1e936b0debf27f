"""A member that moved between coalitions, in a sheet: out and in, and moved by a clerk."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from services.membership.exchange import TABLES
from shared.contracts.membership import MemberMoved, PartnerJoined
from shared.tabular import spreadsheet
from tests.unit.exchanged import checked, events, exported
from tests.unit.membership_facts import FOUNDED, POTSDAM, member
from tests.unit.mending import AFRICA, AFRICAN, signed
from tests.unit.reacting import membership

MEMBERS = TABLES[0]


async def edited(text: str, folded: Any, **cells: str) -> Any:
    rows = [row | cells for row in csv.DictReader(io.StringIO(text))]
    lines = [spreadsheet.line(rows[0]), *(spreadsheet.line(row.values()) for row in rows)]
    return await checked(MEMBERS, folded, "".join(lines))


async def test_a_member_that_moved_comes_out_and_in_again_unchanged() -> None:
    folded = signed()
    folded.tell(MemberMoved(**AFRICA, moved="2015"))
    folded.tell(PartnerJoined(**AFRICA, organisation="Opra", joined="2016"))
    text = exported(MEMBERS, folded)
    again = await checked(MEMBERS, folded, text)
    assert (again.errors, again.outgoing) == ([], [])
    fresh = membership()
    fresh.tell(FOUNDED)
    fresh.tell(AFRICAN)
    found = await checked(MEMBERS, fresh, text)
    assert found.errors == []
    for event in events(found.outgoing):
        fresh.tell(event)
    assert member(fresh) == member(folded)
    assert exported(MEMBERS, fresh) == text


async def test_a_clerk_moves_a_city_by_its_coalition_and_the_date() -> None:
    folded = signed()
    moves = json.dumps([{"coalition": "europe", "moved": "2015-03"}])
    found = await edited(exported(MEMBERS, folded), folded, coalition="africa", moves=moves)
    assert found.errors == []
    for event in events(found.outgoing):
        folded.tell(event)
    assert member(folded, POTSDAM).coalition == "africa"
    assert member(folded, POTSDAM).moves[0].moved == "2015-03"


async def test_without_a_date_it_is_asked_which_of_the_two_is_meant() -> None:
    folded = signed()
    found = await edited(exported(MEMBERS, folded), folded, coalition="africa")
    assert found.outgoing == []
    reasons = " ".join(error.reason for error in found.errors)
    assert "MemberMoved" in reasons
    assert "MemberCorrected" in reasons
