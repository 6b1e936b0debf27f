"""How a member stood on a day, and who owes what."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.plans.domain import Duty, State
from services.plans.domain.as_of import commitments_at, reports_at
from services.plans.domain.owed import Record, owed
from shared.contracts.membership import MemberWithdrawn
from shared.contracts.plans import (
    CommitmentsChosen,
    CommitmentsMoved,
    PlanPublished,
    ReportExtended,
    ReportExtensionRequested,
    ReportFellDue,
    ReportFellOverdue,
    ReportReviewed,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    RULE,
    TITLES,
    action,
    at,
    basis,
    holder,
    opened,
    plan,
    report,
    reports,
    update,
)

DUE = "2020-10-25"
NEW = (*TITLES[1:], "A new commitment")
SECOND = PlanPublished(coalition="latin", version=2, commitments=NEW, adopted="2015")


@pytest.fixture
def folded() -> Folded[State]:
    return opened()


def then(folded: Folded[State], day: str, point: int = 3) -> tuple[str, int | None]:
    found = commitments_at(holder(folded), day)
    assert found
    one = found.commitments[point - 1]
    return one.status, one.percent


def percented(as_of: str, status: str, percent: int, point: int = 3) -> Any:
    return update(as_of, status, point).model_copy(update={"percent": percent})


# --- commitments, as of a day and in percent ------------------------------


def test_a_commitment_stands_on_a_day_as_it_was_reported_until_then(folded: Folded[State]) -> None:
    folded.tell(percented("2020-03", "in progress", 30))
    folded.tell(percented("2021", "substantially done", 80))
    assert then(folded, "2020-03-30") == ("not started", 0)
    assert then(folded, "2020-03-31") == ("in progress", 30)
    assert then(folded, "2021-12-30") == ("in progress", 30)
    assert then(folded, "2021-12-31") == ("substantially done", 80)
    assert commitments_at(holder(folded), "2006-10-24") is None


def test_the_percentage_of_a_member_is_the_mean_of_what_is_known(folded: Folded[State]) -> None:
    folded.tell(percented("2020", "in progress", 31))
    folded.tell(update("2020", "in progress", 4))
    found = commitments_at(holder(folded), "2021-01-01")
    assert found
    assert (found.percent, found.counted) == (31 // 9, 9)
    folded.tell(CommitmentsChosen(member=MONTEVIDEO, points=(3,), as_of="2021", until="2022-12-31"))
    chosen = commitments_at(holder(folded), "2022-06-01")
    assert chosen
    assert (chosen.percent, chosen.counted) == (31, 1)
    ended = commitments_at(holder(folded), "2023-01-01")
    assert ended
    assert ended.counted == 9


def test_derived_progress_has_the_share_of_actions_that_are_completed(
    folded: Folded[State],
) -> None:
    folded.tell(basis())
    folded.tell(action("completed", id_="one", as_of="2020"))
    folded.tell(action("planned", id_="two", as_of="2021"))
    folded.tell(action("abandoned", id_="three", as_of="2021"))
    assert then(folded, "2020-12-31") == ("completed", 100)
    assert then(folded, "2021-12-31") == ("substantially done", 50)


def test_a_percentage_that_is_not_given_again_stays(folded: Folded[State]) -> None:
    folded.tell(percented("2020", "in progress", 30))
    assert folded.tell(update("2020", "in progress")) == []
    folded.tell(update("2020", "in progress").model_copy(update={"note": "A note"}))
    assert holder(folded).commitments[2].percent == 30
    folded.tell(update("2021", "in progress"))
    assert holder(folded).commitments[2].percent is None


@pytest.mark.parametrize(("status", "percent"), [("not started", 5), ("completed", 99)])
def test_a_percentage_does_not_say_otherwise_than_the_status(
    folded: Folded[State], status: str, percent: int
) -> None:
    with pytest.raises(Refused, match="%"):
        folded.tell(percented("2020", status, percent))


def test_before_a_move_the_version_before_counts(folded: Folded[State]) -> None:
    folded.tell(SECOND)
    folded.tell(update("2020", "in progress", point=3))
    folded.tell(
        CommitmentsMoved(coalition="latin", member=MONTEVIDEO, plan_version=2, moved="2021-06")
    )
    folded.tell(update("2022", "completed", point=2))
    before = commitments_at(holder(folded), "2021-06-29")
    assert before
    assert (before.plan_version, before.commitments[2].status) == (1, "in progress")
    after = commitments_at(holder(folded), "2022-12-31")
    assert after
    assert (after.plan_version, after.commitments[1].status) == (2, "completed")


# --- reports, as of a day and in percent ------------------------------


def test_reports_stand_on_a_day_as_they_did(folded: Folded[State]) -> None:
    folded.tell(RULE)
    at(folded, "2021-06-01")
    folded.tell(report(ReportExtended, until="2020-12-31"))
    folded.tell(report(ReportSubmitted, submitted="2021-02-15"))
    verdict = {"reviewer": "Secretariat", "verdict": "revise"}
    folded.tell(report(ReportReviewed, reviewed="2021-03-01", **verdict))
    folded.tell(report(ReportSubmitted, submitted="2021-04-01"))
    duty = Duty(holder(folded), plan(folded).reporting)
    states = {
        day: reports_at(duty, reports(folded), date.fromisoformat(day)).reports[0].state
        for day in ("2020-10-24", "2020-10-25", "2021-01-30", "2021-01-31", "2021-04-01")
    }
    assert [*states.values()] == ["upcoming", "due", "due", "overdue", "submitted"]
    assert reports_at(duty, reports(folded), date(2021, 1, 31)).percent == 0
    assert reports_at(duty, reports(folded), date(2021, 4, 1)).percent == 100


# --- who owes what ------------------------------


def owes(folded: Folded[State], today: str) -> list[tuple[str, str, str | None]]:
    there = reports(folded) if f"reports/{MONTEVIDEO.key}" in folded.states else None
    found = owed(Record(holder(folded), plan(folded), there), today)
    return [(one.what, one.by, one.since) for one in found]


def test_who_is_on_an_older_version_owes_a_decision_on_the_plan(folded: Folded[State]) -> None:
    assert owes(folded, "2026-01-01") == []
    folded.tell(SECOND)
    assert owes(folded, "2026-01-01") == [("plan", "member", "2015")]


def test_a_choice_whose_term_has_ended_is_to_be_made_again(folded: Folded[State]) -> None:
    chosen = CommitmentsChosen(member=MONTEVIDEO, points=(3,), as_of="2021", until="2022-12-31")
    folded.tell(chosen)
    assert owes(folded, "2022-12-31") == []
    assert owes(folded, "2023-01-01") == [("choice", "member", "2022-12-31")]
    with pytest.raises(Refused, match="before the choice"):
        folded.tell(chosen.model_copy(update={"as_of": "2024"}))


def test_a_report_is_owed_until_it_is_there_and_then_an_answer_is(folded: Folded[State]) -> None:
    folded.tell(RULE)
    at(folded, "2020-12-31")
    folded.tell(report(ReportFellDue))
    folded.tell(report(ReportFellOverdue))
    assert owes(folded, "2020-12-31") == [("report", "member", DUE)]
    asked = {"until": "2021-06-30", "requested": "2020-12"}
    folded.tell(report(ReportExtensionRequested, **asked))
    assert owes(folded, "2020-12-31") == [
        ("report", "member", DUE),
        ("answer", "secretariat", None),
    ]
    folded.tell(report(ReportSubmitted, submitted="2020-12"))
    assert owes(folded, "2020-12-31") == [("answer", "secretariat", "2020-12")]
    verdict = {"reviewer": "Secretariat", "verdict": "revise", "until": "2021-01-31"}
    folded.tell(report(ReportReviewed, reviewed="2020-12", **verdict))
    assert owes(folded, "2020-12-31") == [("revision", "member", "2021-01-31")]


def test_who_has_left_owes_nothing(folded: Folded[State]) -> None:
    folded.tell(SECOND)
    left = {"coalition": "latin", "member": MONTEVIDEO, "state": "withdrawn"}
    folded.tell(MemberWithdrawn.model_validate({**left, "withdrawn": "2020"}))
    assert owes(folded, "2026-01-01") == []
