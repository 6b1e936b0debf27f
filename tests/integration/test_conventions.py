"""Which members act on a convention, on a real store."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient

from services.plans.conventions import Conventions, points_on
from services.plans.domain import DECIDER
from services.plans.queries import INDEXES
from shared.contracts.base import MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.plans import CommitmentUpdated, PlanPublished
from shared.domain.versioned import Versioned
from shared.pipeline.snapshots import Snapshots
from shared.web.problems import Problem
from tests.unit.fold import Folded

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from tests.parts import Parts

TITLES = tuple(f"Commitment {number}" for number in range(1, 11))
ICERD = {"name": "International Convention (ICERD)", "provision": "Article 7"}
POINTS: list[dict[str, Any]] = [{} for _ in TITLES]
POINTS[7] = {"instruments": [ICERD]}
POINTS[2] = {"instruments": [{"name": "Recommendation No. 15"}]}
BONN, GHENT, ULM = (
    MemberRef(name=name, country="DE", kind="city") for name in ("Bonn", "Ghent", "Ulm")
)


def events() -> list[Event]:
    plan = {"coalition": "europe", "version": 1, "commitments": TITLES, "points": POINTS}
    found: list[Event] = [PlanPublished.model_validate(plan)]
    for member in (BONN, GHENT, ULM):
        facts = {"coalition": "europe", "member": member, "signed": "2006", "state": "member"}
        found.append(CitySigned.model_validate(facts))
    for member, point in ((BONN, 8), (GHENT, 3)):
        about = {"coalition": "europe", "member": member, "point": point}
        update = {"status": "in progress", "as_of": "2020"}
        found.append(CommitmentUpdated.model_validate({**about, **update}))
    return found


async def test_who_acts_on_a_convention_has_begun_a_point_that_names_it(parts: Parts) -> None:
    folded = Folded[Any](DECIDER)
    for event in events():
        folded.tell(event)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(parts.mongodb, tz_aware=True)
    async with client:
        database = client[f"conventions_{uuid.uuid4().hex[:8]}"]
        snapshots = Snapshots(database, DECIDER.states, INDEXES)
        await snapshots.prepare()
        await snapshots.project({s: Versioned(1, state) for s, state in folded.states.items()})
        conventions = Conventions(database)
        mentioned = await conventions.mentioned()
        assert {(m.point, m.name, m.provision) for m in mentioned} == {
            (8, ICERD["name"], "Article 7"),
            (3, "Recommendation No. 15", None),
        }
        found = await conventions.acting(points_on(mentioned, "icerd"), "", 50)
        (acting,) = found.items
        assert (acting.member.name, [c.point for c in acting.commitments]) == ("Bonn", [8])
        assert found.total == 1
        with pytest.raises(Problem, match=r"the nearest is 'Recommendation No\. 15'"):
            points_on(mentioned, "Recomendation No. 15")
        await client.drop_database(database.name)


def test_where_no_plan_names_any_convention_it_is_said_which_field_does() -> None:
    with pytest.raises(Problem, match="none names any, as points do in `instruments`"):
        points_on([], "ICERD")
