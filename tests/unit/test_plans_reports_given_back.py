"""Once they are two after all, each has the reports that it has handed in itself."""

from __future__ import annotations

import pytest

from shared.contracts.plans import (
    ReportCorrected,
    ReportDrafted,
    ReportSubmitted,
)
from tests.unit.duplicates_facts import (
    DUE,
    HANDED_IN,
    MERGED,
    OVERDUE,
    TWIN_ID,
    Both,
    of,
    recorded_twice,
    report,
    state,
    tick,
)
from tests.unit.membership_facts import TWIN
from tests.unit.mending import ID, corrected
from tests.unit.plans_facts import at


@pytest.fixture
def both() -> Both:
    """Potsdam is recorded twice; each is to report every two years, and has not yet."""
    return recorded_twice()


def test_a_report_that_was_taken_over_is_given_back_and_asked_for_anew(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    plans.tell(of(ReportDrafted, drafted="2022-11", note="To begin with"))
    plans.tell(HANDED_IN)
    its = report(plans, TWIN_ID)
    first.tell(MERGED)
    first.tell(corrected("merged", TWIN.key, None))
    mine = report(plans)
    assert mine
    assert (mine.state, mine.submitted, mine.title, mine.taken_over) == ("upcoming",) + (None,) * 3
    assert mine.draft
    assert report(plans, TWIN_ID) == its
    said = [type(one).__name__ for one in tick(plans, OVERDUE)]
    assert said[:2] == ["ReportFellDue", "ReportFellOverdue"]
    first.tell(corrected("merged", TWIN.key, TWIN.key))
    assert state(plans) == "submitted"
    assert plans.refused == []


def test_where_the_member_had_no_such_report_it_has_none_again(both: Both) -> None:
    first, plans = both
    at(plans, "2022-09-25")
    plans.tell(of(ReportSubmitted, TWIN_ID, "2012-09-30", submitted="2012-09"))
    first.tell(MERGED)
    assert report(plans, ID, "2012-09-30")
    first.tell(corrected("merged", TWIN.key, None))
    assert report(plans, ID, "2012-09-30") is None
    assert [one for one in tick(plans, OVERDUE) if one.due == "2012-09-30"] == []


def test_what_the_member_handed_in_since_the_merger_stays(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    plans.tell(HANDED_IN)
    first.tell(MERGED)
    plans.tell(of(ReportSubmitted, submitted="2022-11-10", title="Ours"))
    first.tell(corrected("merged", TWIN.key, None))
    mine = report(plans)
    assert mine
    assert (mine.state, mine.title) == ("submitted", "Ours")


def test_what_was_taken_over_by_a_mistake_of_the_record_is_the_members_own_again(
    both: Both,
) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    plans.tell(HANDED_IN)
    first.tell(MERGED)
    wrong = {"step": "submitted", "recorded": "2022-09-20", "reason": "it is of another city"}
    plans.tell(of(ReportCorrected, ID, DUE, **wrong))
    mine = report(plans)
    assert mine
    assert (mine.state, mine.taken_over) == ("upcoming", None)
    first.tell(corrected("merged", TWIN.key, None))
    assert report(plans) == mine
