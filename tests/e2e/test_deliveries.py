"""E-mails of the running service: listed and queued again by the command; what `/readyz` says."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from pymongo import MongoClient

from tests.e2e.command import found, run
from tests.parts import eventually
from tests.system import System


def failed(coalition: System, count: int) -> list[str]:
    """Deliveries to one person that a server refused once."""
    address = f"{uuid.uuid4().hex}@example.org"
    rules = [{"kinds": ["ConferenceCancelled"], "how": "at once"}, {"how": "never"}]
    person = {"name": "Nour", "address": address, "role": "observer", "rules": rules}
    id_ = coalition.request("notifications", "POST", "/subscriptions", json=person).json()["id"]
    documents = [
        {
            "_id": f"{uuid.uuid4().hex}.{id_}",
            "subscription": id_,
            "state": "failed",
            "kind": "CitySigned",
            "about": address,
            "headline": "Bonn signed",
            "details": [],
            "attempts": 1,
            "due": datetime(2026, 1, 1, tzinfo=UTC),
            "reason": "refused: 550 5.7.1",
        }
        for _ in range(count)
    ]
    with MongoClient[dict[str, object]](coalition.parts.mongodb) as client:
        there = client["coalition_notifications"]["deliveries"]
        there.insert_many([{**document, "id": document["_id"]} for document in documents])
    return [str(document["_id"]) for document in documents]


async def test_what_failed_is_listed_and_queued_again_all_or_some(coalition: System) -> None:
    first, *others = failed(coalition, 3)
    listed = found(coalition, "deliveries", "list", "--state", "failed")
    assert {first, *others} <= {one["id"] for one in listed}
    assert "refused: 550 5.7.1" in run(coalition, "deliveries", "list").stdout

    answer = run(coalition, "deliveries", "requeue", first)
    assert (answer.returncode, answer.stdout) == (0, "1 queued again.\n")
    await eventually(lambda: sent(coalition, [first]))
    assert run(coalition, "deliveries", "requeue", "--state", "failed").returncode == 0
    await eventually(lambda: sent(coalition, others))


async def sent(coalition: System, ids: list[str]) -> bool:
    listed = found(coalition, "deliveries", "list", "--state", "sent")
    return set(ids) <= {one["id"] for one in listed}


async def test_nothing_is_queued_again_unless_it_is_said_what(coalition: System) -> None:
    assert run(coalition, "deliveries", "requeue").returncode == 2
    answer = coalition.request("notifications", "POST", "/deliveries/requeue", json={})
    assert answer.status_code == 422
    assert "say which" in answer.text
    answer = coalition.request(
        "notifications",
        "POST",
        "/deliveries/requeue",
        json={"state": "failed"},
        headers={"Authorization": "Bearer wrong"},
    )
    assert answer.status_code == 401


async def test_the_mail_server_s_words_are_in_readyz(coalition: System) -> None:
    body = coalition.request("notifications", "GET", "/readyz").json()
    assert body["mail"] == {"ready": True, "connections": 4, "resting": None}
