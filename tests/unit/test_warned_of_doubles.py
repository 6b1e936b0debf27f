"""Whoever records a new member is told of those that it may be one with; nothing is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest
from pymongo.errors import AutoReconnect

from cli.saying import commands
from services.membership.domain import DECIDER, Member
from services.membership.domain.members.words import beginnings, words
from services.membership.doubles import warnings
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned, MemberAbsorbed, MemberRenamed
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.journal.entry import Entry, Key, Origin, Outcome, Published
from shared.pipeline.rehearsal import Rehearsal
from shared.web.outcomes import Outcomes
from tests.fakes.documents import Documents
from tests.unit.fold import Folded
from tests.unit.membership_facts import FOUNDED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

NURNBERG: Final = MemberRef(name="Nuremberg", local_name="Nürnberg", country="DE", kind="city")
NUREMBERG: Final = MemberRef(name="Nuremberg", country="DE", kind="city")
OTHERS: Final = (
    MemberRef(name="Neuss", country="DE", kind="city"),
    MemberRef(name="Nuremberg", local_name="Nürnberch", country="AT", kind="city"),
    MemberRef(name="Bad Oeynhausen", country="DE", kind="city"),
)


def signed(member: MemberRef) -> CitySigned:
    return CitySigned(coalition="europe", member=member, signed="2016")


def database(*refs: MemberRef) -> Any:
    found = [
        state for ref in refs if isinstance(state := DECIDER.evolve(None, signed(ref)), Member)
    ]
    return {
        "members": Documents([{**one.model_dump(mode="json"), "_id": one.id} for one in found]),
        "names": Documents(
            [
                {"_id": one.id, "country": one.country, "beginnings": list(beginnings(words(one)))}
                for one in found
            ]
        ),
    }


@pytest.mark.parametrize(
    ("new", "others"),
    [
        (NUREMBERG, ["de-city-nurnberg"]),
        (MemberRef(name="Nurenberg", country="DE", kind="city"), ["de-city-nurnberg"]),
        (MemberRef(name="Bad Oeynhausn", country="DE", kind="city"), ["de-city-bad-oeynhausen"]),
        (MemberRef(name="Münster", country="DE", kind="city"), []),
        (MemberRef(name="Nuremberg", country="FR", kind="city"), []),
    ],
)
async def test_a_new_member_with_a_name_like_anothers_of_its_country_is_warned_of(
    new: MemberRef, others: Sequence[str]
) -> None:
    found = await warnings(database(NURNBERG, *OTHERS), signed(new))
    assert len(found) == len(others)
    for warning, other in zip(found, others, strict=True):
        assert new.key in warning
        assert other in warning
        assert "MembersMerged" in warning


async def test_a_member_is_not_warned_of_itself_nor_of_what_is_merged() -> None:
    assert await warnings(database(NURNBERG), signed(NURNBERG)) == []
    absorbed = MemberAbsorbed(
        coalition="europe", member=NUREMBERG, into=NURNBERG, reason="one city"
    )
    assert await warnings(database(NURNBERG), absorbed) == ()


def entry(event: Event, version: int) -> Entry:
    return Entry(
        key=Key("urn:nuremberg", "1"),
        stream=Stream("members", event.subject),
        version=version,
        outcome=Outcome.ACCEPTED,
        recorded=datetime(2026, 1, 1, tzinfo=UTC),
        digest="",
        origin=Origin("inbox", 0, 0),
        type=event.type,
        events=(Published.of("1", event),),
    )


async def test_the_answer_to_an_event_warns_where_a_member_begins_with_it_only() -> None:
    asked: list[Event] = []

    async def warn(event: Event) -> Sequence[str]:
        asked.append(event)
        return ["look"]

    outcomes = Outcomes(warn)
    assert (await outcomes.of(entry(signed(NUREMBERG), 1))).warnings == ("look",)
    assert asked == [signed(NUREMBERG)]
    later = MemberRenamed(coalition="europe", member=NUREMBERG, renamed="2017", name="Nürnberg")
    assert (await outcomes.of(entry(later, 2))).warnings == ()
    assert (await Outcomes().of(entry(signed(NUREMBERG), 1))).warnings == ()


async def test_what_cannot_be_looked_up_keeps_nobody_from_the_answer() -> None:
    async def warn(_: Event) -> Sequence[str]:
        raise AutoReconnect

    outcome = await Outcomes(warn).of(entry(signed(NUREMBERG), 1))
    assert (outcome.outcome, outcome.warnings) == (Outcome.ACCEPTED, ())


async def test_a_rehearsal_says_whether_something_would_begin() -> None:
    folded: Folded[Any] = Folded(DECIDER)
    folded.tell(FOUNDED)

    async def current(streams: set[Stream]) -> Any:
        return {one: Versioned(1, folded.states.get(one)) for one in streams}

    rehearsal = Rehearsal(DECIDER, current)
    assert (await rehearsal.of(signed(NUREMBERG), ("urn:a", "1"))).begins
    folded.tell(signed(NUREMBERG))
    later = MemberRenamed(coalition="europe", member=NUREMBERG, renamed="2017", name="Nürnberg")
    assert not (await rehearsal.of(later, ("urn:a", "2"))).begins


def test_the_command_line_shows_what_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    commands._print_outcome({"outcome": "accepted", "published": [], "warnings": ["it may be one"]})  # noqa: SLF001 - what it prints
    assert capsys.readouterr().out == "Accepted.\nLook: it may be one.\n"
