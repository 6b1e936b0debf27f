"""Organs of a coalition, the offices that cities have in them, and what they decide."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from services.membership import offices
from services.membership.domain import Member, State
from services.membership.reactions import REACTIONS
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CoalitionCorrected,
    LeadCityDesignated,
    MemberAdmitted,
    OfficeTaken,
    OrganEstablished,
    StatutesAdopted,
)
from shared.contracts.sources import Source
from shared.domain.decider import Refused
from tests.fakes.documents import Documents
from tests.unit.fold import Folded
from tests.unit.membership_facts import POTSDAM, WHO, coalition, founded, member, sign

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.contracts.base import Event

EUROPE: dict[str, Any] = {"coalition": "europe"}
TOULOUSE = MemberRef(name="Toulouse", country="FR", kind="city")
BOARD = OrganEstablished(
    **EUROPE, organ="steering-committee", kind="steering committee", name="Steering Committee"
)


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


def taken(**facts: Any) -> OfficeTaken:
    return OfficeTaken.model_validate({**EUROPE, "office": "president", "city": TOULOUSE, **facts})


def in_office(folded: Folded[State], day: str) -> list[str]:
    return [term.holder for term in coalition(folded).offices if term.is_on(day)]


# --- offices ------------------------------


def test_a_city_has_an_office_from_a_date_until_another(folded: Folded[State]) -> None:
    assert folded.tell(taken(since="2011-11-25"))
    assert folded.tell(taken(since="2011-11", until="2015-04"))
    (term,) = coalition(folded).offices
    assert (term.since, term.until, term.ends) == ("2011-11-25", "2015-04", "2015-04")
    days = ("2011-11-24", "2011-11-25", "2015-04-30", "2015-05-01")
    assert [in_office(folded, day) for day in days] == [[], ["Toulouse"], ["Toulouse"], []]
    with pytest.raises(Refused, match="its end is dated 2015-04 already"):
        folded.tell(taken(since="2011-11-25", until="2016"))


def test_a_lead_city_is_one_office_whichever_event_says_it(folded: Folded[State]) -> None:
    assert folded.tell(LeadCityDesignated(**EUROPE, city=POTSDAM, since="2006", area="East"))
    again = taken(office="lead city", city=POTSDAM, since="2006-03", area="East", until="2009")
    assert folded.tell(again)
    (term,) = coalition(folded).lead_cities
    assert (term.since, term.until, term.office) == ("2006-03", "2009", "lead city")
    assert coalition(folded).offices == (term,)


def test_who_is_only_seen_in_office_was_there_for_certain_on_those_days(
    folded: Folded[State],
) -> None:
    folded.tell(taken(office="secretariat", seen="2014-10-17"))
    folded.tell(taken(office="secretariat", seen="2013-01-24"))
    days = ("2013-01-23", "2013-01-24", "2014-10-17", "2014-10-18")
    assert [bool(in_office(folded, day)) for day in days] == [False, True, True, False]
    assert len(coalition(folded).offices) == 1


def test_a_second_election_is_of_the_same_term_and_moves_its_end(folded: Folded[State]) -> None:
    folded.tell(taken(since="2024-02-09", term_months=24))
    (term,) = coalition(folded).offices
    assert term.ends == "2026-02-09"
    folded.tell(taken(since="2024-02-09", elected="2025-02-09"))
    (term,) = coalition(folded).offices
    assert (term.elected, term.ends) == (("2025-02-09",), "2027-02-09")


def test_the_length_of_a_term_is_as_precise_as_its_beginning(folded: Folded[State]) -> None:
    for since, months in (("2024", 24), ("2020-05", 18), ("2016", 18)):
        folded.tell(taken(since=since, term_months=months))
    ends = [term.ends for term in coalition(folded).offices]
    assert ends == ["2026", "2021-11", None]


def test_an_organ_is_established_before_anybody_has_an_office_in_it(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="is not known, and no other either: send it first"):
        folded.tell(taken(organ="steering-committee", since="2011"))
    assert folded.tell(BOARD)
    assert folded.tell(BOARD) == []
    assert folded.tell(taken(organ="steering-committee", since="2011"))
    with pytest.raises(Refused, match="is not known: the nearest is 'steering-committee'"):
        folded.tell(taken(organ="steering-comittee", since="2011"))
    with pytest.raises(Refused, match="is the steering committee 'Steering Committee' already"):
        folded.tell(BOARD.model_copy(update={"name": "Board"}))


def test_the_coalition_that_is_represented_need_not_be_known_yet(folded: Folded[State]) -> None:
    assert folded.tell(taken(office="representative", represents="africa", seen="2018-12-10"))
    assert folded.tell(taken(office="representative", represents="asia", seen="2018-12-10"))
    assert [term.represents for term in coalition(folded).offices] == ["africa", "asia"]


def test_an_office_is_a_citys_or_an_organisations() -> None:
    assert taken(city=None, organisation="UNESCO").organisation == "UNESCO"
    for wrong in ({"organisation": "UNESCO"}, {"city": None}, {"office": "presidnet"}):
        with pytest.raises(ValidationError):
            taken(**wrong)
    with pytest.raises(ValidationError, match="until lies before since"):
        taken(since="2011", until="2010")


def test_the_statutes_bind_a_lead_city_by_either_event(folded: Folded[State]) -> None:
    folded.tell(StatutesAdopted(**EUROPE, adopted="2005", lead_cities="members"))
    with pytest.raises(Refused, match="only a member leads, which Toulouse is not"):
        folded.tell(taken(office="lead city", since="2010"))
    assert folded.tell(taken(office="president", since="2010"))


# --- as of a day, and soon ------------------------------


def listed(folded: Folded[State]) -> list[offices.Office]:
    return list(offices.offices([coalition(folded)]))


def test_terms_that_end_soon_are_found_to_the_day(folded: Folded[State]) -> None:
    folded.tell(taken(since="2024", until="2026-04-30"))
    folded.tell(taken(office="vice-president", since="2024-05-01", term_months=24))
    folded.tell(taken(office="chair", since="2024"))
    today = date(2026, 1, 1)
    found = {
        d: [o.office for o in listed(folded) if offices.ends_within(o, today, d)]
        for d in (118, 119, 120)
    }
    assert found == {118: [], 119: ["president"], 120: ["president", "vice-president"]}
    assert not any(offices.ends_within(o, date(2026, 5, 2), 120) for o in listed(folded))


def test_offices_are_filtered_and_paged(folded: Folded[State]) -> None:
    folded.tell(BOARD)
    for year in range(2010, 2015):
        folded.tell(taken(organ="steering-committee", since=f"{year}", until=f"{year}"))
    folded.tell(taken(city=POTSDAM, since="2015"))
    found = listed(folded)
    assert [o.holder for o in offices.matching(found, {"city": POTSDAM.key})] == ["Potsdam"]
    under_another = list(offices.matching(found, {"city": "de-city-x"}, {POTSDAM.key}))
    assert [o.holder for o in under_another] == ["Potsdam"]
    assert found[0].organ_name == "Steering Committee"
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = offices.paged(found, after, 4)
        seen += [one.id for one in page.items]
        after = page.next
    assert seen == [one.id for one in found]
    assert page.total == 6


# --- what follows from a correction, sources, claims ------------------------------


async def test_a_city_has_the_offices_of_its_duplicates_and_of_theirs(
    folded: Folded[State],
) -> None:
    folded.tell(taken(since="2012"))
    europe = coalition(folded).model_dump(mode="json") | {"_id": "europe"}
    absorbed = {"fr-city-tolosa": [TOULOUSE.key], "fr-city-tolosa-2": ["fr-city-tolosa"]}
    members = [{"_id": id_, "absorbed": those} for id_, those in absorbed.items()]
    store: Any = {"coalitions": Documents([europe]), "members": Documents(members)}
    queries = offices.Offices(store)
    for city, number in (("fr-city-tolosa", 1), ("fr-city-tolosa-2", 1), ("fr-city-x", 0)):
        found = await queries.listed({"coalition": "europe", "city": city}, None, "", 50)
        assert len(found.items) == number


def test_of_several_recorded_alike_one_is_named(folded: Folded[State]) -> None:
    folded.tell(taken(since="2011"))
    folded.tell(taken(office="vice-president", city=POTSDAM, since="2011"))
    fix = {**EUROPE, "fact": "office since", "recorded": "2011", "correct": "2012"}
    fix["reason"] = "the minutes say so"
    with pytest.raises(Refused, match="say in `of` of which, president / fr-city-toulouse"):
        folded.tell(CoalitionCorrected.model_validate(fix))
    folded.tell(CoalitionCorrected.model_validate({**fix, "of": "Potsdam"}))
    assert [term.since for term in coalition(folded).offices] == ["2011", "2012"]


class Folks:
    """Answers who is a member of a coalition, from folded states."""

    def __init__(self, folded: Folded[State]) -> None:
        self._folded = folded

    async def members_of(self, coalitions: set[str]) -> AsyncIterator[Member]:
        for state in self._folded.states.values():
            if isinstance(state, Member) and state.coalition in coalitions:
                yield state


async def reactions(folded: Folded[State], fix: CoalitionCorrected) -> list[Event]:
    caused = [("1", event) for event in folded.tell(fix)]
    queries: Any = Folks(folded)
    return [event async for _, event in REACTIONS[CoalitionCorrected](queries, caused)]


async def test_a_lead_citys_admission_follows_its_corrected_term(folded: Folded[State]) -> None:
    folded.tell(StatutesAdopted(**EUROPE, adopted="2005", lead_cities="become members"))
    folded.tell(LeadCityDesignated(**EUROPE, city=POTSDAM, since="2006"))
    folded.tell(MemberAdmitted(**WHO, admitted="2006"))
    fix: dict[str, Any] = {**EUROPE, "fact": "office since", "reason": "misread"}
    for recorded, correct in (("2006", "2007"), ("2006", "2006"), ("2006", None)):
        correction = CoalitionCorrected(**fix, recorded=recorded, correct=correct)
        (step,) = await reactions(folded, correction)
        folded.tell(step)
        dates = [s.date for s in member(folded).steps]
        assert dates == ([correct] if correct else [])


async def test_members_are_reassessed_where_statutes_have_another_date(
    folded: Folded[State],
) -> None:
    folded.tell(StatutesAdopted(**EUROPE, adopted="2005", membership_by="admitted"))
    sign(folded)
    assert member(folded).state == "signed"
    fix = CoalitionCorrected(
        **EUROPE, fact="statutes adopted", recorded="2005", correct="2015", reason="misread"
    )
    (reassessed,) = await reactions(folded, fix)
    folded.tell(reassessed)
    assert member(folded).state == "member"


def test_a_source_and_rival_claims_stand_beside_the_fact(folded: Folded[State]) -> None:
    source = Source(title="Declaration", link="https://example.org/d", date="2014-10-17")
    rival = {"field": "since", "value": "2011-10", "source": {"title": "A blog"}}
    whole = taken(since="2011-11-25", source=source, also_claimed=[rival])
    assert folded.tell(whole)
    assert folded.tell(whole) == []
    (term,) = coalition(folded).offices
    assert (term.since, term.source) == ("2011-11-25", source)
    (claim,) = coalition(folded).also_claimed
    assert (claim.about, claim.field, claim.value) == (
        "office / president / fr-city-toulouse / Toulouse",
        "since",
        "2011-10",
    )
    assert [line.source for line in coalition(folded).timeline] == [source]
