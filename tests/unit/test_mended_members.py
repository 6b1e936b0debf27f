"""A member in another country or coalition than was recorded, and one that moves."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.membership.domain.statistics import counted
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    MemberCorrected,
    MemberDescribed,
    MemberMoved,
    MemberSuspended,
    PopulationCounted,
    StatutesAdopted,
)
from shared.domain.decider import Refused
from tests.unit.membership_facts import SIGNED, WHO, member
from tests.unit.mending import AFRICA, AUSTRIAN, ID, corrected, signed
from tests.unit.reacting import Reacting


@pytest.fixture
def folded() -> Reacting:
    return signed()


# --- its country ------------------------------


def test_a_member_of_another_country_keeps_its_id_and_the_right_one_leads_to_it(
    folded: Reacting,
) -> None:
    folded.tell(corrected("country", "DE", "AT"))
    assert (member(folded).country, member(folded).id) == ("AT", "de-city-potsdam")
    assert member(folded).aliases == ("at-city-potsdam",)
    with pytest.raises(Refused, match="Potsdam is one with 'de-city-potsdam': send it for that"):
        folded.tell(CityDecided(coalition="europe", member=AUSTRIAN, decided="2006"))
    folded.tell(CityDecided(coalition="europe", member=ID, decided="2006"))
    assert folded.refused == []


def test_whoever_still_has_the_wrong_country_means_another_city(folded: Reacting) -> None:
    folded.tell(corrected("country", "DE", "AT"))
    with pytest.raises(Refused, match="is in AT by the record, not in DE: if it is meant, give"):
        folded.tell(CityDecided(**WHO, decided="2006"))


def test_a_city_of_the_right_country_that_is_recorded_already_is_not_overrun(
    folded: Reacting,
) -> None:
    folded.tell(CitySigned(coalition="europe", member=AUSTRIAN, signed="2010"))
    with pytest.raises(Refused, match=r"'at-city-potsdam' is recorded .*: if the two are one"):
        folded.tell(corrected("country", "DE", "AT"))


def test_the_id_of_the_right_country_is_free_again_when_that_was_the_mistake(
    folded: Reacting,
) -> None:
    folded.tell(corrected("country", "DE", "AT"))
    folded.tell(corrected("country", "DE", "DE"))
    assert folded.tell(CitySigned(coalition="europe", member=AUSTRIAN, signed="2010"))
    assert member(folded, AUSTRIAN).state == "member"


def test_a_qualifier_of_the_wrong_country_is_corrected_first(folded: Reacting) -> None:
    brandenburg = MemberRef(name="Ulm", country="DE", kind="city", qualifier="DE-BB")
    folded.tell(CitySigned(coalition="europe", member=brandenburg, signed="2010"))
    ulm = {"member": MemberRef(id=brandenburg.key)}
    with pytest.raises(Refused, match="no subdivision of AT: correct the qualifier first"):
        folded.tell(corrected("country", "DE", "AT", **ulm))
    folded.tell(corrected("qualifier", "DE-BB", None, **ulm))
    assert folded.tell(corrected("country", "DE", "AT", **ulm))


# --- what it cannot be corrected to ------------------------------


def test_a_member_is_not_corrected_to_be_a_part_of_itself_or_of_its_part(folded: Reacting) -> None:
    quarter = MemberRef(name="Babelsberg", country="DE", kind="district")
    folded.tell(CitySigned(coalition="europe", member=quarter, signed="2010"))
    folded.tell(MemberDescribed(coalition="europe", member=quarter, part_of=ID.key))
    folded.tell(MemberDescribed(**WHO, part_of="de-region-ost"))
    for whole in (ID.key, quarter.key):
        with pytest.raises(Refused, match="not a part of what is itself, or a part of it"):
            folded.tell(corrected("part of", "de-region-ost", whole))


def test_a_count_of_its_people_is_not_corrected_into_the_future(folded: Reacting) -> None:
    folded.tell(PopulationCounted(**WHO, as_of="2011", population=159_456))
    with pytest.raises(Refused, match="2099 lies in the future"):
        folded.tell(corrected("population counted", "2011", "2099"))


@pytest.mark.parametrize(
    ("fact", "value", "why"),
    [
        ("country", "Germany", "for this it is DE"),
        ("kind", "town", "Input should be 'city', 'district'"),
        ("moved", "last year", "a date is YYYY, YYYY-MM or YYYY-MM-DD"),
        ("qualifier", "xx", "a qualifier is an ISO 3166-2 subdivision"),
        ("website", "potsdam", "String should match pattern"),
    ],
)
def test_what_is_no_value_of_a_fact_is_refused_by_name(fact: str, value: str, why: str) -> None:
    refused = f"'{value}' is no value of the fact '{fact}': .*{why}"
    with pytest.raises(ValidationError, match=refused):
        corrected(fact, value, None)


# --- its coalition ------------------------------


def test_a_member_of_the_wrong_coalition_comes_into_the_right_one_with_its_history(
    folded: Reacting,
) -> None:
    statutes = {"coalition": "africa", "adopted": "2000", "membership_by": "admitted"}
    folded.tell(StatutesAdopted.model_validate(statutes))
    published, *_ = folded.tell(corrected("coalition", "europe", "africa"))
    assert isinstance(published, MemberCorrected)
    assert (published.coalition, published.coalition_before) == ("africa", "europe")
    assert (member(folded).coalition, member(folded).state) == ("africa", "signed")
    assert [step.date for step in member(folded).steps] == ["2006-09"]
    with pytest.raises(Refused, match="belongs to the coalition 'africa': MemberMoved says since"):
        folded.tell(SIGNED)
    before = member(folded)
    folded.tell(corrected("coalition", "europe", "europe", coalition="africa"))
    assert (member(folded).coalition, member(folded).state) == ("europe", "member")
    folded.tell(corrected("coalition", "europe", "africa"))
    assert member(folded) == before


def test_an_unknown_coalition_is_refused(folded: Reacting) -> None:
    with pytest.raises(Refused, match="the coalition 'asia' is not known"):
        folded.tell(corrected("coalition", "europe", "asia"))
    with pytest.raises(Refused, match="the coalition 'asia' is not known"):
        folded.tell(MemberMoved(coalition="asia", member=ID, moved="2015"))


def test_a_member_that_moved_was_in_the_other_coalition_until_then(folded: Reacting) -> None:
    folded.tell(MemberMoved(**AFRICA, moved="2015"))
    moved = member(folded)
    assert (moved.coalition, moved.coalition_name) == ("africa", "African Coalition")
    then = moved.as_of("2014-06-30")
    assert then is not None
    assert (then.coalition, then.coalition_name) == ("europe", "European Coalition")
    assert [moved.coalition_on(day) for day in ("2015-12-30", "2015-12-31")] == ["europe", "africa"]
    assert folded.tell(MemberMoved(**AFRICA, moved="2015")) == []
    for coalitions, number in (({"europe"}, 1), ({"africa"}, 0), ({"europe", "africa"}, 1)):
        assert counted([moved], "2014-06-30", coalitions).total() == number


def test_it_moves_as_what_it_is_and_the_new_statutes_count_from_then_on(folded: Reacting) -> None:
    statutes = {"coalition": "africa", "adopted": "2000", "membership_by": "admitted"}
    folded.tell(StatutesAdopted.model_validate(statutes))
    folded.tell(MemberMoved(**AFRICA, moved="2015"))
    assert member(folded).state == "member"
    folded.tell(MemberSuspended(**AFRICA, suspended="2016", reason="no report"))
    assert member(folded).state == "suspended"
    decided = CityDecided(coalition="africa", member=ID, decided="2005")
    folded.tell(decided)
    assert [(s.state, s.since) for s in member(folded).standings][:2] == [
        ("decided", "2005-12-31"),
        ("member", "2006-09-30"),
    ]


@pytest.mark.parametrize(
    ("moved", "why"),
    [
        ("2005", "2005 lies before its first step, 2006-09"),
        ("2031", "2031 lies in the future"),
    ],
)
def test_a_move_has_its_place_in_time(folded: Reacting, moved: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        folded.tell(MemberMoved(**AFRICA, moved=moved))


def test_a_second_move_is_later_and_corrected_before_the_first(folded: Reacting) -> None:
    folded.tell(MemberMoved(**AFRICA, moved="2015"))
    with pytest.raises(Refused, match="since 2015 already: MemberCorrected mends a wrong date"):
        folded.tell(MemberMoved(**AFRICA, moved="2016"))
    with pytest.raises(Refused, match="it moved in 2015, which is later than 2012"):
        folded.tell(MemberMoved(coalition="europe", member=ID, moved="2012"))
    folded.tell(MemberMoved(coalition="europe", member=ID, moved="2018"))
    with pytest.raises(Refused, match="moved again in 2018: correct that first"):
        folded.tell(corrected("moved", "2015", "2016"))


def test_a_member_is_where_it_always_was(folded: Reacting) -> None:
    with pytest.raises(Refused, match="is in the coalition 'europe' from its beginning"):
        folded.tell(MemberMoved(coalition="europe", member=ID, moved="2015"))
    with pytest.raises(Refused, match="belongs to the coalition 'europe'"):
        folded.tell(MemberMoved(**AFRICA, moved="2015", coalition_before="asia"))
