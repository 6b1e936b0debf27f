"""A new row of a sheet that has a name of a recorded member is an error, and no second member."""

from __future__ import annotations

import unicodedata
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from services.membership.domain import Member
from services.membership.domain.members.state import MemberName
from services.membership.domain.members.words import beginnings, words
from services.membership.doubles import namesakes
from services.membership.exchange import TABLES
from services.membership.member_rows import MemberRow
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.tabular.checking import Import
from shared.tabular.reading import read
from tests.fakes.documents import Documents
from tests.unit.exchanged import events
from tests.unit.membership_facts import founded

if TYPE_CHECKING:
    from shared.tabular.report import Checked

HEADER = "coalition,id,name,local_name,country,kind,qualifier,signed\n"


def stored(*members: Member) -> Any:
    """The snapshots and the names of some members."""
    documents = [{"_id": one.id, **one.model_dump(mode="json")} for one in members]
    called = [
        {"_id": one.id, "country": one.country, "beginnings": list(beginnings(words(one)))}
        for one in members
    ]
    return SimpleNamespace(database={"members": Documents(documents), "names": Documents(called)})


def recorded(**fields: Any) -> Member:
    """Nuremberg, by its own name Nürnberg."""
    named = {"name": "Nuremberg", "local_name": "Nürnberg", "country": "DE", "kind": "city"}
    about = {"id": "de-city-nurnberg", "coalition": "europe", "state": "member"}
    return Member.model_validate({**about, **named, **fields})


async def checked(rows: str, *members: Member) -> Checked:
    """A sheet, checked against some members by their names alone."""
    folded = founded()

    async def current(streams: set[Stream]) -> Any:
        return {s: Versioned(folded.given, folded.states.get(s)) for s in streams}

    def find() -> Any:
        return namesakes(stored(*members))

    importing = Import("membership", TABLES[0], folded.decider, current, namesakes=find)
    return await importing.check(read((HEADER + rows).encode(), "csv", MemberRow))


CALLED = (
    MemberName(name="Noris", local_name=None, kind="city", since=None),
    MemberName(name="Nuremberg", local_name="Nürnberg", kind="city", since="1990"),
)
OTHER_NAMES: dict[str, tuple[str, dict[str, Any]]] = {
    "its name in the language of the record": ("Nuremberg", {}),
    "in capitals": ("NUREMBERG", {}),
    "with a no-break space and more": (" Nuremberg\u00a0", {}),
    "in another language": ("Norimberga", {"names": {"it": "Norimberga"}}),
    "in another script": ("Нюрнберг", {"names": {"ru": "Нюрнберг"}}),
    "decomposed": (unicodedata.normalize("NFD", "Núremberga"), {"names": {"es": "Núremberga"}}),
    "precomposed, where it is recorded decomposed": (
        "Núremberga",
        {"names": {"es": unicodedata.normalize("NFD", "Núremberga")}},
    ),
    "an earlier name": ("Noris", {"called": CALLED}),
}


@pytest.mark.parametrize("name", OTHER_NAMES)
async def test_a_row_by_another_name_of_a_member_is_an_error_that_names_it(name: str) -> None:
    written, more = OTHER_NAMES[name]
    found = await checked(f"europe,,{written},,DE,city,,2016\n", recorded(**more))
    assert [(one.row, one.column) for one in found.errors] == [(2, "name")]
    assert "give de-city-nurnberg as `id`" in found.errors[0].reason
    assert "`qualifier`" in found.errors[0].reason
    assert (found.outgoing, found.new, found.bad) == ([], 0, 1)


async def test_a_row_that_gives_an_own_name_to_a_member_recorded_without_one_is_an_error() -> None:
    there = recorded(local_name=None).model_copy(update={"id": "de-city-nuremberg"})
    found = await checked("europe,,Nuremberg,Nürnberg,DE,city,,2016\n", there)
    assert "give de-city-nuremberg as `id`" in found.errors[0].reason


ANOTHER = {
    "with an id of its own": "europe,de-city-nuremberg-2,Nuremberg,,DE,city,,2016\n",
    "with a qualifier": "europe,,Nuremberg,,DE,city,Q1,2016\n",
    "of another country": "europe,,Nuremberg,,US,city,,2016\n",
    "of another kind": "europe,,Nuremberg,,DE,district,,2016\n",
    "with another own name, as two Suzhou are": "europe,,Nuremberg,Nürenberg,DE,city,,2016\n",
    "with a name that is only like it": "europe,,Nuremburg,,DE,city,,2016\n",
}


@pytest.mark.parametrize("row", ANOTHER)
async def test_a_row_that_is_told_from_a_member_of_its_name_is_a_new_member(row: str) -> None:
    found = await checked(ANOTHER[row], recorded())
    assert (found.errors, found.new) == ([], 1)


async def test_a_duplicate_that_was_merged_is_nobodys_namesake() -> None:
    merged = recorded().model_copy(update={"merged_into": "de-city-noris", "state": "merged"})
    assert (await checked("europe,,Nuremberg,,DE,city,,2016\n", merged)).errors == []


@pytest.mark.parametrize("is_first", [True, False])
async def test_two_rows_of_one_sheet_are_compared_as_well(*, is_first: bool) -> None:
    rows = ["europe,,Nuremberg,Nürnberg,DE,city,,2016\n", "europe,,Nuremberg,,DE,city,,2017\n"]
    found = await checked("".join(rows if is_first else rows[::-1]))
    assert [one.row for one in found.errors] == [3]
    assert len({event.subject for event in events(found.outgoing)}) == 1
