"""Tables as of a day: what was so for certain, and nothing of later."""

from __future__ import annotations

import pytest

from services.plans.commitment_rows import commitment_rows
from services.plans.domain import Practice, State
from services.plans.domain.then import holder_at, plan_at, practice_at, reports_at_day
from services.plans.exchange import TABLES
from services.plans.report_rows import report_rows
from shared.contracts.plans import (
    CommitmentsMoved,
    PlanPublished,
    PracticeAdopted,
    PracticeShared,
)
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    QUITO,
    RULE,
    action,
    at,
    holder,
    opened,
    plan,
    reports,
    reviewed,
    submitted,
    update,
)


@pytest.fixture
def folded() -> Folded[State]:
    folded = opened()
    folded.tell(RULE)
    return folded


def test_every_table_of_plans_can_be_had_as_of_a_day() -> None:
    assert [table.name for table in TABLES if table.as_of is None] == []


def test_commitments_as_they_stood(folded: Folded[State]) -> None:
    folded.tell(update("2010", "planned").model_copy(update={"note": "We plan"}))
    folded.tell(update("2015", "in progress").model_copy(update={"percent": 40}))
    folded.tell(action(as_of="2015"))
    then = holder_at(holder(folded), "2012-01-01")
    assert then
    third = [*commitment_rows(then)][2]
    assert (third.status, third.as_of, third.note) == ("planned", "2010", None)
    assert then.commitments[2].actions == ()
    now = holder_at(holder(folded), "2016-01-01")
    assert now
    assert [*commitment_rows(now)] == [*commitment_rows(holder(folded))]
    assert now.commitments[2].actions == holder(folded).commitments[2].actions
    assert holder_at(holder(folded), "2006-10-24") is None


def test_commitments_of_the_version_before(folded: Folded[State]) -> None:
    folded.tell(update("2010", "in progress").model_copy(update={"percent": 40}))
    titles = tuple(f"Point {n}" for n in range(1, 11))
    mapping = tuple({"before": n, "now": n} for n in range(1, 11))
    fields = {"coalition": "latin", "version": 2, "commitments": titles, "adopted": "2014"}
    folded.tell(PlanPublished.model_validate({**fields, "mapping": mapping}))
    folded.tell(
        CommitmentsMoved(coalition="latin", member=MONTEVIDEO, plan_version=2, moved="2015")
    )
    then = holder_at(holder(folded), "2012-01-01")
    assert then
    third = then.commitments[2]
    assert (then.plan_version, third.title, third.percent) == (1, "Commitment 3", 40)
    before = plan_at(plan(folded), "2013-12-31")
    after = plan_at(plan(folded), "2014-12-31")
    assert before is None, "when the first version was adopted nobody knows"
    assert after
    assert [(v.number, v.state) for v in after.versions] == [(2, "published")]


def test_reports_without_what_came_later(folded: Folded[State]) -> None:
    at(folded, "2020-12-01")
    folded.tell(submitted("2020-10-20"))
    folded.tell(reviewed("accepted", "2020-11-20"))
    states = {
        day: next(report_rows(reports_at_day(reports(folded), day)))
        for day in ("2020-10-19", "2020-10-20", "2020-11-20")
    }
    assert [row.state for row in states.values()] == ["upcoming", "submitted", "accepted"]
    first, second, third = states.values()
    assert (first.title, first.submitted, first.deadline) == (None, None, "2020-10-25")
    assert (second.title, second.reviewer, second.accepted) == ("Second report", None, None)
    assert third == next(report_rows(reports(folded)))


def test_practices_with_those_that_had_adopted_them(folded: Folded[State]) -> None:
    about = {"coalition": "latin", "member": MONTEVIDEO, "practice": "p", "summary": "S"}
    folded.tell(PracticeShared.model_validate({**about, "shared": "2010", "title": "T"}))
    folded.tell(PracticeAdopted(practice="p", member=QUITO, adopted="2015"))
    practice = folded.states[Stream("practices", "p")]
    assert isinstance(practice, Practice)
    assert practice_at(practice, "2010-12-30") is None
    then = practice_at(practice, "2010-12-31")
    assert then
    assert then.adoptions == ()
    assert practice_at(practice, "2015-12-31") == practice
