"""Commitments from month to month: of each month what is known of it, and nothing of later."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from services.plans.by_status import count
from services.plans.domain.as_of import commitments_at
from services.plans.domain.trend import LENGTH, Month, changes, months
from services.plans.trends import MAX_MONTHS, days_of
from shared.contracts.membership import MemberMoved
from shared.contracts.plans import CommitmentsChosen, CommitmentsMoved, PlanPublished
from shared.web.problems import Problem
from tests.unit.plans_facts import MONTEVIDEO, TITLES, holder, opened, update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain import MemberCommitments
    from shared.pipeline.tally import Numbers

TODAY: Final = date(2020, 3, 15)
DAYS: Final = ("2006-09-30", "2015-01-31", "2015-02-28", "2015-03-31")


def counted(
    held: MemberCommitments, days: Sequence[str], coalition: str | None = "latin"
) -> list[Month]:
    """The months of one member, each as of its last day."""
    found = list[Month]()
    for day in days:
        by_month: dict[str, Sequence[int]] = {}
        for change in changes(held, day):
            if coalition in {None, change.coalition}:
                before = by_month.get(change.month, (0,) * LENGTH)
                by_month[change.month] = [
                    a + b for a, b in zip(before, change.numbers, strict=True)
                ]
        found += months([day], by_month)
    return found


def test_each_month_counts_what_stood_at_its_end() -> None:
    folded = opened()
    folded.tell(update("2015-02", "in progress").model_copy(update={"percent": 40}))
    folded.tell(update("2015-03-31", "completed"))
    before, january, february, march = counted(holder(folded), DAYS)
    assert (before.members, before.percent) == (0, None)
    assert (january.members, january.by_status["not started"], january.percent) == (1, 10, 0)
    assert (february.by_status["in progress"], february.percent, february.counted) == (1, 4, 10)
    assert (march.by_status["completed"], march.by_status["in progress"]) == (1, 0)
    assert [one.members for one in counted(holder(folded), DAYS, "europe")] == [0, 0, 0, 0]
    assert counted(holder(folded), DAYS, None) == counted(holder(folded), DAYS)


def test_only_what_was_taken_up_at_the_time_counts() -> None:
    folded = opened()
    until = {"as_of": "2015-01", "until": "2015-02-28"}
    folded.tell(CommitmentsChosen(member=MONTEVIDEO, points=(3, 4), **until))
    assert [sum(one.by_status.values()) for one in counted(holder(folded), DAYS)] == [0, 2, 2, 10]


def test_progress_trends_and_comparison_count_the_chosen_points_until_their_term_ends() -> None:
    folded = opened()
    until = {"as_of": "2015-01", "until": "2015-02-28"}
    folded.tell(CommitmentsChosen(member=MONTEVIDEO, points=(3, 4), **until))
    document = holder(folded).model_dump(mode="json")
    for day, counted_then in (("2015-01-30", 10), ("2015-02-28", 2), ("2015-03-01", 10)):
        then = commitments_at(holder(folded), day)
        (month,) = counted(holder(folded), [day])
        numbers: Numbers = {}
        count(numbers, document, day, is_late=False)
        # The first places are those of what was taken up.
        (compared,) = [sum(n[: len(n) // 2 - 5]) for n in numbers.values()]
        assert then is not None
        assert sum(one.taken_up for one in then.commitments) == counted_then
        assert sum(month.by_status.values()) == compared == counted_then


def test_what_an_organisation_bears_for_all_is_no_member_s_progress() -> None:
    folded = opened()
    borne = [c.model_copy(update={"borne_by": "union"}) for c in holder(folded).commitments[:4]]
    own = holder(folded).commitments[4:]
    held = holder(folded).model_copy(update={"commitments": (*borne, *own)})
    assert [sum(one.by_status.values()) for one in counted(held, ["2015-03-31"])] == [6]


def test_what_a_member_reached_before_it_moved_counts_where_it_reached_it() -> None:
    folded = opened()
    folded.tell(update("2015-02", "in progress"))
    moved = MemberMoved(coalition="europe", member=MONTEVIDEO, moved="2015-03-10", state="member")
    folded.tell(moved)
    held = holder(folded)
    assert [one.members for one in counted(held, DAYS)] == [0, 1, 1, 0]
    assert [one.members for one in counted(held, DAYS, None)] == [0, 1, 1, 0]


def test_a_month_counts_under_the_version_of_then() -> None:
    folded = opened()
    folded.tell(update("2015-01", "completed"))
    second = {
        "version": 2,
        "commitments": TITLES,
        "adopted": "2015",
        "mapping": (),
    }  # nothing lives on
    folded.tell(PlanPublished(coalition="latin", **second))
    move = {"coalition": "latin", "plan_version": 2, "moved": "2015-02-10"}
    folded.tell(CommitmentsMoved(member=MONTEVIDEO, **move))
    completed = [one.by_status["completed"] for one in counted(holder(folded), DAYS)]
    assert completed == [0, 1, 0, 0]


def test_a_month_is_counted_by_what_has_changed_in_it_and_before() -> None:
    folded = opened()
    folded.tell(update("2015-02", "in progress"))
    folded.tell(update("2015-03-31", "completed"))
    of_all = {change.month: change.numbers for change in changes(holder(folded), "2015-03-31")}
    assert [*of_all] == ["2006-10", "2015-02", "2015-03"]
    assert months(DAYS, of_all) == counted(holder(folded), DAYS)
    of_march_30 = {change.month for change in changes(holder(folded), "2015-03-30")}
    assert of_march_30 == {"2006-10", "2015-02"}


def test_a_period_has_the_last_days_of_its_months_and_ends_today() -> None:
    assert days_of("2020-01", None, TODAY) == ["2020-01-31", "2020-02-29", "2020-03-15"]
    assert days_of("2019-12", "2020-01", TODAY) == ["2019-12-31", "2020-01-31"]
    assert len(days_of(None, None, TODAY)) == 12
    with pytest.raises(Problem, match="lies behind 2020-03"):
        days_of("2021-01", None, TODAY)
    with pytest.raises(Problem, match=f"at most {MAX_MONTHS} months"):
        days_of("2000-01", "2019-01", TODAY)
    assert days_of("2000-01", None, TODAY)[-1] == "2004-12-31"
