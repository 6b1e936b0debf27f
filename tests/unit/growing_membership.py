"""Events that say more and more of one member, coalition or conference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pycountry

from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionCorrected,
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceRegistered,
    DecisionTaken,
    LeadCityDesignated,
    MemberDescribed,
    MemberMoved,
    MemberReinstated,
    MemberRenamed,
    MembershipCounted,
    MembersMerged,
    MemberSuspended,
    OfficeTaken,
    OrganEstablished,
    PartnerJoined,
    StatutesAdopted,
    StepCorrected,
)
from tests.unit.membership_facts import POTSDAM, SIGNED, WHO

if TYPE_CHECKING:
    from collections.abc import Iterator

EUROPE: dict[str, Any] = {"coalition": "europe"}
CONFERENCE: dict[str, Any] = {**EUROPE, "conference": "general"}
TAGS = sorted(one.alpha_2 for one in pycountry.languages if hasattr(one, "alpha_2"))
MORE = 250
"""More than any of these lists may hold."""
READERS_TAKE = 256 * 1024
"""Bytes of an event, by the limit of the services that read it."""
STORE_TAKES = 16 * 1024 * 1024
"""Bytes of a document."""


def city(number: int) -> MemberRef:
    return MemberRef(name=f"City {number}", country="DE", kind="city")


def day(number: int) -> str:
    """One of some thousand days, in order."""
    return f"{1900 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"


def steps() -> Iterator[Event]:
    """A signature, and then suspensions and their ends without an end."""
    yield CitySigned(**WHO, signed="1899")
    for number in range(MORE):
        yield MemberSuspended(**WHO, suspended=day(2 * number), reason="no report")
        yield MemberReinstated(**WHO, reinstated=day(2 * number + 1))


def corrections() -> Iterator[Event]:
    yield SIGNED
    yield CityDecided(**WHO, decided=day(0))
    for number in range(MORE):
        yield StepCorrected(
            **WHO, step="decided", recorded=day(number), correct=day(number + 1), reason="misread"
        )


def member_names() -> Iterator[Event]:
    yield SIGNED
    for number in range(MORE):
        yield MemberRenamed(**WHO, renamed=day(number), name=f"Name {number}")


def translations() -> Iterator[Event]:
    yield SIGNED
    for start in range(0, len(TAGS), 8):
        yield MemberDescribed(**WHO, names=dict.fromkeys(TAGS[start : start + 8], "Potsdam"))


def partners() -> Iterator[Event]:
    yield SIGNED
    for number in range(MORE):
        yield PartnerJoined(**WHO, organisation=f"Partner {number}", joined="2010")


def mergers() -> Iterator[Event]:
    yield SIGNED
    for number in range(MORE):
        yield CitySigned(**EUROPE, member=city(number), signed="2006-09")
        yield MembersMerged(**WHO, merged=city(number), reason="one city")


def moves() -> Iterator[Event]:
    """From one coalition to the other, and back again."""
    yield CoalitionFounded(coalition="africa", name="African Coalition")
    yield CitySigned(**WHO, signed="1899")
    for number in range(MORE):
        there = ("africa", "europe")[number % 2]
        yield MemberMoved(coalition=there, member=POTSDAM, moved=day(number))


def coalition_names() -> Iterator[Event]:
    for number in range(MORE):
        yield CoalitionRenamed(**EUROPE, renamed=day(number), name=f"Name {number}")


def first_names() -> Iterator[Event]:
    """The founding told again, in one language more each time."""
    for tag in TAGS:
        yield CoalitionFounded(**EUROPE, name="European Coalition", names={tag: "Europe"})


def first_names_of_one_renamed() -> Iterator[Event]:
    yield CoalitionRenamed(**EUROPE, renamed="2010", name="Another")
    yield from first_names()


def statutes() -> Iterator[Event]:
    for number in range(MORE):
        yield StatutesAdopted(**EUROPE, adopted=day(number))


def lead_cities() -> Iterator[Event]:
    for number in range(2 * MORE):
        yield LeadCityDesignated(**EUROPE, city=POTSDAM, since=day(number))


def offices() -> Iterator[Event]:
    for number in range(2 * MORE):
        yield OfficeTaken(**EUROPE, office="president", city=POTSDAM, since=day(number))


def elections() -> Iterator[Event]:
    for number in range(MORE):
        yield OfficeTaken(
            **EUROPE, office="president", city=POTSDAM, since="1899", elected=day(number)
        )


def organs() -> Iterator[Event]:
    for number in range(MORE):
        yield OrganEstablished(
            **EUROPE, organ=f"group-{number}", kind="working group", name=f"Group {number}"
        )


def decisions() -> Iterator[Event]:
    for number in range(2 * MORE):
        yield DecisionTaken(**EUROPE, decision=f"d-{number}", decided=day(number), item="Item")


def coalition_corrections() -> Iterator[Event]:
    yield CoalitionLaunched(**EUROPE, launched=day(0))
    for number in range(MORE):
        yield CoalitionCorrected(
            **EUROPE,
            fact="launched",
            recorded=day(number),
            correct=day(number + 1),
            reason="misread",
        )


def claims() -> Iterator[Event]:
    for number in range(MORE):
        rival = {"field": "launched", "value": f"{number}", "source": {"title": "A paper"}}
        yield CoalitionLaunched.model_validate(
            {**EUROPE, "launched": "2004", "also_claimed": [rival]}
        )


def counts() -> Iterator[Event]:
    for number in range(MORE):
        yield MembershipCounted(**EUROPE, as_of=day(number), members=number)


def attending_members() -> Iterator[Event]:
    yield ConferenceAnnounced(**CONFERENCE, title="General Conference", begins="2010")
    for start in range(0, 2000, 250):
        some = tuple(city(number) for number in range(start, start + 250))
        yield ConferenceAttended(**CONFERENCE, members=some)


def registering_members() -> Iterator[Event]:
    following: dict[str, Any] = {**EUROPE, "conference": "next"}
    yield ConferenceAnnounced(**following, title="General Conference", begins="2027")
    for start in range(0, 2000, 250):
        some = tuple(city(number) for number in range(start, start + 250))
        yield ConferenceRegistered(**following, members=some)


def attending_organisations() -> Iterator[Event]:
    yield ConferenceAnnounced(**CONFERENCE, title="General Conference", begins="2010")
    for start in range(0, 10_000, 1000):
        names = tuple(f"Organisation {number}" for number in range(start, start + 1000))
        yield ConferenceAttended(**CONFERENCE, organisations=names)
