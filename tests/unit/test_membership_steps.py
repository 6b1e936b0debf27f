"""What a member is, by which steps, since which day, under which statutes."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.membership.domain import Membership, State
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
    MemberReviewed,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_words import (
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
def told() -> Folded[State]:
    return founded()


# --- the statutes say which step makes a member ------------------------------


@pytest.mark.parametrize(
    ("by", "after_each"),
    [
        ("decision", ["applied", "member", "member", "member", "member"]),
        ("signature", ["applied", "decided", "member", "member", "member"]),
        ("admission", ["applied", "decided", "signed", "acceded", "member"]),
    ],
)
def test_the_statutes_say_which_step_makes_a_member(
    told: Folded[State], by: str, after_each: list[str]
) -> None:
    statutes(told, membership_by=by)
    states = [told.tell(e)[0] for e in (APPLIED, DECIDED, SIGNED, ACCEDED, ADMITTED)]
    assert [e.state for e in states if isinstance(e, MemberEvent)] == after_each


@pytest.mark.parametrize("by", ["decision", "signature", "admission"])
def test_the_steps_of_joining_may_arrive_in_any_order(by: str) -> None:
    found = set()
    for order in permutations([APPLIED, DECIDED, SIGNED, ACCEDED, ADMITTED]):
        told = Folded[State](Membership())
        told.tell(CoalitionFounded(coalition="europe", name="European Coalition"))
        statutes(told, membership_by=by)
        for event in order:
            told.tell(event)
        found.add(member(told).standings)
    assert len(found) == 1


def test_a_step_counts_by_the_statutes_of_its_own_date(told: Folded[State]) -> None:
    statutes(told, "2010", membership_by="admission")
    told.tell(SIGNED)
    assert member(told).state == "member"
    bonn = MemberRef(name="Bonn", country="DE", kind="city")
    (published,) = told.tell(CitySigned(coalition="europe", member=bonn, signed="2015"))
    assert isinstance(published, CitySigned)
    assert published.state == "signed"


def test_statutes_told_late_are_applied_when_members_are_reviewed(told: Folded[State]) -> None:
    told.tell(SIGNED)
    review = MemberReviewed(**WHO)
    assert told.tell(review) == []
    statutes(told, membership_by="admission")
    (published,) = told.tell(review)
    assert isinstance(published, MemberReviewed)
    assert (published.state, member(told).state) == ("signed", "signed")
    assert told.tell(review) == []


def test_new_statutes_that_make_nobody_else_a_member_are_no_news_of_it(
    told: Folded[State],
) -> None:
    told.tell(ADMITTED)
    statutes(told, membership_by="admission")
    assert told.tell(MemberReviewed(**WHO)) == []
    assert told.tell(ADMITTED) == []


def test_a_conditional_decision_stands_when_its_condition_is_met(told: Folded[State]) -> None:
    statutes(told, membership_by="decision")
    told.tell(CityDecided(**WHO, decided="2006-04", condition="subject to the budget"))
    assert member(told).state == "conditional"
    told.tell(ConditionMet(**WHO, met="2006-12"))
    assert member(told).state == "member"
    assert (was(told, "2006-12-30"), was(told, "2006-12-31")) == ("conditional", "member")


def test_no_condition_is_met_that_nobody_made(told: Folded[State]) -> None:
    told.tell(DECIDED)
    with pytest.raises(Refused, match="no decision of Potsdam on a condition is known"):
        told.tell(ConditionMet(**WHO, met="2006-12"))


def test_a_document_that_was_missing_is_news_once(told: Folded[State]) -> None:
    told.tell(SIGNED)
    signed = CitySigned(**WHO, signed="2006", signed_by="Mayor", document="https://example.org/1")
    assert told.tell(signed)
    assert told.tell(signed) == []
    (step,) = member(told).steps
    assert (step.date, step.signed_by, step.document) == (
        "2006-09",
        "Mayor",
        "https://example.org/1",
    )


def test_more_about_a_step_goes_to_the_one_of_that_very_date(told: Folded[State]) -> None:
    for event in (CitySigned(**WHO, signed="2010"), withdrawn("2010-05")):
        told.tell(event)
    told.tell(CitySigned(**WHO, signed="2010-09"))
    told.tell(CitySigned(**WHO, signed="2010", signed_by="Mayor"))
    assert [s.signed_by for s in member(told).steps] == ["Mayor", None, None]


# --- as of a day ------------------------------


def test_a_date_known_to_the_month_counts_from_its_last_day(told: Folded[State]) -> None:
    told.tell(SIGNED)
    assert (was(told, "2006-09-29"), was(told, "2006-09-30")) == (None, "member")


def test_what_must_have_been_before_a_suspension_was_so_by_then(told: Folded[State]) -> None:
    told.tell(CitySigned(**WHO, signed="2006"))
    told.tell(suspended("2006-05-10"))
    assert (was(told, "2006-05-09"), was(told, "2006-05-10")) == (None, "suspended")


def test_a_whole_life_as_of_any_day(told: Folded[State]) -> None:
    told_in_disorder = [
        ADMITTED,
        withdrawn("2012-06-01"),
        suspended("2010-03-01"),
        reinstated("2011-01-01"),
        DECIDED,
        CitySigned(**WHO, signed="2020-02-02"),
    ]
    for event in told_in_disorder:
        assert told.tell(event)
    days = ["2006-04-05", "2008-04-02", "2010-03-01", "2011-01-01", "2012-06-01", "2020-02-02"]
    assert [s.since for s in member(told).standings] == days
    assert [was(told, day) for day in days] == [
        "decided",
        "member",
        "suspended",
        "member",
        "withdrawn",
        "member",
    ]


# --- suspension, withdrawal, and what does not fit ------------------------------


def test_a_suspension_told_late_finds_its_place(told: Folded[State]) -> None:
    for event in (SIGNED, suspended("2012"), reinstated("2013"), suspended("2008")):
        assert told.tell(event)
    assert was(told, "2010-01-01") == "suspended"
    assert told.tell(reinstated("2009"))
    assert [(s.state, s.since[:4]) for s in member(told).standings] == [
        ("member", "2006"),
        ("suspended", "2008"),
        ("member", "2009"),
        ("suspended", "2012"),
        ("member", "2013"),
    ]


def test_a_step_of_joining_told_in_a_suspension_does_not_end_it(told: Folded[State]) -> None:
    for event in (SIGNED, suspended("2010"), MemberAdmitted(**WHO, admitted="2015")):
        told.tell(event)
    assert member(told).state == "suspended"


def test_who_left_begins_anew(told: Folded[State]) -> None:
    for event in (SIGNED, withdrawn("2012"), MemberApplied(**WHO, applied="2020")):
        told.tell(event)
    assert member(told).state == "applied"


def test_a_condition_met_later_brings_nobody_back(told: Folded[State]) -> None:
    told.tell(CityDecided(**WHO, decided="2006-04", condition="subject to the budget"))
    told.tell(withdrawn("2012"))
    told.tell(ConditionMet(**WHO, met="2014"))
    assert member(told).state == "withdrawn"


def test_nobody_leaves_twice(told: Folded[State]) -> None:
    told.tell(SIGNED)
    told.tell(withdrawn("2015"))
    with pytest.raises(Refused, match="then it could not have been withdrawn 2015"):
        told.tell(withdrawn("2014"))


def test_who_withdrew_and_said_so_again_is_out_only_once(told: Folded[State]) -> None:
    told.tell(SIGNED)
    told.tell(withdrawn("2012"))
    assert told.tell(withdrawn("2012")) == []
    assert told.tell(SIGNED) == []
    with pytest.raises(Refused, match="its state is 'withdrawn'"):
        told.tell(withdrawn("2014"))
