"""What is mended of a member is followed by its commitments and its reports."""

from __future__ import annotations

from typing import Final

import pytest

from services.plans.domain import (
    MemberReports,
)
from services.plans.domain.reports.contents import contents_of
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    MemberMoved,
    MembersMerged,
)
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentUpdated,
    ReportingRuleSet,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.membership_facts import TWIN, WHO
from tests.unit.mending import AFRICA, ID, committed, corrected, holder
from tests.unit.reacting import Reacting

UPDATE: Final = CommitmentUpdated(member=ID, point=3, status="in progress", as_of="2010")


@pytest.fixture
def both() -> tuple[Reacting, Reacting]:
    first, plans = committed()
    plans.tell(UPDATE)
    return first, plans


def test_the_commitments_of_a_member_are_those_of_its_right_coalition(
    both: tuple[Reacting, Reacting],
) -> None:
    first, plans = both
    before = holder(plans)
    first.tell(corrected("coalition", "europe", "africa"))
    now = holder(plans)
    assert (now.coalition, now.state, now.joined) == ("africa", "open", "2006-09")
    assert now.commitments[2].title == "Point 3 of africa"
    assert now.commitments[2].status == "not started"
    (kept,) = now.elsewhere
    assert (kept.coalition, kept.until) == ("europe", None)
    assert kept.commitments == before.commitments
    first.tell(corrected("coalition", "europe", "europe", coalition="africa"))
    back = holder(plans)
    assert back.model_copy(update={"elsewhere": ()}) == before


def test_its_reports_are_due_by_the_rule_of_the_right_coalition(
    both: tuple[Reacting, Reacting],
) -> None:
    first, plans = both
    rule = {"coalition": "africa", "every_months": 24, "first_after_months": 24}
    rule |= {"remind_days": [], "overdue_after_days": 30}
    plans.tell(ReportingRuleSet.model_validate({**rule, "since": "2000-01-01"}))
    old = {"coalition": "europe", "member": ID, "due": "2008-09-30", "submitted": "2008-09"}
    plans.tell(ReportSubmitted.model_validate(old))
    first.tell(corrected("coalition", "europe", "africa"))
    reports = plans.states[Stream("reports", ID.key)]
    assert isinstance(reports, MemberReports)
    assert (reports.coalition, reports.reports[0].submitted) == ("africa", "2008-09")
    due = {"coalition": "africa", "member": ID, "due": "2010-09-30"}
    assert plans.tell(ReportSubmitted.model_validate({**due, "submitted": "2010-09"}))
    with pytest.raises(Refused, match="belongs to the coalition 'africa'"):
        plans.tell(
            ReportSubmitted.model_validate({**due, "coalition": "europe", "submitted": "2010-09"})
        )


def test_a_member_that_moved_owes_reports_from_then_on(both: tuple[Reacting, Reacting]) -> None:
    first, plans = both
    first.tell(MemberMoved(**AFRICA, moved="2015-03"))
    moved = holder(plans)
    assert (moved.joined, moved.moved, moved.elsewhere[0].until) == ("2015-03",) * 3
    first.tell(CitySigned(coalition="africa", member=ID, signed="2006-09-08"))
    assert holder(plans).joined == "2015-03"
    first.tell(corrected("moved", "2015-03", "2016", coalition="africa"))
    moved = holder(plans)
    assert (moved.joined, moved.moved, moved.elsewhere[0].until) == ("2016",) * 3
    first.tell(corrected("moved", "2016", None, coalition="africa"))
    assert (holder(plans).coalition, holder(plans).moved) == ("europe", None)
    assert holder(plans).commitments[2].status == "in progress"


def test_a_report_of_before_a_move_says_what_was_done_in_the_coalition_of_before(
    both: tuple[Reacting, Reacting],
) -> None:
    first, plans = both
    fields = {"member": ID, "point": 3, "status": "in progress"}
    first_centre = {**fields, "action": "centre", "title": "A centre", "as_of": "2012"}
    plans.tell(ActionRecorded.model_validate(first_centre))
    first.tell(MemberMoved(**AFRICA, moved="2015-03"))
    school = {**fields, "action": "school", "title": "A school", "as_of": "2013"}
    plans.tell(ActionRecorded.model_validate(school))
    then = contents_of(holder(plans), "2014-06-01", None, ())
    assert then
    third = then.sections[2]
    assert (third.title, third.status) == ("Point 3 of europe", "in progress")
    assert [one.title for one in third.actions] == ["A centre"]
    now = contents_of(holder(plans), "2016-01-01", "2014-06-01", ())
    assert now
    third = now.sections[2]
    assert (third.title, third.status_before) == ("Point 3 of africa", None)
    assert [one.title for one in third.actions] == ["A school"]


def test_what_a_duplicate_gave_it_gets_back(both: tuple[Reacting, Reacting]) -> None:
    first, plans = both
    first.tell(CitySigned(coalition="europe", member=TWIN, signed="2006-09"))
    twin = MemberRef(id=TWIN.key)
    plans.tell(CommitmentUpdated(member=twin, point=3, status="completed", as_of="2012"))
    fields = {"member": twin, "point": 4, "action": "centre", "title": "A centre"}
    plans.tell(ActionRecorded.model_validate({**fields, "status": "planned", "as_of": "2012"}))
    before = holder(plans), holder(plans, twin)
    first.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    assert holder(plans).commitments[2].status == "completed"
    assert holder(plans).commitments[3].actions
    first.tell(corrected("merged", TWIN.key, None))
    mine, its = holder(plans), holder(plans, twin)
    assert (mine.commitments, mine.taken_over) == (before[0].commitments, ())
    assert (its.commitments, its.into, its.standing) == (before[1].commitments, None, "member")
    assert plans.tell(CommitmentUpdated(member=twin, point=5, status="planned", as_of="2013"))
    assert plans.refused == []
