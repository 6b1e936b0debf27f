"""What a duplicate has handed in is there for the member that it was merged into."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.membership.domain import Member
from services.plans.domain import next_day
from services.plans.domain.owed import Record, owed
from services.plans.report_documents import ReportDocuments
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    MemberAbsorbed,
    MembersMerged,
    StatutesAdopted,
)
from shared.contracts.plans import (
    CommitmentUpdated,
    PlanPublished,
    ReportDrafted,
    ReportFellOverdue,
    ReportReviewed,
    ReportSubmitted,
    ReportTakenOver,
    ReportWaived,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.accepted import accepted
from tests.unit.duplicates_facts import (
    DUE,
    GIVE_BACK,
    HANDED_IN,
    MERGED,
    NEXT,
    OVERDUE,
    TAKE,
    TWIN_ID,
    Both,
    of,
    parts,
    recorded_twice,
    report,
    state,
    tick,
)
from tests.unit.membership_facts import FOUNDED, SIGNED, TWIN
from tests.unit.mending import ID
from tests.unit.plans_facts import at
from tests.unit.reacting import Reacting, membership_and_plans


@pytest.fixture
def both() -> Both:
    """Potsdam is recorded twice; each is to report every two years, and has not yet."""
    return recorded_twice()


def asked(plans: Reacting, member: MemberRef) -> list[tuple[str, str]]:
    duty, reports, plan = parts(plans, member)
    record = Record(duty.holder, plan, reports)
    return [(one.what, one.by) for one in owed(record, plans.now.date().isoformat())]


def test_a_report_of_a_duplicate_is_there_for_the_member_that_stays(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    plans.tell(HANDED_IN)
    assert state(plans) == "overdue"
    first.tell(MERGED)
    mine = report(plans)
    assert mine
    assert (mine.state, mine.submitted, mine.title, mine.deadline) == (
        "submitted",
        "2022-09-20",
        "Second",
        None,
    )
    assert mine.taken_over
    assert mine.taken_over.merged == TWIN.key
    assert asked(plans, ID) == [("answer", "secretariat")]
    assert tick(plans, "2022-12-31") == []
    assert plans.refused == []


async def test_what_stands_in_it_is_read_where_it_was_handed_in(both: Both) -> None:
    first, plans = both
    at(plans, OVERDUE)
    (given,) = plans.tell(HANDED_IN)
    first.tell(MERGED)

    class Stored(dict[str, Any]):
        """The snapshots, and the journal of the duplicate's reports."""

        async def find_one(self, where: Any) -> Any:
            return plans.states[Stream("reports", where["_id"])].model_dump(mode="json")

        async def newest(self, streams: Any, type_: str) -> Any:
            its = streams == [Stream("reports", TWIN.key)] and type_ == ReportSubmitted.type
            return accepted(given) if its else []

    stored: Any = Stored()
    stored["reports"] = stored
    found = await ReportDocuments(stored, stored).report(ID.key, DUE)
    assert isinstance(given, ReportSubmitted)
    assert given.contents
    assert (found.member.key, found.is_draft, found.contents) == (ID.key, False, given.contents)


def test_an_accepted_report_is_taken_over_with_its_review(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    plans.tell(HANDED_IN)
    review = {"reviewed": "2022-11-01", "reviewer": "Secretariat", "verdict": "accepted"}
    plans.tell(of(ReportReviewed, TWIN_ID, **review, feedback="Well done"))
    first.tell(MERGED)
    mine = report(plans)
    assert mine
    assert (mine.state, mine.accepted, mine.reviewer, mine.feedback) == (
        "accepted",
        "2022-11-01",
        "Secretariat",
        "Well done",
    )


def test_a_report_that_is_not_asked_for_yet_is_taken_over_and_never_is(both: Both) -> None:
    first, plans = both
    at(plans, "2022-09-25")
    plans.tell(HANDED_IN)
    first.tell(MERGED)
    assert state(plans) == "submitted"
    assert tick(plans, OVERDUE) == []


def test_a_suspension_for_a_report_ends_when_that_of_the_duplicate_is_taken_over(
    both: Both,
) -> None:
    first, plans = both
    first.tell(
        StatutesAdopted(coalition="europe", adopted="2000", suspend_when_report_overdue=True)
    )
    at(first, OVERDUE)
    (overdue,) = [one for one in tick(plans, OVERDUE) if isinstance(one, ReportFellOverdue)]
    first.tell(overdue)
    city = first.states[Stream("members", ID.key)]
    assert isinstance(city, Member)
    assert city.state == "suspended"
    plans.tell(HANDED_IN)
    first.tell(MERGED)
    (taken,) = [one for one in plans.heard if isinstance(one, ReportTakenOver)]
    assert taken.still_overdue == ()
    first.tell(taken)
    city = first.states[Stream("members", ID.key)]
    assert isinstance(city, Member)
    assert city.state == "member"


def test_one_that_is_overdue_nevertheless_is_named(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    tick(plans, "2024-11-15")
    plans.tell(HANDED_IN)
    first.tell(MERGED)
    (taken,) = [one for one in plans.heard if isinstance(one, ReportTakenOver)]
    assert taken.still_overdue == (NEXT,)


# --- what stays where it is ------------------------------


def test_what_the_member_has_handed_in_itself_stays(both: Both) -> None:
    first, plans = both
    at(plans, OVERDUE)
    plans.tell(HANDED_IN)
    plans.tell(of(ReportSubmitted, submitted="2022-09-25", title="Ours"))
    first.tell(MERGED)
    mine = report(plans)
    assert mine
    assert (mine.title, mine.taken_over) == ("Ours", None)


def test_a_revision_that_is_awaited_of_the_member_is_awaited_still(both: Both) -> None:
    first, plans = both
    at(plans, OVERDUE)
    plans.tell(HANDED_IN)
    plans.tell(of(ReportSubmitted, submitted="2022-09-25", title="Ours"))
    review = {"reviewed": "2022-10-10", "reviewer": "Secretariat", "verdict": "revise"}
    plans.tell(of(ReportReviewed, ID, DUE, **review, until="2023-01-31"))
    first.tell(MERGED)
    assert state(plans) == "to revise"


@pytest.mark.parametrize("what", ["waived", "drafted", "to revise", "overdue"])
def test_what_the_duplicate_has_not_handed_in_is_awaited_of_the_member(
    both: Both, what: str
) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    tick(plans, OVERDUE, TWIN_ID)
    if what == "waived":
        plans.tell(of(ReportWaived, TWIN_ID, waived="2022-11", reason="recorded twice"))
    if what == "drafted":
        plans.tell(of(ReportDrafted, TWIN_ID, drafted="2022-11", note="To begin with"))
    if what == "to revise":
        plans.tell(HANDED_IN)
        review = {"reviewed": "2022-11-01", "reviewer": "Secretariat", "verdict": "revise"}
        plans.tell(of(ReportReviewed, TWIN_ID, **review))
    first.tell(MERGED)
    assert state(plans) == "overdue"
    assert plans.refused == []


def test_nothing_is_asked_of_a_duplicate_nor_taken_for_it(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    tick(plans, OVERDUE, TWIN_ID)
    assert asked(plans, TWIN_ID) == [("report", "member")]
    first.tell(MERGED)
    assert asked(plans, TWIN_ID) == []
    assert tick(plans, "2024-12-31", TWIN_ID) == []
    duty, reports, _ = parts(plans, TWIN_ID)
    assert next_day(duty, reports, date(2022, 12, 1)) is None
    with pytest.raises(Refused, match="send it for that member"):
        plans.tell(HANDED_IN)
    assert state(plans) == "overdue"


# --- whenever it comes, and however often ------------------------------


def test_a_report_is_taken_over_once(both: Both) -> None:
    first, plans = both
    tick(plans, OVERDUE)
    plans.tell(HANDED_IN)
    assert plans.tell(TAKE) == []  # they are two
    first.tell(MERGED)
    before = report(plans)
    assert plans.tell(TAKE) == plans.tell(GIVE_BACK) == []
    assert plans.tell(TAKE.model_copy(update={"due": NEXT})) == []
    assert report(plans) == before


def test_one_that_has_no_commitments_at_the_merger_takes_over_when_they_open() -> None:
    first, plans = membership_and_plans()
    first.tell(FOUNDED)
    titles = tuple(f"Point {number}" for number in range(1, 11))
    plans.tell(PlanPublished(coalition="europe", version=1, commitments=titles))
    first.tell(CitySigned(coalition="europe", member=TWIN, signed="2006-09"))
    plans.tell(HANDED_IN)
    first.listeners.clear()
    first.tell(SIGNED)
    (_, *absorbed) = first.tell(MERGED)
    for one in absorbed:  # the other side of the merger is heard first
        plans.tell(one)
    assert Stream("reports", ID.key) not in plans.states
    plans.tell(SIGNED.model_copy(update={"state": "member"}))
    assert state(plans) == "submitted"


def test_one_that_is_merged_itself_hands_on_what_it_took_over(both: Both) -> None:
    first, plans = both
    other = MemberRef(name="Erlangen", country="DE", kind="city")
    first.tell(CitySigned(coalition="europe", member=other, signed="2006-09"))
    at(plans, OVERDUE)
    plans.tell(HANDED_IN)
    first.tell(MERGED)
    again = {"coalition": "europe", "member": other, "merged": ID, "reason": "one city"}
    first.tell(MembersMerged.model_validate(again))
    assert state(plans, MemberRef(id=other.key)) == "submitted"


def test_one_that_is_merged_before_it_takes_over_hands_on_nevertheless(both: Both) -> None:
    first, plans = both
    other = MemberRef(name="Erlangen", country="DE", kind="city")
    first.tell(CitySigned(coalition="europe", member=other, signed="2006-09"))
    at(plans, OVERDUE)
    plans.tell(HANDED_IN)
    progress = {"member": TWIN_ID, "point": 1, "status": "in progress", "as_of": "2020"}
    plans.tell(CommitmentUpdated.model_validate(progress))
    first.listeners.clear()
    again = {"coalition": "europe", "member": other, "merged": ID, "reason": "one city"}
    mergers = (MERGED, MembersMerged.model_validate(again))
    absorbed = [e for m in mergers for e in first.tell(m) if isinstance(e, MemberAbsorbed)]
    plans.tell_together(absorbed)
    erlangen = MemberRef(id=other.key)
    assert state(plans, erlangen) == "submitted"
    duty, _, _ = parts(plans, erlangen)
    assert duty.holder.commitments[0].status == "in progress"
    assert plans.refused == []
