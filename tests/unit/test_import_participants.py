"""Who registers for a conference and who was there, from the lists that people keep."""

from __future__ import annotations

from typing import Any

import pytest

from services.membership.domain import Conference, State
from services.membership.participant_rows import PARTICIPANTS
from shared.contracts.base import MemberRef
from shared.contracts.membership import ConferenceAnnounced, ConferenceAttended
from shared.domain.stream import Stream
from tests.unit.exchanged import checked, events, exported
from tests.unit.fold import Folded
from tests.unit.membership_facts import founded

GENERAL: dict[str, Any] = {"coalition": "europe", "conference": "general"}
BONN = MemberRef(name="Bonn", country="DE", kind="city")


@pytest.fixture
def folded() -> Folded[State]:
    folded = founded()
    folded.tell(ConferenceAnnounced(**GENERAL, title="General Conference", begins="2025-10"))
    return folded


def conference(folded: Folded[State], id_: str = "general") -> Conference:
    state = folded.states[Stream("conferences", id_)]
    assert isinstance(state, Conference)
    return state


async def imported(folded: Folded[State], text: str) -> None:
    found = await checked(PARTICIPANTS, folded, text)
    assert found.errors == []
    for event in events(found.outgoing):
        folded.tell(event)


LIST = """conference,coalition,part,name,country,kind,organisation
general,europe,attended,Bonn,DE,city,
general,europe,attended,Ghent,BE,city,
general,europe,attended,,,,UNESCO
"""


async def test_an_attendee_list_says_who_was_there(folded: Folded[State]) -> None:
    await imported(folded, LIST)
    now = conference(folded)
    assert [m.name for m in now.members] == ["Bonn", "Ghent"]
    assert now.organisations == ("UNESCO",)
    again = await checked(PARTICIPANTS, folded, LIST)
    assert (again.changed, again.errors) == (0, [])


async def test_a_conference_of_which_nothing_is_known_is_announced_by_its_list(
    folded: Folded[State],
) -> None:
    await imported(
        folded,
        "conference,coalition,title,begins,part,name,country,kind\n"
        "next,europe,General Conference,2030-05,registered,Bonn,DE,city\n"
        "next,europe,General Conference,2030-05,registered,Ghent,BE,city\n",
    )
    now = conference(folded, "next")
    assert [m.name for m in now.registered_members] == ["Bonn", "Ghent"]


async def test_an_export_imports_again_unchanged(folded: Folded[State]) -> None:
    folded.tell(ConferenceAttended(**GENERAL, members=(BONN,), organisations=("يونسكو",)))
    text = exported(PARTICIPANTS, folded)
    again = await checked(PARTICIPANTS, folded, text)
    assert (again.rows, again.changed, again.errors) == (2, 0, [])
    fresh = founded()
    await imported(fresh, text)
    assert exported(PARTICIPANTS, fresh) == text


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("general,europe,,Bonn,DE,city,", "part is one of registered, attended"),
        ("general,europe,attended,,,,", "give the city's name, kind and country"),
        ("general,europe,attended,Bonn,DE,city,UNESCO", "about a city or about an organisation"),
        ("general,europe,,,,,", "give a participant, or what is announced"),
        ("other,europe,attended,Bonn,DE,city,", "the conference 'other' was not announced"),
        ("general,eurpe,attended,Bonn,DE,city,", "the coalition 'eurpe' is not known"),
    ],
)
async def test_a_row_that_is_wrong_says_why(folded: Folded[State], row: str, reason: str) -> None:
    found = await checked(PARTICIPANTS, folded, LIST.splitlines()[0] + "\n" + row)
    assert [reason in error.reason for error in found.errors] == [True], found.errors


async def test_an_id_that_nobody_has_names_nobody(folded: Folded[State]) -> None:
    text = "conference,coalition,part,member\ngeneral,europe,attended,de-city-bon\n"
    (error,) = (await checked(PARTICIPANTS, folded, text)).errors
    assert "no member 'de-city-bon' is recorded" in error.reason


async def test_who_was_there_is_named_in_the_report(folded: Folded[State]) -> None:
    found = await checked(PARTICIPANTS, folded, LIST)
    assert [one.name for one in found.news] == [
        "Bonn, attended",
        "Ghent, attended",
        "UNESCO, attended",
    ]


async def test_a_list_that_says_another_day_than_is_recorded_names_the_day_as_what_it_changes(
    folded: Folded[State],
) -> None:
    found = await checked(
        PARTICIPANTS,
        folded,
        "conference,coalition,title,begins,part,name,country,kind\n"
        "general,europe,General Conference,2025-11,attended,Bonn,DE,city\n",
    )
    assert [news.columns for news in found.news] == [("begins", "part")]
