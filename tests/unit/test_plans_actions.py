from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.plans.domain.commitments.progress import derived
from shared.contracts.plans import (
    ActionRecorded,
    ActionStatus,
    CommitmentUpdated,
    IndicatorRead,
    Status,
)
from shared.domain.decider import Refused
from tests.unit.plans_facts import MONTEVIDEO, action, basis, holder, names, opened, update

INDICATOR = {"name": "People advised", "unit": "a year", "baseline": "0", "target": "300"}


def reading(value: str = "180", as_of: str = "2021") -> IndicatorRead:
    return IndicatorRead.model_validate(
        {"member": MONTEVIDEO, "action": "centre", "value": value, "as_of": as_of}
    )


def test_a_city_records_what_it_does_for_a_commitment() -> None:
    folded = opened()
    (recorded,) = folded.tell(action(budget={"amount": "1200.50", "currency": "UYU"}))
    assert isinstance(recorded, ActionRecorded)
    assert (recorded.coalition, recorded.member) == ("latin", MONTEVIDEO)
    (kept,) = holder(folded).commitments[2].actions
    assert kept.budget
    assert (str(kept.budget.amount), kept.status) == ("1200.50", "in progress")
    assert holder(folded).commitments[2].status == "not started"


def test_the_same_action_again_changes_nothing_and_an_older_word_is_refused() -> None:
    folded = opened()
    folded.tell(action())
    assert folded.tell(action()) == []
    with pytest.raises(Refused, match="older"):
        folded.tell(action("planned", as_of="2019"))
    folded.tell(action("completed", as_of="2021"))
    (kept,) = holder(folded).commitments[2].actions
    assert kept.status == "completed"


def test_an_action_may_move_to_another_commitment_with_its_readings() -> None:
    folded = opened()
    folded.tell(action(indicator=INDICATOR))
    folded.tell(reading())
    folded.tell(action(point=7, as_of="2021", indicator=INDICATOR))
    assert holder(folded).commitments[2].actions == ()
    (kept,) = holder(folded).commitments[6].actions
    assert [str(r.value) for r in kept.readings] == ["180"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts": "2021", "ends": "2020"},
        {"budget": {"amount": "1", "currency": "XYZ"}},
        {"budget": {"amount": "-1", "currency": "UYU"}},
        {"indicator": {"name": "x", "target": "NaN"}},
    ],
)
def test_an_action_that_makes_no_sense_breaks_the_contract(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        action(**wrong)


def test_an_action_needs_open_commitments_and_room() -> None:
    folded = opened()
    for number in range(100):
        folded.tell(action(id_=f"action-{number}"))
    with pytest.raises(Refused, match="at most 100"):
        folded.tell(action(id_="one-more"))
    folded.states.clear()
    with pytest.raises(Refused, match="no commitments are open"):
        folded.tell(action())


def test_an_indicator_is_read_and_a_second_word_on_a_date_corrects_it() -> None:
    folded = opened()
    folded.tell(action(indicator=INDICATOR))
    folded.tell(reading("180", "2021"))
    (read,) = folded.tell(reading("90", "2020"))
    assert isinstance(read, IndicatorRead)
    assert read.indicator
    assert read.indicator.unit == "a year"
    assert folded.tell(reading("180.0", "2021")) == []
    folded.tell(reading("190", "2021"))
    (kept,) = holder(folded).commitments[2].actions
    assert [(r.as_of, int(r.value)) for r in kept.readings] == [("2020", 90), ("2021", 190)]


def test_only_an_action_with_an_indicator_is_read() -> None:
    folded = opened()
    with pytest.raises(Refused, match="no action 'centre'"):
        folded.tell(reading())
    folded.tell(action())
    with pytest.raises(Refused, match="no indicator"):
        folded.tell(reading())


# --- progress that is derived ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        ([], "not started"),
        (["abandoned"], "not started"),
        (["planned"], "planned"),
        (["planned", "stalled"], "planned"),
        (["stalled"], "stalled"),
        (["completed", "stalled"], "stalled"),
        (["in progress", "planned", "planned"], "in progress"),
        (["completed", "planned", "planned"], "in progress"),
        (["completed", "in progress"], "substantially done"),
        (["completed", "completed", "abandoned"], "completed"),
    ],
)
def test_what_follows_from_actions(actions: list[ActionStatus], status: Status) -> None:
    assert derived(actions) == status


def test_each_change_of_an_action_publishes_the_progress_that_follows() -> None:
    folded = opened()
    folded.tell(basis())
    recorded = folded.tell(action())
    assert names(recorded) == ["ActionRecorded", "CommitmentUpdated"]
    followed = recorded[1]
    assert isinstance(followed, CommitmentUpdated)
    assert (followed.status, followed.status_before, followed.basis, followed.as_of) == (
        "in progress",
        "not started",
        "derived",
        "2020",
    )
    assert names(folded.tell(action("completed", as_of="2021"))) == [
        "ActionRecorded",
        "CommitmentUpdated",
    ]
    assert holder(folded).commitments[2].status == "completed"


def test_a_moved_action_changes_the_progress_of_both_commitments() -> None:
    folded = opened()
    for point in (3, 7):
        folded.tell(basis(point=point))
    folded.tell(action("completed", id_="other"))
    folded.tell(action("planned"))
    moved = folded.tell(action("planned", point=7, as_of="2021"))
    assert names(moved) == ["ActionRecorded", "CommitmentUpdated", "CommitmentUpdated"]
    statuses = [c.status for c in holder(folded).commitments]
    assert (statuses[2], statuses[6]) == ("completed", "planned")


def test_to_choose_derived_progress_publishes_what_follows_at_once() -> None:
    folded = opened()
    folded.tell(action("completed"))
    folded.tell(update("2021", "in progress"))
    chosen = folded.tell(basis())
    assert names(chosen) == ["ProgressBasisChosen", "CommitmentUpdated"]
    current = holder(folded).commitments[2]
    assert (current.basis, current.status, current.as_of) == ("derived", "completed", "2021")
    assert folded.tell(basis()) == []


def test_derived_progress_is_not_reported_until_the_city_chooses_so_again() -> None:
    folded = opened()
    folded.tell(action("completed"))
    folded.tell(basis())
    with pytest.raises(Refused, match="choose the basis 'reported'"):
        folded.tell(update("2022", "stalled"))
    folded.tell(basis("reported"))
    folded.tell(update("2022", "stalled"))
    assert holder(folded).commitments[2].status == "stalled"


def test_nobody_but_plans_derives_but_what_it_said_may_come_back() -> None:
    folded = opened()
    with pytest.raises(Refused, match="only plans itself"):
        folded.tell(update().model_copy(update={"basis": "derived"}))
    folded.tell(action("completed"))
    _, followed = folded.tell(basis())
    assert folded.tell(followed) == []
