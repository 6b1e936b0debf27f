"""What a filter of a query names, and there is not, is refused with the nearest that there is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from cli.contracts import generate
from services import manifests
from services.membership.domain import Coalition, Member
from services.membership.queries import MEMBERS_ASKED as OF_MEMBERSHIP
from services.plans.queries import MEMBERS_ASKED as OF_PLANS
from shared.contracts.membership import MemberState
from shared.contracts.reasons import reason
from shared.web import filters
from shared.web.parameters import Id
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_LOOKED_UP: Final = {"about": "of whatever kind: that nothing was sent about it is an answer"}


class Kind:
    """The snapshots of one kind: their coalitions."""

    def __init__(self, *coalitions: str) -> None:
        self.coalitions = coalitions

    async def find_one(self, where: Mapping[str, str], _: object) -> object:
        (asked,) = where.values()
        return asked if asked in self.coalitions else None

    async def distinct(self, _: str) -> list[str]:
        return list(self.coalitions)


class Kept:
    """Snapshots of two coalitions, and a member of one that membership has no more of."""

    def __init__(self) -> None:
        self.kinds = {"coalitions": Coalition, "members": Member}
        founded, joined = Kind("europe", "latin-america"), Kind("arab-states")
        self.database = {"coalitions": founded, "members": joined}


async def asked(coalition: str | None) -> None:
    kept: Any = Kept()
    request: Any = type("Asked", (), {"query_params": {"coalition": coalition}})()
    await filters.of_coalition(kept)(request)


@pytest.mark.parametrize("coalition", ["europe", "arab-states", None])
async def test_a_coalition_of_which_something_is_recorded_is_asked_for(
    coalition: str | None,
) -> None:
    await asked(coalition)


@pytest.mark.parametrize(
    ("coalition", "nearest"), [("europ", "europe"), ("arab-state", "arab-states")]
)
async def test_a_misspelt_coalition_is_refused_with_the_nearest(
    coalition: str, nearest: str
) -> None:
    with pytest.raises(Problem, match=f"the nearest is '{nearest}'") as refused:
        await asked(coalition)
    assert refused.value.status_code == 422


# --- members ------------------------------


class Members:
    """The snapshots of members; a beginning finds those whose ids begin so."""

    def __init__(self, *ids: str, parts_of: str = "") -> None:
        self.ids = {"_id": ids, "part_of": (parts_of,)}
        self.found: list[dict[str, str]] = []

    async def find_one(self, where: Mapping[str, str], _: object) -> object:
        ((field, id_),) = where.items()
        return id_ if id_ in self.ids[field] else None

    def find(self, where: Mapping[str, Any], _: object) -> Members:
        beginning = where["_id"]["$regex"]
        self.found = [{"_id": one} for one in self.ids["_id"] if re.match(beginning, one)]
        return self

    def limit(self, most: int) -> Members:
        self.found = self.found[:most]
        return self

    async def to_list(self) -> list[dict[str, str]]:
        return self.found


async def asked_of(member: str | None) -> None:
    there = Members("de-city-potsdam", "de-city-passau", "de-kreis", parts_of="de-region-ost")
    kept: Any = type("Kept", (), {"database": {"members": there}})()
    places = {"part_of": (("members", "_id"), ("members", "part_of"))}
    request: Any = type("Asked", (), {"query_params": {"part_of": member}})()
    await filters.of_members(kept, places)(request)


@pytest.mark.parametrize("member", ["de-city-potsdam", "de-region-ost", None])
async def test_a_member_that_is_recorded_or_named_is_asked_for(member: str | None) -> None:
    await asked_of(member)


@pytest.mark.parametrize(
    ("member", "hint"),
    [
        ("de-city-postdam", "the nearest is 'de-city-potsdam'"),
        ("at-city-potsdam", "/members[?]name= finds"),
        ("de-(.*)+$", "/members[?]name= finds"),
    ],
)
async def test_a_misspelt_member_is_refused_with_the_nearest(member: str, hint: str) -> None:
    wrong = f"part_of: nothing is recorded here of the member .*: {hint}"
    with pytest.raises(Problem, match=wrong) as refused:
        await asked_of(member)
    assert refused.value.status_code == 422


@pytest.mark.parametrize("service", manifests.MANIFESTS)
def test_every_parameter_that_names_something_by_its_id_is_looked_up(service: str) -> None:
    pattern = TypeAdapter(Id).json_schema()["pattern"]
    app, _ = generate.wired(service)
    named = {
        parameter["name"]
        for path in app.openapi()["paths"].values()
        for parameter in path.get("get", {}).get("parameters", ())
        if parameter["in"] == "query" and pattern in str(parameter)
    }
    assert named
    assert named <= {"coalition", *OF_MEMBERSHIP, *OF_PLANS, *NOT_LOOKED_UP}


# --- out of a few words ------------------------------


@pytest.mark.parametrize("state", [s for s in get_args(MemberState) if s != "none"])
def test_a_misspelt_state_is_refused_with_the_nearest(state: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(MemberState).validate_python(state + "x")
    (problem,) = refused.value.errors()
    assert reason(problem).endswith(f"the nearest is {state!r}")


@pytest.mark.parametrize("given", ["xyz", 7, "x" * 100_000])
def test_what_is_near_to_nothing_is_refused_with_all_that_there_are(given: object) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(MemberState).validate_python(given)
    (problem,) = refused.value.errors()
    assert "'on hold'" in reason(problem)
    assert "nearest" not in reason(problem)
