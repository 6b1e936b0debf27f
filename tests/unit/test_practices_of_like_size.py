"""Good practices of members of like size, by the last count of their people."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final

import pytest

from services.plans.practice_rows import PRACTICES as PRACTICES_TABLE
from services.plans.queries import PlansQueries
from shared.web.parameters import of_size
from tests.fakes.documents import Documents

PEOPLE: Final = {"small": 12_000, "middle": 150_000, "large": 1_302_954, "uncounted": None}
PRACTICES: Final = {"allies": "small", "housing": "middle", "schools": "large", "sport": "middle"}


def database() -> Any:
    """Four members, of which one was never counted, and what they share."""
    practices = [
        {
            "_id": practice,
            "id": practice,
            "coalition": "latin" if practice != "sport" else "europe",
            "member": {"id": member, "name": member.title()},
            "shared": "2020",
            "title": practice.title(),
            "summary": "What was done",
        }
        for practice, member in {**PRACTICES, "trust": "uncounted", "youth": "nobody"}.items()
    ]
    members = [{"_id": id_, "population": number} for id_, number in PEOPLE.items()]
    return {"practices": Documents(practices), "commitments": Documents(members)}


def queries() -> PlansQueries:
    return PlansQueries(database())


@pytest.mark.parametrize(
    ("least", "most", "found"),
    [
        (100_000, 200_000, ["housing", "sport"]),
        (None, 20_000, ["allies"]),
        (150_000, None, ["housing", "schools", "sport"]),
        (1, 100_000_000, ["allies", "housing", "schools", "sport"]),
        (20_000, 100_000, []),
    ],
)
async def test_practices_are_found_by_the_size_of_the_member_that_shares_them(
    least: int | None, most: int | None, found: list[str]
) -> None:
    page = await queries().practices({"population": of_size(least, most)}, "", 50)
    assert ([one.id for one in page.items], page.total) == (found, len(found))


async def test_a_size_goes_with_the_other_filters_and_with_pages() -> None:
    size = {"$gte": 1}
    page = await queries().practices({"coalition": "europe", "population": size}, "", 50)
    assert [one.id for one in page.items] == ["sport"]
    latin = {"coalition": "latin", "population": size}
    first = await queries().practices(latin, "", 2)
    assert ([one.id for one in first.items], first.total) == (["allies", "housing"], 3)
    second = await queries().practices(
        {"coalition": "latin", "population": size}, first.next or "", 2
    )
    assert ([one.id for one in second.items], second.next) == (["schools"], None)


async def test_an_export_has_those_of_a_size_as_the_list_has() -> None:
    where = PRACTICES_TABLE.where(population_from=100_000, population_to=200_000, coalition=None)
    assert PRACTICES_TABLE.narrowed
    wanted = await PRACTICES_TABLE.narrowed(SimpleNamespace(database=database()), where)
    found = database()["practices"].find(wanted)
    assert [one["_id"] for one in await found.to_list()] == ["housing", "sport"]
