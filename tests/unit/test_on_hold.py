"""A membership on hold at the member's own wish: no sanction, and with an end."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.membership.domain import State
from services.membership.domain.statistics import INSIDE
from shared.contracts.membership import MemberAdmitted, MemberPutOnHold
from shared.contracts.plans import ReportFellOverdue
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.membership_facts import (
    POTSDAM,
    SIGNED,
    WHO,
    corrected,
    founded,
    member,
    on_hold,
    reinstated,
    statutes,
    suspended,
    was,
    withdrawn,
)


@pytest.fixture
def folded() -> Folded[State]:
    return founded()


def standings(folded: Folded[State]) -> list[tuple[str, str]]:
    return [(one.state, one.since[:4]) for one in member(folded).standings]


def test_a_member_is_on_hold_and_goes_on(folded: Folded[State]) -> None:
    for event in (SIGNED, on_hold("2010", until="2011-06"), reinstated("2011")):
        assert folded.tell(event)
    assert standings(folded) == [("member", "2006"), ("on hold", "2010"), ("member", "2011")]
    step = member(folded).steps[1]
    assert (step.until, step.reason) == ("2011-06", "elections")


def test_one_on_hold_counts_as_a_member_and_stays_on_hold_until_that_is_ended(
    folded: Folded[State],
) -> None:
    """The date until which it is agreed ends nothing by itself."""
    for event in (SIGNED, on_hold("2010", until="2011"), MemberAdmitted(**WHO, admitted="2015")):
        folded.tell(event)
    assert was(folded, "2020-01-01") == "on hold"
    assert member(folded).state in INSIDE


def test_one_on_hold_may_leave_or_be_suspended(folded: Folded[State]) -> None:
    for event in (SIGNED, on_hold("2010"), suspended("2011"), reinstated("2012")):
        assert folded.tell(event)
    assert folded.tell(on_hold("2013"))
    assert folded.tell(withdrawn("2014"))
    states = [state for state, _ in standings(folded)]
    assert states == ["member", "on hold", "suspended", "member", "on hold", "withdrawn"]


def test_only_a_member_whose_rights_do_not_rest_is_put_on_hold(folded: Folded[State]) -> None:
    with pytest.raises(Refused, match="is not known, so it cannot be on hold"):
        folded.tell(on_hold("2010"))
    folded.tell(SIGNED)
    with pytest.raises(Refused, match="2005 lies before it joined"):
        folded.tell(on_hold("2005"))
    folded.tell(suspended("2010"))
    with pytest.raises(Refused, match="cannot be on hold 2011"):
        folded.tell(on_hold("2011"))


def test_a_time_on_hold_that_comes_late_finds_its_place(folded: Folded[State]) -> None:
    for event in (SIGNED, on_hold("2012"), reinstated("2013"), on_hold("2008"), reinstated("2009")):
        assert folded.tell(event)
    years = [since for state, since in standings(folded) if state == "on hold"]
    assert years == ["2008", "2012"]


def test_an_overdue_report_suspends_nobody_who_is_on_hold(folded: Folded[State]) -> None:
    folded.tell(SIGNED)
    statutes(folded, suspend_when_report_overdue=True)
    folded.tell(on_hold("2024"))
    assert not folded.tell(ReportFellOverdue(member=POTSDAM, coalition="europe", due="2023-06-30"))
    assert member(folded).state == "on hold"


def test_its_date_is_corrected_and_what_rests_on_it_is_corrected_before(
    folded: Folded[State],
) -> None:
    for event in (SIGNED, on_hold("2010"), reinstated("2012")):
        folded.tell(event)
    with pytest.raises(Refused, match="then it could not have been reinstated 2012"):
        folded.tell(corrected("on hold", "2010", None))
    assert folded.tell(corrected("on hold", "2010", "2011-05"))
    assert standings(folded)[1] == ("on hold", "2011")


def test_nobody_is_on_hold_until_before_it_was_put_on_hold() -> None:
    with pytest.raises(ValidationError, match="until 2009 lies before it was put on hold"):
        MemberPutOnHold(**WHO, on_hold="2010", until="2009")
