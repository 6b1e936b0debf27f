"""What operators do to running services: rebuild the views."""

from __future__ import annotations

import uuid

from pymongo import MongoClient

from tests.inbox import consumed, record
from tests.parts import eventually
from tests.system import System


async def test_views_that_are_lost_come_back_from_the_journal(coalition: System) -> None:
    name = f"c-{uuid.uuid4().hex}"
    await coalition.produce(record("CoalitionFounded", {"coalition": name, "name": "Lost"}))
    await consumed(coalition)
    path = f"/coalitions/{name}"
    before = coalition.request("membership", "GET", path).json()
    with MongoClient[dict[str, object]](coalition.parts.mongodb) as client:
        views = client["coalition_membership"]["coalitions"]
        views.delete_one({"_id": name})
        assert coalition.request("membership", "GET", path).status_code == 404

        assert coalition.request("membership", "POST", "/snapshots/rebuild").status_code == 202
        await eventually(lambda: _found(coalition, path))
        assert coalition.request("membership", "GET", path).json() == before

        views.update_one({"_id": name}, {"$set": {"name": "Wrong", "shape": "of old"}})
        coalition.request("membership", "POST", "/snapshots/rebuild")

        async def mended() -> bool:
            return bool(coalition.request("membership", "GET", path).json() == before)

        await eventually(mended)


async def test_a_view_of_another_shape_is_not_believed(coalition: System) -> None:
    name = f"c-{uuid.uuid4().hex}"
    await coalition.produce(record("CoalitionFounded", {"coalition": name, "name": "Older"}))
    await consumed(coalition)
    coalition.end("membership")
    with MongoClient[dict[str, object]](coalition.parts.mongodb) as client:
        older = {"$set": {"shape": "of old", "name": "Wrong", "lead_cities": "another model"}}
        client["coalition_membership"]["coalitions"].update_one({"_id": name}, older)
    coalition.start("membership")
    await coalition.ready("membership")
    await coalition.produce(record("CoalitionLaunched", {"coalition": name, "launched": "2020"}))
    await consumed(coalition)
    found = coalition.request("membership", "GET", f"/coalitions/{name}").json()
    assert (found["name"], found["state"]) == ("Older", "launched")


async def test_only_the_trusted_rebuild_and_resume(coalition: System) -> None:
    nobody = {"Authorization": "Bearer wrong"}
    for path in ("/snapshots/rebuild", "/consumer/resume"):
        answer = coalition.request("plans", "POST", path, headers=nobody)
        assert answer.status_code == 401
    assert coalition.request("plans", "POST", "/consumer/resume").status_code == 409


async def _found(coalition: System, path: str) -> bool:
    return coalition.request("membership", "GET", path).is_success
