"""An aggregate that cannot be read costs only itself; what it missed is replayed when mended."""

from __future__ import annotations

import csv
import io
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pymongo import MongoClient

from cli.report import rejections
from tests.e2e.command import run
from tests.inbox import consumed, member, record
from tests.parts import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.collection import Collection

    from tests.system import System


@contextmanager
def stored(coalition: System, collection: str) -> Iterator[Collection[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](coalition.parts.mongodb) as client:
        yield client["coalition_membership"][collection]


async def test_an_unreadable_member_costs_only_itself_until_it_is_mended(
    coalition: System,
) -> None:
    region, bad, good = (f"{word} {uuid.uuid4().hex}" for word in ("c", "Bad", "Good"))
    region = region.replace(" ", "-")
    ids = {name: f"de-city-{name.lower().replace(' ', '-')}" for name in (bad, good)}
    await coalition.produce(record("CoalitionFounded", {"coalition": region, "name": region}))
    await consumed(coalition)
    for name in (bad, good):
        signed = {"coalition": region, "member": member(name), "signed": "2006"}
        await coalition.produce(record("CitySigned", signed))
    await consumed(coalition)

    coalition.end("membership")
    with stored(coalition, "members") as views:
        views.update_one({"_id": ids[bad]}, {"$set": {"steps": "lost"}})
    with stored(coalition, "journal") as journal:
        where = {"stream": f"members/{ids[bad]}", "version": 1}
        whole = journal.find_one(where)
        assert whole
        journal.update_one(where, {"$set": {"events.0.data": "{}"}})
    coalition.start("membership")
    await coalition.ready("membership")

    await readers_name_it(coalition, region, ids[bad], ids[good])
    withdrawn = {
        name: record(
            "MemberWithdrawn",
            {"coalition": region, "member": {"id": ids[name]}, "withdrawn": "2020"},
            str(uuid.uuid4()),
        )
        for name in (bad, good)
    }
    await coalition.produce(*withdrawn.values())
    await consumed(coalition)
    state = coalition.request("membership", "GET", f"/members/{ids[good]}").json()["state"]
    assert state == "withdrawn"
    origin = await only_defect(coalition, ids[bad])
    with stored(coalition, "journal") as journal:
        journal.replace_one(where, whole)
    await consumed(coalition)
    assert run(coalition, "rejected", "replay", "membership", origin).returncode == 0

    async def mended() -> bool:
        answer = coalition.request("membership", "GET", f"/members/{ids[bad]}")
        return answer.is_success and answer.json()["state"] == "withdrawn"

    await eventually(mended)


async def readers_name_it(coalition: System, region: str, bad: str, good: str) -> None:
    """Lists, exports, one read alone and a rebuild, each asked while the member is unreadable."""
    page = coalition.request("membership", "GET", f"/members?coalition={region}").json()
    assert [one["id"] for one in page["items"]] == [good]
    assert page["unreadable"] == [bad]
    alone = coalition.request("membership", "GET", f"/members/{bad}")
    assert alone.status_code == 500
    assert alone.headers["content-type"] == "application/problem+json"
    assert bad in alone.json()["detail"]
    assert coalition.request("membership", "GET", f"/members/{bad}/history").is_success
    statistics = coalition.request("membership", "GET", f"/coalitions/{region}/statistics")
    assert statistics.json()["members"] == 1
    exported = coalition.request("membership", "GET", f"/members/export.csv?coalition={region}")
    assert [row["id"] for row in csv.DictReader(io.StringIO(exported.text))] == [good]

    coalition.request("membership", "POST", "/snapshots/rebuild")

    async def rebuilt() -> bool:
        state = coalition.request("membership", "GET", "/snapshots/rebuild").json()
        return not state["running"] and f"members/{bad}" in state["unreadable"]

    await eventually(rebuilt)


async def only_defect(coalition: System, subject: str) -> str:
    """The origin of the one record that was rejected as a defect of a member."""
    found = await rejections(coalition.endpoints, "membership")
    headers = {origin: dict(record.headers) for origin, record in found.items()}
    [origin] = [
        origin
        for origin, of_it in headers.items()
        if of_it["coalition-rejected-code"] == b"defect"
        and f"members/{subject}".encode() in of_it["coalition-rejected-reason"]
    ]
    return origin
