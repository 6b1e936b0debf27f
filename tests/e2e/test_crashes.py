"""A service that is killed at any moment loses nothing, and repeats only under the same id."""

from __future__ import annotations

import signal
import uuid
from collections import Counter, defaultdict

from cli import kafka
from shared.contracts import catalogue
from tests.inbox import consumed, record
from tests.system import System

CITIES = 1500
KILLS = 4


async def test_kill_9_under_load_loses_nothing_and_says_nothing_under_two_ids(
    coalition: System,
) -> None:
    name = f"c-{uuid.uuid4().hex}"
    await coalition.produce(record("CoalitionFounded", {"coalition": name, "name": "Under load"}))
    await consumed(coalition)
    towns = [{"name": f"{name} {n}", "country": "DE", "kind": "city"} for n in range(CITIES)]
    signatures = [
        record(
            "CitySigned",
            {"coalition": name, "member": town, "signed": "2020"},
            key=town["name"].encode(),
        )
        for town in towns
    ]
    for part in range(KILLS):
        await coalition.produce(*signatures[part::KILLS])
        coalition.end("membership", signal.SIGKILL)
        coalition.start("membership")
        await coalition.ready("membership")
    await coalition.produce(*signatures[:100])
    await consumed(coalition)

    listed = coalition.request("membership", "GET", "/members", params={"coalition": name}).json()
    assert listed["total"] == CITIES
    entries = [e for e in coalition.journal("membership") if e["stream"].startswith("members/de-")]
    ours = [e for e in entries if name in e["stream"]]
    assert Counter(e["outcome"] for e in ours) == {"accepted": CITIES}
    published = await kafka.read_all(coalition.parts.kafka, catalogue.events("membership"))
    prefix = f"de-city-{name}".encode()
    ids, bodies = defaultdict(set), defaultdict(set)
    for record_ in published:
        if (record_.key or b"").startswith(prefix):
            id_ = dict(record_.headers)["ce_id"]
            ids[record_.key].add(id_)
            bodies[id_].add(record_.value)
    assert len(ids) == CITIES
    assert {len(of_city) for of_city in ids.values()} == {1}, "one event was published twice"
    assert {len(of_id) for of_id in bodies.values()} == {1}, "one id stands for two events"


async def test_sigterm_ends_with_the_batch_in_hand_committed(coalition: System) -> None:
    name = f"c-{uuid.uuid4().hex}"
    await coalition.produce(record("CoalitionFounded", {"coalition": name, "name": "Rolling"}))
    assert coalition.end("membership") == 0
    coalition.start("membership")
    await coalition.ready("membership")
    await consumed(coalition)
    assert coalition.request("membership", "GET", f"/coalitions/{name}").status_code == 200
