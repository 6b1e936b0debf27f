from __future__ import annotations

from typing import Any

import pytest

from services.plans.domain import DECIDER, State, is_bound
from shared.contracts.base import MemberRef
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    MemberAbsorbed,
    MemberAdmitted,
    MemberCorrected,
    MemberPutOnHold,
    MemberReinstated,
    MemberRenamed,
    MemberSuspended,
    MemberWithdrawn,
    PopulationCounted,
    StepCorrected,
)
from shared.contracts.plans import (
    CommitmentsAwaited,
    CommitmentsFellDue,
    CommitmentsOpened,
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


def following(kind: Any, state: str, **more: Any) -> Any:
    return kind.model_validate({**OF, "state": state, **more})


WITHDRAWN = following(MemberWithdrawn, "withdrawn", withdrawn="2015-06")
ABSORBED = following(
    MemberAbsorbed, "merged", member=TWIN, into=MONTEVIDEO, reason="The same city, twice"
)
TAKEN = CommitmentsTakenOver(coalition="latin", member=MONTEVIDEO, merged=TWIN)


def test_any_step_that_makes_a_member_opens_its_commitments() -> None:
    folded = Folded(DECIDER)
    folded.tell(PLAN)
    assert folded.tell(following(CityDecided, "decided", decided="2005")) == []
    assert names(folded.tell(following(CityDecided, "member", decided="2006"))) == [
        "CommitmentsOpened"
    ]


def test_the_date_of_joining_is_the_earliest_that_is_known() -> None:
    folded = Folded(DECIDER)
    folded.tell(PLAN)
    folded.tell(following(MemberAdmitted, "member", admitted="2008"))
    folded.tell(SIGNED.model_copy(update={"signed": "2006"}))
    assert holder(folded).joined == "2006"
    folded.tell(SIGNED)
    assert holder(folded).joined == "2006-10-25"
    correction = {
        "step": "signed",
        "recorded": "2006-10-25",
        "correct": "2007-01",
        "reason": "A slip",
    }
    folded.tell(following(StepCorrected, "member", **correction))
    assert holder(folded).joined == "2007-01"
    correction = {"step": "admitted", "recorded": "2008", "correct": "2005", "reason": "A slip"}
    folded.tell(following(StepCorrected, "member", **correction))
    assert holder(folded).joined == "2005"


def test_a_new_name_is_noted_and_the_progress_stays() -> None:
    folded = opened()
    folded.tell(update())
    now = MONTEVIDEO.model_copy(update={"name": "Gran Montevideo"})
    renamed = {"renamed": "2010", "name": "Gran Montevideo", "member": now}
    (noted,) = folded.tell(following(MemberRenamed, "member", **renamed))
    assert isinstance(noted, MemberNoted)
    assert (noted.member.name, noted.member.key) == ("Gran Montevideo", MONTEVIDEO.key)
    assert holder(folded).commitments[2].status == "in progress"


COUNTED = following(
    PopulationCounted, "member", as_of="2023", population=1_302_954, last_population=1_302_954
)


def test_a_count_of_its_people_is_noted_and_the_same_again_is_not() -> None:
    folded = opened()
    (noted,) = folded.tell(COUNTED)
    assert isinstance(noted, MemberNoted)
    assert (noted.population, holder(folded).population) == (1_302_954, 1_302_954)
    assert folded.tell(COUNTED) == []
    # An older count came later, and a wrong one was corrected away: membership says which is last.
    older = {"as_of": "1963", "population": 1_202_757}
    assert folded.tell(COUNTED.model_copy(update=older)) == []
    fact = {"fact": "population counted", "recorded": "2023", "reason": "A slip"}
    folded.tell(following(MemberCorrected, "member", **fact, last_population=1_202_757))
    assert holder(folded).population == 1_202_757
    folded.tell(following(MemberCorrected, "member", **{**fact, "recorded": "1963"}))
    assert holder(folded).population is None


def test_who_was_counted_before_it_joined_has_its_size_when_it_joins() -> None:
    folded = Folded(DECIDER)
    assert folded.tell(COUNTED.model_copy(update={"state": "applied"})) == []
    signed = SIGNED.model_copy(update={"last_population": 1_302_954})
    (awaited,) = folded.tell(signed)
    assert isinstance(awaited, CommitmentsAwaited)
    assert holder(folded).population == 1_302_954
    folded.tell(PLAN)
    (due,) = folded.tell(CommitmentsFellDue(coalition="latin", member=MONTEVIDEO))
    assert isinstance(due, CommitmentsOpened)
    assert holder(folded).population == 1_302_954


def test_a_suspension_is_noted_and_the_city_may_still_report() -> None:
    folded = opened()
    folded.tell(following(MemberSuspended, "suspended", suspended="2012", reason="no report"))
    assert (holder(folded).standing, holder(folded).since) == ("suspended", "2012")
    assert folded.tell(update())
    folded.tell(following(MemberReinstated, "member", reinstated="2013"))
    assert holder(folded).standing == "member"


def test_one_on_hold_keeps_its_commitments_and_may_record_what_it_does() -> None:
    folded = opened()
    folded.tell(following(MemberPutOnHold, "on hold", on_hold="2012", until="2013"))
    assert (holder(folded).standing, holder(folded).since) == ("on hold", "2012")
    assert folded.tell(update())
    assert is_bound(holder(folded))
    folded.tell(following(MemberReinstated, "member", reinstated="2013"))
    assert holder(folded).standing == "member"


def test_after_a_withdrawal_only_what_was_before_it_is_taken() -> None:
    folded = opened()
    folded.tell(WITHDRAWN)
    assert folded.tell(update("2014"))
    with pytest.raises(Refused, match="withdrawn since 2015-06"):
        folded.tell(update("2016"))
    folded.tell(following(CitySigned, "member", signed="2018"))
    assert folded.tell(update("2019", "completed"))


def test_who_withdrew_while_it_waited_gets_nothing_until_it_is_back() -> None:
    folded = Folded(DECIDER)
    folded.tell(SIGNED)
    folded.tell(WITHDRAWN)
    folded.tell(PLAN)
    assert folded.tell(CommitmentsFellDue(coalition="latin", member=MONTEVIDEO)) == []
    back = folded.tell(following(CitySigned, "member", signed="2018"))
    assert names(back) == ["MemberNoted", "CommitmentsOpened"]
    assert holder(folded).standing == "member"


def test_the_same_word_again_changes_nothing() -> None:
    folded = opened()
    folded.tell(WITHDRAWN)
    assert folded.tell(WITHDRAWN) == []


# --- two members that are one ----------------------------------------------------------------


@pytest.fixture
def twins() -> Folded[State]:
    folded = opened()
    folded.tell(SIGNED.model_copy(update={"member": TWIN}))
    return folded


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
