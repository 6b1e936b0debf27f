"""After a year without movement of a commitment it is said once, until it moves again."""

from __future__ import annotations

from datetime import date
from typing import Final

import pytest

from services.plans.domain import State
from services.plans.domain.commitments.idle import by_clock, next_day
from shared.contracts.membership import MemberPutOnHold, MemberWithdrawn
from shared.contracts.plans import (
    CommitmentCorrected,
    CommitmentsChosen,
    CommitmentsFellIdle,
    IndicatorRead,
)
from shared.domain.decider import Refused
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    QUITO,
    RULE,
    action,
    at,
    holder,
    mend,
    opened,
    plan,
    update,
)

SAYS: Final = {"coalition": "latin", "points": [1], "noted": "2020-01-01", "since": "2019-01-01"}


@pytest.fixture
def folded() -> Folded[State]:
    """Montevideo signed in 2006; its coalition asks for reports since 2020."""
    folded = opened()
    folded.tell(RULE)
    return at(folded, "2020-06-30")


def clock(folded: Folded[State], day: str) -> list[int]:
    """Of which commitments the clock says on a day that they have not moved."""
    at(folded, day)
    said = by_clock(holder(folded), plan(folded).reporting, folded.now.date())
    published = folded.tell(said) if said else ()
    return [point for one in published for point in getattr(one, "points", ())]


def again(folded: Folded[State], day: str) -> str:
    """When the clock looks again."""
    return str(next_day(holder(folded), plan(folded).reporting, date.fromisoformat(day)))


def test_it_is_said_once_a_year_after_the_last_movement(folded: Folded[State]) -> None:
    folded.tell(update("2020-03-10", point=3))
    assert clock(folded, "2020-12-31") == []
    assert clock(folded, "2021-01-01") == [1, 2, 4, 5, 6, 7, 8, 9, 10]
    assert clock(folded, "2021-01-01") == []
    assert clock(folded, "2021-03-09") == []
    assert clock(folded, "2021-03-10") == [3]
    assert clock(folded, "2029-01-01") == []


def test_nothing_is_said_of_the_years_before_the_coalition_asked_for_reports() -> None:
    folded = opened()
    assert clock(folded, "2026-01-01") == []
    folded.tell(RULE.model_copy(update={"since": "2025-06-01"}))
    assert clock(folded, "2026-05-31") == []
    assert len(clock(folded, "2026-06-01")) == 10


@pytest.mark.parametrize("what", ["progress", "action", "reading"])
def test_what_moves_again_is_said_again_a_year_later(folded: Folded[State], what: str) -> None:
    assert clock(folded, "2021-01-01")
    at(folded, "2021-05-01")
    if what == "progress":
        folded.tell(update("2021-04-30", point=3))
    else:
        as_of = "2021-04-30" if what == "action" else "2020"
        indicator = {"name": "People"}
        folded.tell(action(point=3, as_of=as_of, indicator=indicator))
    if what == "reading":
        read = {"action": "centre", "value": 7, "as_of": "2021-04-30", "member": MONTEVIDEO}
        folded.tell(IndicatorRead.model_validate(read))
    assert clock(folded, "2022-04-29") == []
    assert clock(folded, "2022-04-30") == [3]


def test_what_is_known_to_the_year_may_have_moved_on_its_last_day(folded: Folded[State]) -> None:
    assert clock(folded, "2021-01-01")
    folded.tell(update("2020", point=3))
    assert clock(folded, "2021-12-30") == []
    assert clock(folded, "2021-12-31") == [3]


def test_what_is_completed_or_was_not_chosen_need_not_move(folded: Folded[State]) -> None:
    folded.tell(update("2020-01-01", "completed", point=3))
    chosen = {"member": MONTEVIDEO, "points": [3, 4], "as_of": "2020-01-01"}
    folded.tell(CommitmentsChosen.model_validate(chosen))
    assert clock(folded, "2024-01-01") == [4]


def test_who_is_on_hold_or_has_left_is_not_asked_to_move(folded: Folded[State]) -> None:
    about = {"coalition": "latin", "member": MONTEVIDEO}
    hold = {"on_hold": "2020-02-01", "state": "on hold", "reason": "elections"}
    folded.tell(MemberPutOnHold.model_validate({**about, **hold}))
    assert clock(folded, "2024-01-01") == []
    left = MemberWithdrawn.model_validate(
        {**about, "withdrawn": "2020-03-01", "state": "withdrawn"}
    )
    folded.tell(left)
    assert clock(folded, "2024-01-01") == []
    assert again(folded, "2024-01-01") == "None"


def test_a_movement_that_was_recorded_by_mistake_is_none(folded: Folded[State]) -> None:
    folded.tell(update("2020-03-10", point=3))
    folded.tell(mend(CommitmentCorrected, "2020-03-10", point=3))
    assert 3 in clock(folded, "2021-01-01")


def test_it_says_since_when_none_of_them_has_moved(folded: Folded[State]) -> None:
    folded.tell(update("2020-03-10", point=3))
    at(folded, "2021-06-01")
    said = CommitmentsFellIdle.model_validate({**SAYS, "member": MONTEVIDEO})
    (found,) = folded.tell(said)
    assert isinstance(found, CommitmentsFellIdle)
    assert (len(found.points), found.noted, found.since) == (10, "2021-06-01", "2020-03-10")


def test_whoever_sends_it_the_clock_must_say_so_too(folded: Folded[State]) -> None:
    said = CommitmentsFellIdle.model_validate({**SAYS, "member": MONTEVIDEO})
    assert folded.tell(said) == []
    with pytest.raises(Refused, match="holds no commitments"):
        folded.tell(said.model_copy(update={"member": QUITO}))


def test_the_clock_looks_again_a_year_after_the_first_or_soon_where_one_may_move_any_day(
    folded: Folded[State],
) -> None:
    folded.tell(update("2020-03-10", point=3))
    assert again(folded, "2020-06-30") == "2021-01-01"
    clock(folded, "2021-01-01")
    assert again(folded, "2021-01-01") == "2021-02-01"
    assert again(folded, "2021-02-20") == "2021-03-10"
