"""What names a duplicate names whom it was merged into, and it again once they are two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from services.plans.domain import (
    LocalPlan,
    LocalPlanDuty,
    Practice,
)
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CitySigned,
    MemberAbsorbed,
    MemberCorrected,
    MembersMerged,
)
from shared.contracts.plans import (
    LocalPlanAdopted,
    LocalPlanFollowed,
    PracticeAdopted,
    PracticeFollowed,
    PracticeShared,
)
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.membership_facts import TWIN, WHO
from tests.unit.mending import ID, OTHER, committed, corrected, holder
from tests.unit.reacting import Reacting

if TYPE_CHECKING:
    from shared.contracts.base import Event


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
def named() -> tuple[Reacting, Reacting]:
    """A duplicate has a plan of its own, shared a practice and adopted another one."""
    first, plans = committed()
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
