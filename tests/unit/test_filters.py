"""What a filter of a query names, and there is not, is refused with the nearest that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from services.membership.domain import Coalition, Member
from shared.contracts.membership import MemberState
from shared.contracts.reasons import reason
from shared.web import filters
from shared.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping


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
