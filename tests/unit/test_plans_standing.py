from __future__ import annotations

from typing import Any

import pytest

from services.plans.domain import DECIDER, State
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    MemberAbsorbed,
    MemberAdmitted,
    MemberReinstated,
    MemberRenamed,
    MemberSuspended,
    MemberWithdrawn,
    StepCorrected,
)
from shared.contracts.plans import (
    CommitmentsFellDue,
    CommitmentsTakenOver,
    MemberNoted,
    ReportSubmitted,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    SIGNED,
    action,
    basis,
    holder,
    names,
    opened,
    report,
    update,
)

TWIN = MemberRef(name="San Felipe y Santiago de Montevideo", country="UY", kind="city")
OF = {"coalition": "latin", "member": MONTEVIDEO}


def said(kind: Any, state: str, **more: Any) -> Any:
    return kind.model_validate({**OF, "state": state, **more})


WITHDRAWN = said(MemberWithdrawn, "withdrawn", withdrawn="2015-06")
ABSORBED = said(
    MemberAbsorbed, "merged", member=TWIN, into=MONTEVIDEO, reason="The same city, twice"
)
TAKEN = CommitmentsTakenOver(coalition="latin", member=MONTEVIDEO, merged=TWIN)


def test_any_step_that_makes_a_member_opens_its_commitments() -> None:
    told = Folded(DECIDER)
    told.tell(PLAN)
    assert told.tell(said(CityDecided, "decided", decided="2005")) == []
    assert names(told.tell(said(CityDecided, "member", decided="2006"))) == ["CommitmentsOpened"]


def test_the_date_of_joining_is_the_earliest_that_is_known() -> None:
    told = Folded(DECIDER)
    told.tell(PLAN)
    told.tell(said(MemberAdmitted, "member", admitted="2008"))
    told.tell(SIGNED.model_copy(update={"signed": "2006"}))
    assert holder(told).joined == "2006"
    told.tell(SIGNED)
    assert holder(told).joined == "2006-10-25"
    correction = {"step": "signed", "said": "2006-10-25", "right": "2007-01", "reason": "A slip"}
    told.tell(said(StepCorrected, "member", **correction))
    assert holder(told).joined == "2007-01"


def test_a_new_name_is_noted_and_the_progress_stays() -> None:
    told = opened()
    told.tell(update())
    now = MONTEVIDEO.model_copy(update={"name": "Gran Montevideo"})
    renamed = {"renamed": "2010", "name": "Gran Montevideo", "member": now}
    (noted,) = told.tell(said(MemberRenamed, "member", **renamed))
    assert isinstance(noted, MemberNoted)
    assert (noted.member.name, noted.member.key) == ("Gran Montevideo", MONTEVIDEO.key)
    assert holder(told).commitments[2].status == "in progress"


def test_a_suspension_is_noted_and_the_city_may_still_report() -> None:
    told = opened()
    told.tell(said(MemberSuspended, "suspended", suspended="2012", reason="no report"))
    assert (holder(told).standing, holder(told).since) == ("suspended", "2012")
    assert told.tell(update())
    told.tell(said(MemberReinstated, "member", reinstated="2013"))
    assert holder(told).standing == "member"


def test_after_a_withdrawal_only_what_was_before_it_is_taken() -> None:
    told = opened()
    told.tell(WITHDRAWN)
    assert told.tell(update("2014"))
    with pytest.raises(Refused, match="withdrawn since 2015-06"):
        told.tell(update("2016"))
    told.tell(said(CitySigned, "member", signed="2018"))
    assert told.tell(update("2019", "completed"))


def test_who_withdrew_while_it_waited_gets_nothing_until_it_is_back() -> None:
    told = Folded(DECIDER)
    told.tell(SIGNED)
    told.tell(WITHDRAWN)
    told.tell(PLAN)
    assert told.tell(CommitmentsFellDue(coalition="latin", member=MONTEVIDEO)) == []
    back = told.tell(said(CitySigned, "member", signed="2018"))
    assert names(back) == ["MemberNoted", "CommitmentsOpened"]
    assert holder(told).standing == "member"


def test_the_same_word_again_changes_nothing() -> None:
    told = opened()
    told.tell(WITHDRAWN)
    assert told.tell(WITHDRAWN) == []


# --- two members that are one ----------------------------------------------------------------


@pytest.fixture
def twins() -> Folded[State]:
    told = opened()
    told.tell(SIGNED.model_copy(update={"member": TWIN}))
    return told


def of_twin(event: Any) -> Any:
    return event.model_copy(update={"member": TWIN})


def test_a_duplicate_takes_nothing_more_and_names_the_one_that_stays(
    twins: Folded[State],
) -> None:
    twins.tell(ABSORBED)
    assert holder(twins, TWIN).into == MONTEVIDEO.key
    for event in (update(), action(), report(ReportSubmitted, submitted="2020")):
        with pytest.raises(Refused, match=f"merged into '{MONTEVIDEO.key}'"):
            twins.tell(of_twin(event))


def test_the_one_that_stays_takes_over_what_is_newer_and_the_actions(
    twins: Folded[State],
) -> None:
    twins.tell(update("2020", "completed", point=1))
    twins.tell(of_twin(update("2019", "planned", point=1)))
    twins.tell(of_twin(update("2021", "stalled", point=2)))
    twins.tell(basis(point=3))
    twins.tell(of_twin(action("completed", point=3)))
    twins.tell(ABSORBED)
    assert names(twins.tell(TAKEN)) == [
        "CommitmentsTakenOver",
        "CommitmentUpdated",
        "ActionRecorded",
        "CommitmentUpdated",
    ]
    assert [c.status for c in holder(twins).commitments][:3] == [
        "completed",
        "stalled",
        "completed",
    ]
    assert twins.tell(TAKEN) == []


def test_nobody_takes_over_from_who_was_not_merged_into_it(twins: Folded[State]) -> None:
    with pytest.raises(Refused, match="was not merged"):
        twins.tell(TAKEN)
