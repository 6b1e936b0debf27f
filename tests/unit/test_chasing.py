"""What is overdue is asked for again: of one after the other, each once, until it is there."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from services.plans.domain import (
    Duty,
    LocalPlanAsked,
    LocalPlanDuty,
    State,
    duty_stream,
    next_day,
)
from services.plans.domain.chasing import turn
from services.plans.domain.local_plan_duties import schedule as local_plans
from shared.contracts.plans import (
    CHASED,
    LocalPlanExtended,
    LocalPlanRuleSet,
    ReportChased,
    ReportCorrected,
    ReportExtended,
    ReportReviewed,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.local_plan_facts import ADOPTED, tell_and_note
from tests.unit.plans_facts import (
    DUE,
    MONTEVIDEO,
    RULE,
    at,
    holder,
    mend,
    names,
    opened,
    plan,
    report,
    reports,
    submitted,
    tick,
)

CHASE: Final = (7, 21, 45)
OVERDUE: Final = "2020-11-25"
"""A month of grace after 25 October."""


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo owes a report, which is overdue."""
    folded = opened()
    folded.tell(RULE.model_copy(update={"chase_days": CHASE}))
    assert tick(folded, OVERDUE) == ["ReportFellDue", "ReportFellOverdue"]
    return folded


def chased(folded: Folded[State], day: str) -> list[str]:
    """Whose turn the clock says that it is."""
    said = tick(folded, day)
    assert said == ["ReportChased"] * len(said)
    return [reports(folded).reports[-1].chased or ""] * len(said)


# --- the pure function ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("late", "before", "to"),
    [
        (6, None, None),
        (7, None, "focal point"),
        (20, "focal point", None),
        (21, "focal point", "lead city"),
        (45, "lead city", "secretariat"),
        (400, "secretariat", None),
        # After downtime the last one alone.
        (60, None, "secretariat"),
        (-1, None, None),
    ],
)
def test_whose_turn_it_is(late: int, before: str | None, to: str | None) -> None:
    today = date(2026, 3, 31)
    found = turn(CHASE, late, before, today)  # type: ignore[arg-type]  # one of them
    assert (found.to if found else None) == to
    assert found is None or (today - found.since).days == late


def test_the_least_days_are_the_focal_points_in_whatever_order_they_are_given() -> None:
    assert [turn((45, 7, 21), late, None, date.today()) for late in (0, 6)] == [None, None]  # noqa: DTZ011 - any day
    for late, to in zip(CHASE, CHASED, strict=True):
        found = turn((45, 7, 21), late, None, date(2026, 1, 1))
        assert found
        assert found.to == to


# --- reports ------------------------------


def test_the_focal_point_then_the_lead_city_then_the_secretariat_each_once(
    folded: Folded[State],
) -> None:
    assert chased(folded, "2020-12-01") == []
    assert chased(folded, "2020-12-02") == ["focal point"]
    assert chased(folded, "2020-12-02") == []
    assert chased(folded, "2020-12-15") == []
    assert chased(folded, "2020-12-16") == ["lead city"]
    assert chased(folded, "2021-01-09") == ["secretariat"]
    assert chased(folded, "2022-01-01") == []


def test_it_is_said_since_when_it_is_overdue_and_when_it_was_asked_for_again(
    folded: Folded[State],
) -> None:
    said = report(ReportChased, to="focal point", chased="2020-12-02", since="2020-01-01")
    (found,) = at(folded, "2020-12-03").tell(said)
    assert isinstance(found, ReportChased)
    assert (found.to, found.chased, found.since) == ("focal point", "2020-12-03", OVERDUE)


def test_nobody_has_it_said_before_its_time(folded: Folded[State]) -> None:
    said = report(ReportChased, to="secretariat", chased="2020-12-01", since="2020-01-01")
    assert at(folded, "2020-12-01").tell(said) == []
    other = said.model_copy(update={"due": "2024-10-25"})
    with pytest.raises(Refused, match="not so"):
        folded.tell(other)


def test_a_report_that_is_handed_in_ends_it(folded: Folded[State]) -> None:
    assert chased(folded, "2020-12-02") == ["focal point"]
    folded.tell(submitted("2020-12-02"))
    assert chased(folded, "2021-06-01") == []
    # That was a slip: it is still awaited, and falls overdue anew.
    folded.tell(mend(ReportCorrected, "2020-12-02", due=DUE, step="submitted"))
    assert tick(folded, "2021-06-01") == ["ReportFellDue", "ReportFellOverdue"]
    assert chased(folded, "2021-06-01") == ["secretariat"]


def test_more_time_begins_it_anew(folded: Folded[State]) -> None:
    assert chased(folded, "2021-01-09") == ["secretariat"]
    folded.tell(report(ReportExtended, until="2021-02-01"))
    assert tick(folded, "2021-03-04") == ["ReportFellOverdue"]
    assert chased(folded, "2021-03-11") == ["focal point"]


def test_a_revision_that_does_not_come_is_asked_for_again(folded: Folded[State]) -> None:
    assert chased(folded, "2020-12-02") == ["focal point"]
    folded.tell(submitted("2020-12-02"))
    review = {"reviewed": "2020-12-02", "reviewer": "S", "verdict": "revise"}
    folded.tell(report(ReportReviewed, **review, until="2021-01-01"))
    assert tick(folded, "2021-02-01") == ["ReportFellOverdue"]
    assert chased(folded, "2021-02-08") == ["focal point"]


def test_without_chase_days_nobody_is_chased() -> None:
    folded = opened()
    folded.tell(RULE)
    tick(folded, OVERDUE)
    assert tick(folded, "2024-01-01") == ["ReportFellDue", "ReportFellOverdue"], "the next one"


def test_the_clock_looks_again_on_the_day_of_each(folded: Folded[State]) -> None:
    def next_look(day: str) -> str:
        chased(folded, day)
        duty = Duty(holder(folded), plan(folded).reporting)
        return str(next_day(duty, reports(folded), date.fromisoformat(day)))

    assert next_look(OVERDUE) == "2020-12-02"
    assert next_look("2020-12-02") == "2020-12-16"
    assert next_look("2020-12-16") == "2021-01-09"
    assert next_look("2021-01-09") == "2022-07-27", "ninety days before the next one is due"


# --- local plans ------------------------------


def asked(folded: Folded[State]) -> LocalPlanAsked:
    duty = folded.states.get(duty_stream(MONTEVIDEO.key))
    assert duty is None or isinstance(duty, LocalPlanDuty)
    return LocalPlanAsked(holder(folded), plan(folded).local_plans, duty)


def clock(folded: Folded[State], day: str) -> list[str]:
    notices = [*local_plans.by_clock(asked(folded), at(folded, day).now.date())]
    return names(one for notice in notices for one in folded.tell(notice))


def said_last(folded: Folded[State]) -> str | None:
    record = asked(folded).record
    return record.chased if record else None


def test_a_local_plan_is_asked_for_again_in_the_same_way_until_there_is_one() -> None:
    folded = opened()
    rule = {"coalition": "latin", "within_months": 24, "since": "2018-01-01"}
    folded.tell(LocalPlanRuleSet.model_validate({**rule, "chase_days": CHASE}))

    assert clock(folded, "2020-01-02") == ["LocalPlanFellDue", "LocalPlanFellOverdue"]
    assert local_plans.next_day(asked(folded), date(2020, 1, 2)) == date(2020, 1, 9)
    assert clock(folded, "2020-01-08") == []
    assert clock(folded, "2020-01-09") == ["LocalPlanChased"]
    assert clock(folded, "2020-01-09") == []
    assert said_last(folded) == "focal point"
    more = {"coalition": "latin", "member": MONTEVIDEO, "due": "2020-01-01"}
    folded.tell(LocalPlanExtended.model_validate({**more, "until": "2020-02-01"}))
    assert clock(folded, "2020-02-02") == ["LocalPlanFellDue", "LocalPlanFellOverdue"]
    assert clock(folded, "2020-03-20") == ["LocalPlanChased"]
    assert said_last(folded) == "secretariat"


async def test_a_local_plan_that_was_adopted_ends_it() -> None:
    folded = opened()
    rule = {"coalition": "latin", "within_months": 24, "since": "2018-01-01", "chase_days": CHASE}
    folded.tell(LocalPlanRuleSet.model_validate(rule))
    assert clock(folded, "2020-01-02") == ["LocalPlanFellDue", "LocalPlanFellOverdue"]
    assert clock(folded, "2020-01-09") == ["LocalPlanChased"]
    await tell_and_note(folded, ADOPTED.model_copy(update={"ends": None}))
    assert clock(folded, "2026-01-01") == []
