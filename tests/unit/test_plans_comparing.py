"""Only what is alike is added up."""

from __future__ import annotations

from typing import Final

import pytest

from services.plans.domain import DECIDER, Plan, comparing
from services.plans.domain.commitments.size import SIZES, Size, having, size_of
from services.plans.domain.comparing import Counted, Which
from shared.contracts.plans import PlanPublished, Status
from shared.domain.stream import Stream
from tests.unit.fold import Folded
from tests.unit.plans_facts import TITLES

HOUSING: Final = {"areas": ["housing"], "instruments": [{"name": "ICERD"}]}


def plans() -> dict[str, Plan]:
    """In version 2 the first point is another one: housing has moved to the second."""
    folded = Folded(DECIDER)
    for version, commitments, housing in ((1, TITLES, 0), (2, ("New", *TITLES[:9]), 1)):
        points = [HOUSING if place == housing else {} for place in range(10)]
        text = {"coalition": "latin", "version": version, "commitments": commitments}
        folded.tell(PlanPublished.model_validate({**text, "points": points}))
    plan = folded.states[Stream("plans", "latin")]
    assert isinstance(plan, Plan)
    return {"latin": plan}


def counted(version: int, point: int, status: Status = "stalled", number: int = 1) -> Counted:
    return Counted(Which("latin", version, point), status, taken_up=True, number=number)


def test_one_number_in_two_versions_is_two_points() -> None:
    found = comparing.by_point([counted(1, 1), counted(2, 1), counted(2, 1, "planned", 3)])
    assert {which.plan_version: by["stalled"] for which, by in found.items()} == {1: 1, 2: 1}
    assert found[Which("latin", 2, 1)]["planned"] == 3
    titles = [comparing.title_of(plans(), which) for which in found]
    assert titles == ["Commitment 1", "New"]


def test_areas_and_instruments_are_alike_across_versions() -> None:
    numbers = [counted(1, 1), counted(2, 2, number=2), counted(2, 1)]
    assert comparing.by_area(numbers, plans())["housing"]["stalled"] == 3
    assert comparing.by_instrument(numbers, plans())["ICERD"]["stalled"] == 3
    assert comparing.by_area(numbers, {}) == {}


@pytest.mark.parametrize(
    ("chosen", "point", "taken_up"), [((), 7, True), ((1, 7), 7, True), ((1, 2), 7, False)]
)
def test_a_member_is_compared_by_what_it_chose(
    chosen: tuple[int, ...], point: int, *, taken_up: bool
) -> None:
    assert comparing.is_taken_up(point, chosen) is taken_up


@pytest.mark.parametrize(
    ("population", "size"),
    [
        (None, "unknown"),
        (1, "under-20000"),
        (19_999, "under-20000"),
        (20_000, "under-100000"),
        (100_000, "under-500000"),
        (499_999, "under-500000"),
        (500_000, "under-1000000"),
        (999_999, "under-1000000"),
        (1_000_000, "from-1000000"),
        (38_000_000, "from-1000000"),
    ],
)
def test_each_population_is_of_one_class_and_a_query_of_the_class_finds_it(
    population: int | None, size: Size
) -> None:
    assert size_of(population) == size
    assert [one for one in SIZES if finds(having(one), population)] == [size]


def finds(query: dict[str, int] | None, population: int | None) -> bool:
    """Whether a store finds a population by a query."""
    if query is None or population is None:
        return query is None and population is None
    return query["$gte"] <= population < query.get("$lt", population + 1)


def test_members_of_a_class_are_compared_with_each_other_and_the_unknown_ones_apart() -> None:
    small = counted(1, 1)._replace(size="under-20000")
    large = counted(1, 2, "completed", 3)._replace(size="from-1000000")
    found = comparing.by_size([large, counted(1, 1), small, small])
    assert [*found] == ["under-20000", "from-1000000", "unknown"]
    assert found["under-20000"]["stalled"] == 2
    assert found["from-1000000"]["completed"] == 3
