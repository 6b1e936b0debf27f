"""What a member is, by which steps, since which day, under which statutes."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.membership.domain import DECIDER, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionFounded,
    ConditionMet,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberEvent,
    MemberReassessed,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_facts import (
    DECIDED,
    SIGNED,
    WHO,
    founded,
    member,
    reinstated,
    statutes,
    suspended,
    was,
    withdrawn,
)

APPLIED = MemberApplied(**WHO, applied="2005")
ACCEDED = MemberAcceded(**WHO, acceded="2007-01-15")
ADMITTED = MemberAdmitted(**WHO, admitted="2008-04-02")


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


# --- the statutes say which step makes a member ------------------------------


@pytest.mark.parametrize(
    ("by", "after_each"),
    [
        ("decided", ["applied", "member", "member", "member", "member"]),
        ("signed", ["applied", "decided", "member", "member", "member"]),
        ("admitted", ["applied", "decided", "signed", "acceded", "member"]),
    ],
)
def test_the_statutes_say_which_step_makes_a_member(
    folded: Folded[State], by: str, after_each: list[str]
) -> None:
    statutes(folded, membership_by=by)
    states = [folded.tell(e)[0] for e in (APPLIED, DECIDED, SIGNED, ACCEDED, ADMITTED)]
    assert [e.state for e in states if isinstance(e, MemberEvent)] == after_each


@pytest.mark.parametrize("by", ["decided", "signed", "admitted"])
def test_the_steps_of_joining_may_arrive_in_any_order(by: str) -> None:
    found = set()
    for order in permutations([APPLIED, DECIDED, SIGNED, ACCEDED, ADMITTED]):
        folded = Folded[State](DECIDER)
        folded.tell(CoalitionFounded(coalition="europe", name="European Coalition"))
        statutes(folded, membership_by=by)
        for event in order:
            folded.tell(event)
        found.add(member(folded).standings)
    assert len(found) == 1


def test_a_step_counts_by_the_statutes_of_its_own_date(folded: Folded[State]) -> None:
    statutes(folded, "2010", membership_by="admitted")
    folded.tell(SIGNED)
    assert member(folded).state == "member"
    bonn = MemberRef(name="Bonn", country="DE", kind="city")
    (published,) = folded.tell(CitySigned(coalition="europe", member=bonn, signed="2015"))
    assert isinstance(published, CitySigned)
    assert published.state == "signed"


def test_statutes_that_comes_late_are_applied_when_members_are_reassessed(
    folded: Folded[State],
) -> None:
    folded.tell(SIGNED)
    again = MemberReassessed(**WHO)
    assert folded.tell(again) == []
    statutes(folded, membership_by="admitted")
    (published,) = folded.tell(again)
    assert isinstance(published, MemberReassessed)
    assert (published.state, member(folded).state) == ("signed", "signed")
    assert folded.tell(again) == []


def test_new_statutes_that_make_nobody_else_a_member_are_no_news_of_it(
    folded: Folded[State],
) -> None:
    folded.tell(ADMITTED)
    statutes(folded, membership_by="admitted")
    assert folded.tell(MemberReassessed(**WHO)) == []
    assert folded.tell(ADMITTED) == []


def test_a_conditional_decision_stands_when_its_condition_is_met(folded: Folded[State]) -> None:
    statutes(folded, membership_by="decided")
    folded.tell(CityDecided(**WHO, decided="2006-04", condition="subject to the budget"))
    assert member(folded).state == "conditional"
    folded.tell(ConditionMet(**WHO, met="2006-12"))
    assert member(folded).state == "member"
    assert (was(folded, "2006-12-30"), was(folded, "2006-12-31")) == ("conditional", "member")


def test_no_condition_is_met_that_nobody_made(folded: Folded[State]) -> None:
    folded.tell(DECIDED)
    with pytest.raises(Refused, match="no decision of Potsdam on a condition is known"):
        folded.tell(ConditionMet(**WHO, met="2006-12"))


def test_a_document_that_was_missing_is_news_once(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    signed = CitySigned(**WHO, signed="2006", signed_by="Mayor", document="https://example.org/1")
    assert folded.tell(signed)
    assert folded.tell(signed) == []
    (step,) = member(folded).steps
    assert (step.date, step.signed_by, step.document) == (
        "2006-09",
        "Mayor",
        "https://example.org/1",
    )


def test_more_about_a_step_goes_to_the_one_of_that_very_date(folded: Folded[State]) -> None:
    for event in (CitySigned(**WHO, signed="2010"), withdrawn("2010-05")):
        folded.tell(event)
    folded.tell(CitySigned(**WHO, signed="2010-09"))
    folded.tell(CitySigned(**WHO, signed="2010", signed_by="Mayor"))
    assert [s.signed_by for s in member(folded).steps] == ["Mayor", None, None]


# --- as of a day ------------------------------


def test_a_date_known_to_the_month_counts_from_its_last_day(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    assert (was(folded, "2006-09-29"), was(folded, "2006-09-30")) == (None, "member")


def test_what_must_have_been_before_a_suspension_was_so_by_then(folded: Folded[State]) -> None:
    folded.tell(CitySigned(**WHO, signed="2006"))
    folded.tell(suspended("2006-05-10"))
    assert (was(folded, "2006-05-09"), was(folded, "2006-05-10")) == (None, "suspended")


def test_a_whole_life_as_of_any_day(folded: Folded[State]) -> None:
    in_disorder = [
        ADMITTED,
        withdrawn("2012-06-01"),
        suspended("2010-03-01"),
        reinstated("2011-01-01"),
        DECIDED,
        CitySigned(**WHO, signed="2020-02-02"),
    ]
    for event in in_disorder:
        assert folded.tell(event)
    days = ["2006-04-05", "2008-04-02", "2010-03-01", "2011-01-01", "2012-06-01", "2020-02-02"]
    assert [s.since for s in member(folded).standings] == days
    assert [was(folded, day) for day in days] == [
        "decided",
        "member",
        "suspended",
        "member",
        "withdrawn",
        "member",
    ]


# --- suspension, withdrawal, and what does not fit ------------------------------


def test_a_suspension_that_comes_late_finds_its_place(folded: Folded[State]) -> None:
    for event in (SIGNED, suspended("2012"), reinstated("2013"), suspended("2008")):
        assert folded.tell(event)
    assert was(folded, "2010-01-01") == "suspended"
    assert folded.tell(reinstated("2009"))
    assert [(s.state, s.since[:4]) for s in member(folded).standings] == [
        ("member", "2006"),
        ("suspended", "2008"),
        ("member", "2009"),
        ("suspended", "2012"),
        ("member", "2013"),
    ]


def test_a_step_of_joining_in_a_suspension_does_not_end_it(folded: Folded[State]) -> None:
    for event in (SIGNED, suspended("2010"), MemberAdmitted(**WHO, admitted="2015")):
        folded.tell(event)
    assert member(folded).state == "suspended"


def test_who_left_begins_anew(folded: Folded[State]) -> None:
    for event in (SIGNED, withdrawn("2012"), MemberApplied(**WHO, applied="2020")):
        folded.tell(event)
    assert member(folded).state == "applied"


def test_a_condition_met_later_brings_nobody_back(folded: Folded[State]) -> None:
    folded.tell(CityDecided(**WHO, decided="2006-04", condition="subject to the budget"))
    folded.tell(withdrawn("2012"))
    folded.tell(ConditionMet(**WHO, met="2014"))
    assert member(folded).state == "dropped"


def test_nobody_leaves_twice(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    folded.tell(withdrawn("2015"))
    with pytest.raises(Refused, match="then it could not have been withdrawn 2015"):
        folded.tell(withdrawn("2014"))


def test_who_withdrew_and_said_so_again_is_out_only_once(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    folded.tell(withdrawn("2012"))
    assert folded.tell(withdrawn("2012")) == []
    assert folded.tell(SIGNED) == []
    with pytest.raises(Refused, match="its state is 'withdrawn'"):
        folded.tell(withdrawn("2014"))
