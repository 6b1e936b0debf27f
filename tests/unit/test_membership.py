from __future__ import annotations

import pytest

from services.membership.domain import Coalition, Member, Membership, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionFounded,
    CoalitionLaunched,
    LeadCityDesignated,
    MemberAdmitted,
    MemberApplied,
    MemberReinstated,
    MemberSuspended,
    MemberWithdrawn,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded

POTSDAM = MemberRef(name="Potsdam", country="DE", kind="city")
FOUNDED = CoalitionFounded(coalition="europe", name="European Coalition")


@pytest.fixture
def told() -> Folded[State]:
    folded = Folded(Membership())
    folded.tell(FOUNDED)
    return folded


def member(told: Folded[State]) -> Member:
    state = told.states[f"members/{POTSDAM.key}"]
    assert isinstance(state, Member)
    return state


def coalition(told: Folded[State]) -> Coalition:
    state = told.states["coalitions/europe"]
    assert isinstance(state, Coalition)
    return state


def signed(date: str = "2006-09") -> CitySigned:
    return CitySigned(coalition="europe", member=POTSDAM, signed=date)


def suspended(date: str = "2010") -> MemberSuspended:
    return MemberSuspended(coalition="europe", member=POTSDAM, suspended=date, reason="no report")


def reinstated(date: str = "2011") -> MemberReinstated:
    return MemberReinstated(coalition="europe", member=POTSDAM, reinstated=date)


def withdrawn(date: str = "2012") -> MemberWithdrawn:
    return MemberWithdrawn(coalition="europe", member=POTSDAM, withdrawn=date)


def test_a_signature_makes_a_member_and_says_so(told: Folded[State]) -> None:
    (published,) = told.tell(signed())
    assert isinstance(published, CitySigned)
    assert (published.state, published.coalition_name) == ("member", "European Coalition")
    assert member(told).state == "member"


def test_an_admission_may_arrive_before_the_signature_it_followed(told: Folded[State]) -> None:
    told.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2008-04-02"))
    told.tell(signed("2006-09"))
    told.tell(CityDecided(coalition="europe", member=POTSDAM, decided="2006-04-05"))
    assert member(told).state == "member"
    assert {s.step for s in member(told).steps} == {"admitted", "signed", "decided"}


def test_a_council_decision_alone_makes_no_member(told: Folded[State]) -> None:
    told.tell(MemberApplied(coalition="europe", member=POTSDAM, applied="2014"))
    told.tell(CityDecided(coalition="europe", member=POTSDAM, decided="2015-05"))
    assert member(told).state == "decided"


def test_the_same_step_again_changes_nothing(told: Folded[State]) -> None:
    told.tell(signed())
    assert told.tell(signed()) == []
    assert told.tell(signed("2006")) == []


def test_a_finer_date_of_the_same_step_is_news(told: Folded[State]) -> None:
    told.tell(signed("2006-09"))
    assert told.tell(signed("2006-09-12"))
    assert [s.date for s in member(told).steps] == ["2006-09-12"]


def test_a_contradicting_date_is_refused(told: Folded[State]) -> None:
    told.tell(signed("2006-09"))
    with pytest.raises(Refused, match="contradicts"):
        told.tell(signed("2007"))


def test_an_unknown_coalition_is_refused(told: Folded[State]) -> None:
    with pytest.raises(Refused, match="'atlantis' is not known"):
        told.tell(CitySigned(coalition="atlantis", member=POTSDAM, signed="2006"))
    with pytest.raises(Refused, match="not known"):
        told.tell(CoalitionLaunched(coalition="atlantis", launched="2006"))


def test_a_date_in_the_future_is_refused(told: Folded[State]) -> None:
    with pytest.raises(Refused, match="future"):
        told.tell(signed("2027"))


def test_suspension_and_reinstatement(told: Folded[State]) -> None:
    told.tell(signed())
    told.tell(suspended())
    assert member(told).state == "suspended"
    told.tell(reinstated())
    assert member(told).state == "member"


def test_nobody_is_reinstated_who_was_never_suspended(told: Folded[State]) -> None:
    told.tell(signed())
    with pytest.raises(Refused, match="its state is 'member'"):
        told.tell(reinstated())


def test_an_unknown_member_is_not_suspended(told: Folded[State]) -> None:
    with pytest.raises(Refused, match="not known"):
        told.tell(suspended())


def test_nobody_is_suspended_before_joining(told: Folded[State]) -> None:
    told.tell(signed("2006-09"))
    with pytest.raises(Refused, match="lies before"):
        told.tell(suspended("2005"))


def test_a_signature_told_late_does_not_end_a_suspension(told: Folded[State]) -> None:
    told.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2008"))
    told.tell(suspended())
    told.tell(signed("2006"))
    assert member(told).state == "suspended"


def test_who_withdrew_may_sign_again_later_but_an_older_signature_changes_no_state(
    told: Folded[State],
) -> None:
    told.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2008"))
    told.tell(withdrawn("2012"))
    told.tell(signed("2006-09"))
    assert member(told).state == "withdrawn"
    told.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2020"))
    assert member(told).state == "member"


def test_an_id_that_is_not_the_names_is_refused(told: Folded[State]) -> None:
    wrong = MemberRef(id="de-city-bonn", name="Potsdam", country="DE", kind="city")
    with pytest.raises(Refused, match="not that of"):
        told.tell(CitySigned(coalition="europe", member=wrong, signed="2006"))


def test_a_member_belongs_to_one_coalition(told: Folded[State]) -> None:
    told.tell(CoalitionFounded(coalition="africa", name="African Coalition"))
    told.tell(signed())
    with pytest.raises(Refused, match="belongs to"):
        told.tell(CitySigned(coalition="africa", member=POTSDAM, signed="2006"))


def test_a_coalition_is_in_creation_until_it_is_launched(told: Folded[State]) -> None:
    assert coalition(told).status == "in creation"
    told.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10"))
    assert coalition(told).status == "launched"
    assert told.tell(CoalitionLaunched(coalition="europe", launched="2004-12")) == []
    assert told.tell(FOUNDED) == []


def test_a_lead_city_need_not_be_a_member_and_may_end(told: Folded[State]) -> None:
    city = MemberRef(name="Bangkok", country="TH", kind="city")
    begun = LeadCityDesignated(coalition="europe", city=city, since="2006-08-04")
    told.tell(begun)
    assert told.tell(begun) == []
    assert told.tell(begun.model_copy(update={"until": "2016-04"}))
    (lead,) = coalition(told).lead_cities
    assert (lead.since, lead.until) == ("2006-08-04", "2016-04")
