"""What is mended of a member is followed by its commitments and its reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from services.plans.domain import (
    LocalPlan,
    LocalPlanDuty,
    MemberCommitments,
    MemberReports,
    Practice,
)
from services.plans.domain.reports.contents import contents_of
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    MemberAbsorbed,
    MemberCorrected,
    MemberMoved,
    MembersMerged,
)
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentUpdated,
    LocalPlanAdopted,
    LocalPlanFollowed,
    PlanPublished,
    PracticeAdopted,
    PracticeFollowed,
    PracticeShared,
    ReportingRuleSet,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.membership_facts import FOUNDED, SIGNED, TWIN, WHO
from tests.unit.mending import AFRICA, AFRICAN, ID, corrected
from tests.unit.reacting import Reacting, membership_and_plans

if TYPE_CHECKING:
    from shared.contracts.base import Event

# --- what follows in plans ------------------------------

OTHER: Final = MemberRef(name="Erlangen", country="DE", kind="city")
TEXTS: Final = tuple(f"Point {number}" for number in range(1, 11))
UPDATE: Final = CommitmentUpdated(member=ID, point=3, status="in progress", as_of="2010")


@pytest.fixture
def both() -> tuple[Reacting, Reacting]:
    first, plans = membership_and_plans()
    first.tell(FOUNDED)
    first.tell(AFRICAN)
    for coalition in ("europe", "africa"):
        texts = tuple(f"{text} of {coalition}" for text in TEXTS)
        plans.tell(PlanPublished(coalition=coalition, version=1, commitments=texts))
    first.tell(SIGNED)
    plans.tell(UPDATE)
    return first, plans


def holder(plans: Reacting, ref: MemberRef = ID) -> MemberCommitments:
    state = plans.states[Stream("commitments", ref.key)]
    assert isinstance(state, MemberCommitments)
    return state


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
    assert (third.title, third.before) == ("Point 3 of africa", None)
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


# --- what names a duplicate ------------------------------


def local_plan(plans: Reacting, id_: str = "own") -> LocalPlan:
    state = plans.states[Stream("local-plans", id_)]
    assert isinstance(state, LocalPlan)
    return state


def practice(plans: Reacting, id_: str = "centre") -> Practice:
    state = plans.states[Stream("practices", id_)]
    assert isinstance(state, Practice)
    return state


def own_plans(plans: Reacting, ref: MemberRef) -> list[str]:
    state = plans.states.get(Stream("local-plan-duties", ref.key))
    return [one.plan for one in state.plans] if isinstance(state, LocalPlanDuty) else []


@pytest.fixture
def named(both: tuple[Reacting, Reacting]) -> tuple[Reacting, Reacting]:
    """A duplicate has a plan of its own, shared a practice and adopted another one."""
    first, plans = both
    first.tell(CitySigned(coalition="europe", member=TWIN, signed="2006-09"))
    first.tell(CitySigned(coalition="europe", member=OTHER, signed="2006-09"))
    about = {"coalition": "europe", "title": "Our plan", "adopted": "2008"}
    plans.tell(LocalPlanAdopted.model_validate({**about, "plan": "own", "holders": [TWIN, OTHER]}))
    fields = {"coalition": "europe", "shared": "2010", "title": "A centre", "summary": "It helps."}
    for id_, member in (("centre", TWIN), ("school", OTHER)):
        shared = {**fields, "practice": id_, "member": member}
        plans.tell(PracticeShared.model_validate(shared))
    plans.tell(PracticeAdopted(practice="school", member=TWIN, adopted="2012", outcome="Well"))
    return first, plans


def test_what_names_a_duplicate_names_the_member_that_it_was_merged_into(
    named: tuple[Reacting, Reacting],
) -> None:
    first, plans = named
    first.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    assert [one.key for one in local_plan(plans).holders] == [ID.key, OTHER.key]
    assert (own_plans(plans, ID), own_plans(plans, TWIN)) == (["own"], [])
    assert practice(plans).member == holder(plans).member
    (adoption,) = practice(plans, "school").adoptions
    assert (adoption.member.key, adoption.outcome) == (ID.key, "Well")
    mine = {"practice": "centre", "coalition": "europe", "member": ID, "shared": "2011"}
    anew = {**mine, "title": "A centre", "summary": "It helps all."}
    assert plans.tell(PracticeShared.model_validate(anew))
    assert plans.refused == []


def test_what_named_a_duplicate_names_it_again_once_they_are_two(
    named: tuple[Reacting, Reacting],
) -> None:
    first, plans = named
    before = local_plan(plans), practice(plans), practice(plans, "school")
    first.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    first.tell(corrected("merged", TWIN.key, None))
    assert (local_plan(plans), practice(plans), practice(plans, "school")) == before
    assert (own_plans(plans, ID), own_plans(plans, TWIN)) == ([], ["own"])
    first.tell(corrected("merged", TWIN.key, TWIN.key))
    assert (own_plans(plans, ID), own_plans(plans, TWIN)) == (["own"], [])
    assert plans.refused == []


def test_a_member_that_stays_and_is_merged_itself_takes_along_what_it_took_over(
    named: tuple[Reacting, Reacting],
) -> None:
    first, plans = named
    first.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    first.tell(INTO_OTHER)
    assert [one.key for one in local_plan(plans).holders] == [OTHER.key]
    assert practice(plans).member.key == OTHER.key
    undone = {"coalition": "europe", "member": OTHER, "fact": "merged", "recorded": ID.key}
    first.tell(MemberCorrected.model_validate({**undone, "reason": "two"}))
    assert [one.key for one in local_plan(plans).holders] == [ID.key, OTHER.key]
    assert practice(plans).member.key == ID.key


INTO_OTHER: Final = MembersMerged.model_validate(
    {"coalition": "europe", "member": OTHER, "merged": ID, "reason": "one city"}
)


def absorbed(first: Reacting, *mergers: MembersMerged) -> list[Event]:
    """What membership says of duplicates, which nobody has heard yet."""
    first.listeners.clear()
    return [e for one in mergers for e in first.tell(one) if isinstance(e, MemberAbsorbed)]


def test_of_two_mergers_in_a_row_that_are_heard_together_both_are_followed(
    named: tuple[Reacting, Reacting],
) -> None:
    first, plans = named
    one_city = MembersMerged(**WHO, merged=TWIN, reason="one city")
    plans.tell_together(absorbed(first, one_city, INTO_OTHER))
    assert [one.key for one in local_plan(plans).holders] == [OTHER.key]
    assert practice(plans).member.key == OTHER.key
    assert plans.refused == []


def test_who_is_merged_in_the_very_moment_in_which_it_is_named_is_followed(
    named: tuple[Reacting, Reacting],
) -> None:
    first, plans = named
    for event in absorbed(first, MembersMerged(**WHO, merged=TWIN, reason="one city")):
        Folded.tell(plans, event)  # what follows from it did not see who is named
    own = {"plan": "own", "holders": [TWIN, OTHER], "coalition": "europe", "title": "Our plan"}
    plans.react(LocalPlanAdopted.model_validate({**own, "adopted": "2008"}))
    plans.react(PracticeAdopted(practice="school", member=TWIN, adopted="2012"))
    assert [one.key for one in local_plan(plans).holders] == [ID.key, OTHER.key]
    assert [one.member.key for one in practice(plans, "school").adoptions] == [ID.key]


def test_a_plan_said_anew_with_other_holders_is_theirs(named: tuple[Reacting, Reacting]) -> None:
    first, plans = named
    first.tell(MembersMerged(**WHO, merged=TWIN, reason="one city"))
    about = {"coalition": "europe", "title": "Our plan", "adopted": "2008", "plan": "own"}
    plans.tell(LocalPlanAdopted.model_validate({**about, "holders": [ID, OTHER]}))
    assert local_plan(plans).followed
    plans.tell(LocalPlanAdopted.model_validate({**about, "holders": [OTHER]}))
    first.tell(corrected("merged", TWIN.key, None))
    assert [one.key for one in local_plan(plans).holders] == [OTHER.key]


def test_of_two_that_are_two_nothing_follows(named: tuple[Reacting, Reacting]) -> None:
    _, plans = named
    for event in (
        LocalPlanFollowed(plan="own", member=TWIN, into=ID),
        PracticeFollowed(practice="centre", member=TWIN, into=ID),
        LocalPlanFollowed(plan="own", member=TWIN),
        PracticeFollowed(practice="centre", member=TWIN),
    ):
        assert plans.tell(event) == []
    with pytest.raises(Refused, match="no local plan 'none' is known"):
        plans.tell(LocalPlanFollowed(plan="none", member=TWIN))
    with pytest.raises(Refused, match="no practice 'none' is shared"):
        plans.tell(PracticeFollowed(practice="none", member=TWIN))
