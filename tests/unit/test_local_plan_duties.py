"""By when a member has a plan of its own: by the coalition's rule, and by the end of the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.plans.domain import LocalPlanAsked, LocalPlanDuty, State, duty_stream
from services.plans.domain.local_plan_duties.schedule import by_clock
from services.plans.domain.owed import Record, owed
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned, MemberWithdrawn
from shared.contracts.plans import (
    LocalPlanAdopted,
    LocalPlanCorrected,
    LocalPlanEnded,
    LocalPlanExtended,
    LocalPlanFellDue,
    LocalPlanFellOverdue,
    LocalPlanNoted,
    LocalPlanRenewed,
    LocalPlanReviewed,
    LocalPlanRuleSet,
    LocalPlanSubmitted,
)
from shared.domain.decider import Refused
from tests.unit.local_plan_facts import ADOPTED, OWN, about_plan, tell_and_note
from tests.unit.plans_facts import MONTEVIDEO, QUITO, at, holder, names, opened
from tests.unit.plans_facts import plan as plan_of_coalition

if TYPE_CHECKING:
    from tests.unit.fold import Folded

RULE = LocalPlanRuleSet(
    coalition="latin",
    within_months=24,
    remind_days=(90, 14),
    overdue_after_days=30,
    since="2018-01-01",
)
DUE = "2020-01-01"
"""Two years after the rule began, since Montevideo joined long before."""


def duty(folded: Folded[State], member: MemberRef = MONTEVIDEO) -> LocalPlanDuty | None:
    state = folded.states.get(duty_stream(member.key))
    assert state is None or isinstance(state, LocalPlanDuty)
    return state


def asked(folded: Folded[State]) -> LocalPlanAsked:
    rule = plan_of_coalition(folded).local_plans
    return LocalPlanAsked(holder(folded), rule, duty(folded))


def due(folded: Folded[State]) -> str | None:
    found = asked(folded).due
    return found.day if found else None


def tick(folded: Folded[State], day: str) -> list[str]:
    """Say what the clock says on a day."""
    at(folded, day)
    notices = list(by_clock(asked(folded), folded.now.date()))
    return names(published for one in notices for published in folded.tell(one))


def about(kind: type[Any], due: str = DUE, **more: Any) -> Any:
    return kind.model_validate({"coalition": "latin", "member": MONTEVIDEO, "due": due, **more})


def owes(folded: Folded[State], today: str) -> list[tuple[str, str, str | None]]:
    record = Record(holder(folded), plan_of_coalition(folded), None, duty(folded))
    return [(one.what, one.by, one.since) for one in owed(record, today)]


@pytest.fixture
def folded() -> Folded[State]:
    folded = opened()
    folded.tell(RULE)
    return folded


# --- the rule ------------------------------


def test_a_plan_is_due_within_two_years_of_joining_or_of_the_rule_where_that_is_later(
    folded: Folded[State],
) -> None:
    assert due(folded) == DUE
    early = RULE.model_copy(update={"since": "2000-01-01"})
    folded.tell(early)
    assert due(folded) == "2008-10-25", "Montevideo signed on 25 October 2006"


def test_a_rule_that_names_no_day_begins_today_and_said_again_is_no_news(
    folded: Folded[State],
) -> None:
    at(folded, "2021-03-01")
    anew = RULE.model_copy(update={"since": None, "within_months": 12})
    (published,) = folded.tell(anew)
    assert isinstance(published, LocalPlanRuleSet)
    assert published.since == "2021-03-01"
    assert folded.tell(anew) == []


def test_without_a_rule_nobody_owes_one_nor_does_who_has_left(folded: Folded[State]) -> None:
    assert due(opened()) is None
    left = {"coalition": "latin", "member": MONTEVIDEO, "state": "withdrawn", "withdrawn": "2019"}
    folded.tell(MemberWithdrawn.model_validate(left))
    assert due(folded) is None
    assert owes(folded, "2026-01-01") == []


# --- the clock ------------------------------


def test_it_is_reminded_falls_due_and_overdue_and_each_is_said_once(folded: Folded[State]) -> None:
    notices = {day: tick(folded, day) for day in ("2019-10-02", "2019-10-03", "2019-10-04")}
    assert notices == {"2019-10-02": [], "2019-10-03": ["LocalPlanReminded"], "2019-10-04": []}
    assert tick(folded, "2019-12-20") == ["LocalPlanReminded"]
    assert tick(folded, "2020-01-01") == ["LocalPlanFellDue"]
    assert tick(folded, "2020-01-31") == []
    assert tick(folded, "2020-02-01") == ["LocalPlanFellOverdue"]
    assert tick(folded, "2026-01-01") == []


def test_nobody_has_it_fall_due_before_its_time(folded: Folded[State]) -> None:
    at(folded, "2019-12-31")
    with pytest.raises(Refused, match="a local plan is due on 2020-01-01"):
        folded.tell(about(LocalPlanFellDue))
    with pytest.raises(Refused, match="a local plan is due on 2020-01-01"):
        folded.tell(about(LocalPlanFellOverdue, due="2019-01-01"))
    stranger = about(LocalPlanFellDue).model_copy(update={"member": QUITO})
    with pytest.raises(Refused, match="holds no commitments, so it owes no local plan"):
        folded.tell(stranger)


def test_more_time_is_given_and_can_be_given_otherwise(folded: Folded[State]) -> None:
    tick(folded, "2020-03-01")
    assert asked(folded).state_on(folded.now.date()) == "overdue"
    (published,) = folded.tell(about(LocalPlanExtended, until="2020-12-31"))
    assert isinstance(published, LocalPlanExtended)
    assert (asked(folded).deadline, tick(folded, "2020-03-02")) == ("2020-12-31", [])
    assert folded.tell(about(LocalPlanExtended, until="2020-12-31")) == []
    folded.tell(about(LocalPlanExtended, until="2020-06-30"))
    assert tick(folded, "2020-07-01") == ["LocalPlanFellDue"]
    with pytest.raises(Refused, match="it has time until 2020-01-01 already"):
        folded.tell(about(LocalPlanExtended, until="2019-06-30"))
    with pytest.raises(Refused, match="a local plan is due on 2020-01-01"):
        folded.tell(about(LocalPlanExtended, due="2022-01-01", until="2023-06-30"))


# --- which plans it has ------------------------------


async def test_who_has_a_plan_owes_the_next_when_its_period_is_over(folded: Folded[State]) -> None:
    await tell_and_note(folded, ADOPTED.model_copy(update={"ends": "2022-06"}))
    assert due(folded) == "2022-06-30"
    assert tick(folded, "2022-07-01") == ["LocalPlanFellDue"]
    fallen = asked(folded).due
    assert fallen
    assert fallen.renews == ADOPTED.plan
    await tell_and_note(folded, about_plan(LocalPlanRenewed, renewed="2022-07", ends="2025"))
    assert due(folded) == "2025-12-31"


async def test_a_plan_without_an_end_is_enough(folded: Folded[State]) -> None:
    await tell_and_note(folded, ADOPTED.model_copy(update={"ends": None}))
    assert due(folded) is None
    with pytest.raises(Refused, match="no local plan is due"):
        folded.tell(about(LocalPlanFellDue))


async def test_one_that_ended_early_is_to_be_followed_within_the_rules_time(
    folded: Folded[State],
) -> None:
    await tell_and_note(folded, ADOPTED, about_plan(LocalPlanEnded, ended="2021-03-15"))
    assert due(folded) == "2023-03-15"
    next_ = {**OWN, "plan": "montevideo-2022", "adopted": "2022", "starts": None, "ends": "2026"}
    await tell_and_note(folded, LocalPlanAdopted.model_validate(next_))
    assert due(folded) == "2026-12-31"


async def test_a_plan_that_was_over_long_before_the_rule_is_no_reason_to_be_late(
    folded: Folded[State],
) -> None:
    await tell_and_note(folded, ADOPTED)
    assert due(folded) == DUE


async def test_one_that_was_adopted_by_mistake_is_none(folded: Folded[State]) -> None:
    await tell_and_note(folded, ADOPTED.model_copy(update={"ends": None}))
    why = {"step": "adopted", "recorded": ADOPTED.adopted, "reason": "a draft"}
    await tell_and_note(folded, about_plan(LocalPlanCorrected, **why))
    assert due(folded) == DUE


async def test_a_plan_of_several_counts_for_each_and_no_more_for_who_left_it(
    folded: Folded[State],
) -> None:
    both = {"holders": (MONTEVIDEO, QUITO), "ends": None}
    await tell_and_note(folded, ADOPTED.model_copy(update=both))
    record = duty(folded, QUITO)
    assert record
    assert [own.plan for own in record.plans] == [ADOPTED.plan]
    await tell_and_note(folded, ADOPTED.model_copy(update={"ends": None}))
    record = duty(folded, QUITO)
    assert record
    assert record.plans == ()
    assert due(folded) is None


async def test_a_plan_that_preceded_the_admission_counts(folded: Folded[State]) -> None:
    await tell_and_note(
        folded, LocalPlanAdopted.model_validate({**OWN, "holders": (QUITO,), "ends": None})
    )
    signed = {"coalition": "latin", "member": QUITO, "signed": "2015", "state": "member"}
    folded.tell(CitySigned.model_validate(signed))
    rule = plan_of_coalition(folded).local_plans
    assert LocalPlanAsked(holder(folded, QUITO), rule, duty(folded, QUITO)).due is None
    assert LocalPlanAsked(holder(folded, QUITO), rule, None).due


async def test_whose_plan_it_is_is_noted_as_it_stands_whoever_says_so(
    folded: Folded[State],
) -> None:
    (noted,) = await tell_and_note(folded, ADOPTED)
    assert isinstance(noted, LocalPlanNoted)
    assert (noted.coalition, noted.ends) == ("latin", "2012")
    invented = LocalPlanNoted(member=MONTEVIDEO, plan=ADOPTED.plan, adopted="1999", ends="2099")
    assert folded.tell(invented) == []
    assert folded.tell(invented.model_copy(update={"member": QUITO})) == []
    with pytest.raises(Refused, match="no local plan 'none' is known"):
        folded.tell(LocalPlanNoted(member=MONTEVIDEO, plan="none"))


# --- who owes what ------------------------------


async def test_a_plan_is_owed_then_an_answer_then_a_revision(folded: Folded[State]) -> None:
    assert owes(folded, "2019-12-31") == []
    assert owes(folded, DUE) == [("local plan", "member", DUE)]
    await tell_and_note(folded, ADOPTED.model_copy(update={"ends": None}))
    assert owes(folded, DUE) == []
    await tell_and_note(folded, about_plan(LocalPlanSubmitted, submitted="2020-02"))
    assert owes(folded, "2020-03-01") == [("answer", "secretariat", "2020-02")]
    review = {"reviewer": "Secretariat", "verdict": "revise", "until": "2020-09-30"}
    await tell_and_note(folded, about_plan(LocalPlanReviewed, reviewed="2020-05", **review))
    assert owes(folded, "2020-06-01") == [("revision", "member", "2020-09-30")]
