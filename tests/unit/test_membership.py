from __future__ import annotations

from typing import get_args

import pytest

from services.membership.domain import DECIDER, Coalition, Member, State
from services.membership.domain.members.evolve import STEP_NAMES
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    STEP_EVENTS,
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
    StepName,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded

POTSDAM = MemberRef(name="Potsdam", country="DE", kind="city")
FOUNDED = CoalitionFounded(coalition="europe", name="European Coalition")


@pytest.fixture
def folded() -> Folded[State]:
    folded = Folded(DECIDER)
    folded.tell(FOUNDED)
    return folded


def member(folded: Folded[State]) -> Member:
    state = folded.states[Stream("members", POTSDAM.key)]
    assert isinstance(state, Member)
    return state


def coalition(folded: Folded[State]) -> Coalition:
    state = folded.states[Stream("coalitions", "europe")]
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


def test_a_signature_makes_a_member_and_says_so(folded: Folded[State]) -> None:
    (published,) = folded.tell(signed())
    assert isinstance(published, CitySigned)
    assert (published.state, published.coalition_name) == ("member", "European Coalition")
    assert member(folded).state == "member"


def test_an_admission_may_arrive_before_the_signature_it_followed(folded: Folded[State]) -> None:
    folded.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2008-04-02"))
    folded.tell(signed("2006-09"))
    folded.tell(CityDecided(coalition="europe", member=POTSDAM, decided="2006-04-05"))
    assert member(folded).state == "member"
    assert {s.step for s in member(folded).steps} == {"admitted", "signed", "decided"}


def test_a_council_decision_alone_makes_no_member(folded: Folded[State]) -> None:
    folded.tell(MemberApplied(coalition="europe", member=POTSDAM, applied="2014"))
    folded.tell(CityDecided(coalition="europe", member=POTSDAM, decided="2015-05"))
    assert member(folded).state == "decided"


def test_the_same_step_again_changes_nothing(folded: Folded[State]) -> None:
    folded.tell(signed())
    assert folded.tell(signed()) == []
    assert folded.tell(signed("2006")) == []


def test_a_finer_date_of_the_same_step_is_news(folded: Folded[State]) -> None:
    folded.tell(signed("2006-09"))
    assert folded.tell(signed("2006-09-12"))
    assert [s.date for s in member(folded).steps] == ["2006-09-12"]


def test_a_contradicting_date_is_refused(folded: Folded[State]) -> None:
    folded.tell(signed("2006-09"))
    with pytest.raises(Refused, match="contradicts"):
        folded.tell(signed("2007"))


def test_an_unknown_coalition_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="'atlantis' is not known"):
        folded.tell(CitySigned(coalition="atlantis", member=POTSDAM, signed="2006"))
    with pytest.raises(Refused, match="not known"):
        folded.tell(CoalitionLaunched(coalition="atlantis", launched="2006"))


def test_a_date_in_the_future_is_refused(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="future"):
        folded.tell(signed("2027"))


def test_suspension_and_reinstatement(folded: Folded[State]) -> None:
    folded.tell(signed())
    folded.tell(suspended())
    assert member(folded).state == "suspended"
    folded.tell(reinstated())
    assert member(folded).state == "member"


def test_nobody_is_reinstated_who_was_never_suspended(folded: Folded[State]) -> None:
    folded.tell(signed())
    with pytest.raises(Refused, match="its state is 'member'"):
        folded.tell(reinstated())


def test_an_unknown_member_is_not_suspended(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="not known"):
        folded.tell(suspended())


def test_nobody_is_suspended_before_joining(folded: Folded[State]) -> None:
    folded.tell(signed("2006-09"))
    with pytest.raises(Refused, match="lies before"):
        folded.tell(suspended("2005"))


def test_a_signature_that_comes_late_does_not_end_a_suspension(folded: Folded[State]) -> None:
    folded.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2008"))
    folded.tell(suspended())
    folded.tell(signed("2006"))
    assert member(folded).state == "suspended"


def test_who_withdrew_may_sign_again_later_but_an_older_signature_changes_no_state(
    folded: Folded[State],
) -> None:
    folded.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2008"))
    folded.tell(withdrawn("2012"))
    folded.tell(signed("2006-09"))
    assert member(folded).state == "withdrawn"
    folded.tell(MemberAdmitted(coalition="europe", member=POTSDAM, admitted="2020"))
    assert member(folded).state == "member"


def test_a_member_belongs_to_one_coalition(folded: Folded[State]) -> None:
    folded.tell(CoalitionFounded(coalition="africa", name="African Coalition"))
    folded.tell(signed())
    with pytest.raises(Refused, match="belongs to"):
        folded.tell(CitySigned(coalition="africa", member=POTSDAM, signed="2006"))


def test_a_coalition_is_in_creation_until_it_is_launched(folded: Folded[State]) -> None:
    assert coalition(folded).state == "in creation"
    folded.tell(CoalitionLaunched(coalition="europe", launched="2004-12-10"))
    assert coalition(folded).state == "launched"
    assert folded.tell(CoalitionLaunched(coalition="europe", launched="2004-12")) == []
    assert folded.tell(FOUNDED) == []


def test_every_step_has_a_name() -> None:
    assert STEP_NAMES.keys() == set(STEP_EVENTS)
    assert sorted(STEP_NAMES.values()) == sorted(get_args(StepName))


def test_a_lead_city_need_not_be_a_member_and_may_end(folded: Folded[State]) -> None:
    city = MemberRef(name="Bangkok", country="TH", kind="city")
    begun = LeadCityDesignated(coalition="europe", city=city, since="2006-08-04")
    folded.tell(begun)
    assert folded.tell(begun) == []
    assert folded.tell(begun.model_copy(update={"until": "2016-04"}))
    (lead,) = coalition(folded).lead_cities
    assert (lead.since, lead.until) == ("2006-08-04", "2016-04")
