"""The way in has other ends: an application is examined, deferred, declined, or dropped."""

from __future__ import annotations

import json
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from services.membership.domain import DECIDER, State, counted, statistics
from shared.contracts.membership import (
    ApplicationDeclined,
    ApplicationDeferred,
    ApplicationDropped,
    CitySigned,
    ExaminationOpened,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberStep,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.member_files import HISTORY
from tests.unit.membership_facts import (
    FOUNDED,
    SIGNED,
    WHO,
    coalition,
    corrected,
    founded,
    member,
    statutes,
    was,
    withdrawn,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

APPLIED = MemberApplied(**WHO, applied="2018-01", paper="Declaration of Intention")
OPENED = ExaminationOpened(**WHO, opened="2018-03")
DEFERRED = ApplicationDeferred(**WHO, deferred="2018-06", until="2019", reason="no plan yet")
ADMITTED = MemberAdmitted(**WHO, admitted="2019-05")
VOTE: dict[str, Any] = {"vote": {"in_favour": 3, "against": 9}, "decision": "board-2019"}
DECLINED = ApplicationDeclined(**WHO, declined="2019-05", reason="no plan", **VOTE)
DROPPED = ApplicationDropped(**WHO, dropped="2019-02", reason="the budget")


@pytest.fixture
def folded() -> Folded[State]:
    folded = founded()
    statutes(folded, membership_by="admitted")
    return folded


def states_after(folded: Folded[State], events: Sequence[MemberStep]) -> list[str]:
    for event in events:
        assert folded.tell(event)
    return [standing.state for standing in member(folded).standings]


@pytest.mark.parametrize("end", [DECLINED, DROPPED, ADMITTED])
def test_an_application_is_examined_deferred_and_comes_to_an_end(
    folded: Folded[State], end: MemberStep
) -> None:
    after = {DECLINED: "declined", DROPPED: "dropped", ADMITTED: "member"}[end]
    states = states_after(folded, [APPLIED, OPENED, DEFERRED, end])
    assert states == ["applied", "under examination", "deferred", after]


@pytest.mark.parametrize("first", [OPENED, DEFERRED, DECLINED, DROPPED])
def test_a_record_may_begin_with_what_became_of_an_application(
    folded: Folded[State], first: MemberStep
) -> None:
    assert states_after(folded, [first]) == [member(folded).state]
    folded.tell(APPLIED)
    assert [s.state for s in member(folded).standings] == ["applied", member(folded).state]


def test_the_steps_of_an_application_may_arrive_in_any_order() -> None:
    again = ExaminationOpened(**WHO, opened="2019-01")
    found = set()
    for order in permutations([APPLIED, OPENED, DEFERRED, again, ADMITTED]):
        folded = Folded[State](DECIDER)
        folded.tell(FOUNDED)
        statutes(folded, membership_by="admitted")
        for event in order:
            assert folded.tell(event)
        found.add(tuple((s.state, s.since) for s in member(folded).standings))
    assert len(found) == 1


def test_neither_declined_nor_dropped_counts_as_having_left_or_as_a_member() -> None:
    for end in (DECLINED, DROPPED, withdrawn("2019")):
        alone = founded()
        statutes(alone, membership_by="admitted")
        states_after(alone, [APPLIED, end])
        day = "2020-01-01"
        numbers = statistics(coalition(alone), counted([member(alone)], day, {"europe"}), day)
        assert numbers.members == 0
        assert "withdrawn" not in numbers.by_state
        assert sum(numbers.by_state.values()) == 1


def test_who_withdrew_before_it_was_a_member_has_dropped_its_application(
    folded: Folded[State],
) -> None:
    states_after(folded, [APPLIED, withdrawn("2020")])
    assert member(folded).state == "dropped"
    folded.tell(ADMITTED)
    assert [s.state for s in member(folded).standings] == ["applied", "member", "withdrawn"]


def test_a_deferral_lasts_until_the_coalition_decides_whatever_the_city_does(
    folded: Folded[State],
) -> None:
    states_after(folded, [APPLIED, DEFERRED, CitySigned(**WHO, signed="2018-09")])
    assert member(folded).state == "deferred"
    again = ApplicationDeferred(**WHO, deferred="2018-12", reason="no quorum")
    assert states_after(folded, [again, ADMITTED])[-1] == "member"


def test_by_statutes_a_signature_ends_an_examination() -> None:
    folded = founded()
    assert states_after(folded, [OPENED, CitySigned(**WHO, signed="2018-09")])[-1] == "member"


@pytest.mark.parametrize("end", [DECLINED, DROPPED])
def test_a_city_may_apply_again(folded: Folded[State], end: MemberStep) -> None:
    states = states_after(folded, [APPLIED, end, MemberApplied(**WHO, applied="2022")])
    assert states[-2:] == [member(folded).steps[1].step, "applied"]
    assert was(folded, "2021-01-01") == member(folded).steps[1].step
    assert states_after(folded, [MemberAdmitted(**WHO, admitted="2023")])[-1] == "member"


@pytest.mark.parametrize("late", [OPENED, DEFERRED, DECLINED, DROPPED])
def test_no_application_of_a_member_is_examined_or_ended(late: MemberStep) -> None:
    folded = founded()
    folded.tell(SIGNED)
    with pytest.raises(Refused, match="its state is 'member'"):
        folded.tell(late)


def test_a_membership_that_came_to_light_contradicts_that_the_application_was_declined(
    folded: Folded[State],
) -> None:
    states_after(folded, [DECLINED])
    with pytest.raises(Refused, match="then it could not have been declined 2019-05"):
        folded.tell(MemberAdmitted(**WHO, admitted="2017"))
    assert folded.tell(corrected("declined", "2019-05", None))
    assert folded.tell(MemberAdmitted(**WHO, admitted="2017"))


@pytest.mark.parametrize(
    ("event", "correct"), [(OPENED, "2018-02"), (DEFERRED, "2018-07"), (DECLINED, "2019-06")]
)
def test_each_step_of_an_application_is_corrected(
    folded: Folded[State], event: MemberStep, correct: str
) -> None:
    states_after(folded, [APPLIED, event])
    step = member(folded).steps[-1].step
    folded.tell(corrected(step, event.date, correct))
    assert (member(folded).steps[-1].date, member(folded).state) == (correct, step)
    with pytest.raises(Refused, match="was corrected: the minutes say so"):
        folded.tell(event)
    folded.tell(corrected(step, correct, None))
    assert member(folded).state == "applied"


def test_what_is_said_of_an_end_is_kept_with_it(folded: Folded[State]) -> None:
    states_after(folded, [APPLIED, DEFERRED, DECLINED])
    applied, deferred, declined = member(folded).steps
    assert applied.paper == "Declaration of Intention"
    assert (deferred.until, deferred.reason) == ("2019", "no plan yet")
    assert (str(declined.vote), declined.decision) == ("3 for, 9 against", "board-2019")


def test_nothing_is_deferred_until_before_it_was_deferred() -> None:
    with pytest.raises(ValidationError, match="until 2017 lies before it was deferred"):
        ApplicationDeferred(**WHO, deferred="2018", until="2017")


def test_a_declaration_of_intention_and_an_act_of_accession_are_two_papers(
    folded: Folded[State],
) -> None:
    states_after(folded, [APPLIED])
    assert member(folded).state == "applied"
    act = MemberAcceded(**WHO, acceded="2018-05", paper="Act of Accession and Commitment")
    states_after(folded, [act])
    assert [s.paper for s in member(folded).steps] == [APPLIED.paper, act.paper]
    assert member(folded).state == "acceded"


def test_a_coalition_names_its_papers_and_the_last_word_stands(folded: Folded[State]) -> None:
    both = ("Declaration of Intention", "Act of Accession")
    source = {"title": "How to join"}
    folded.tell(FOUNDED.model_validate({**FOUNDED.model_dump(), "papers": both, "source": source}))
    assert coalition(folded).papers == both
    assert coalition(folded).sources["papers"].title == "How to join"
    folded.tell(FOUNDED.model_copy(update={"papers": both[:1]}))
    assert coalition(folded).papers == both[:1]


def test_the_real_history_has_thirteen_cities_that_signed_the_declaration_of_2004() -> None:
    events = [json.loads(line) for line in HISTORY.read_bytes().splitlines()]
    declared = [e["data"] for e in events if e["data"].get("paper") == "Declaration of Intention"]
    assert {(d["applied"], d["source"]["title"]) for d in declared} == {
        ("2004-12-10", "European coalition of cities against racism launched in Nuremberg")
    }
    assert len({d["member"]["name"] for d in declared}) == 13
    papers = [e["data"]["papers"] for e in events if "papers" in e["data"]]
    assert ["Declaration of Intention", "Act of Accession and Commitment"] in papers
