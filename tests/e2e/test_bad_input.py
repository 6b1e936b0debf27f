"""Bad records on the real inbox: each is rejected with its reason, and the next good one passes."""

from __future__ import annotations

import uuid

from cli import kafka
from cli.report import rejections
from shared.contracts import catalogue
from tests.inbox import SOURCE, consumed, member, raw, reasons, record
from tests.system import System


async def test_each_bad_record_is_rejected_once_with_its_reason(coalition: System) -> None:
    good_id = f"c-{uuid.uuid4().hex}"
    reinstated = {"coalition": good_id, "member": member("Bad Town"), "reinstated": "2010"}
    bad = [
        (raw(b"\x00\xff unparsable"), "the body is not UTF-8: byte 2"),
        (raw(None), "tombstone"),
        (raw(b"{}"), "neither ce_ headers"),
        (raw(b"{}", ("ce_type", b"\xff\xfe")), "not UTF-8"),
        (raw(b"x" * (1000 * 1024)), "at most"),
        (record("NoSuchThing", {}), "is not taken here"),
        (record("CitySigned", {"coalition": "x"}), "member"),
        (
            record("CitySigned", {"coalition": "x", "member": member("A"), "signed": "2006-02-30"}),
            "signed",
        ),
        (
            record("CitySigned", {"coalition": "nope", "member": member("A"), "signed": "2006"}),
            "'nope' is not known",
        ),
        (record("MemberReinstated", reinstated), "'de-city-bad-town' is not known"),
    ]
    before = await reasons(coalition)
    good = record("CoalitionFounded", {"coalition": good_id, "name": "Good"})
    await coalition.produce(good, *(b for b, _ in bad))
    last = record("CoalitionLaunched", {"coalition": good_id, "launched": "2020"})
    await coalition.produce(last)
    await consumed(coalition)

    told = coalition.request("membership", "GET", f"/coalitions/{good_id}").json()
    assert told["state"] == "launched"
    new = (await reasons(coalition))[:]
    for reason in before:
        new.remove(reason)
    assert len(new) == len(bad)
    for _, expected in bad:
        assert any(expected in reason for reason in new), (expected, new)


async def test_eleven_commitments_and_an_update_that_is_not_open(coalition: System) -> None:
    eleven = {"coalition": "x", "version": 1, "commitments": [str(n) for n in range(11)]}
    update = {"member": member("Nowhere"), "point": 1, "status": "planned", "as_of": "2020"}
    for name, data, expected in (
        ("PlanPublished", eleven, "commitments"),
        ("CommitmentUpdated", update, "no commitments are open"),
    ):
        body = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": SOURCE,
            "type": f"coalition.plans.{name}.v1",
            "data": data,
        }
        headers = {"Content-Type": "application/cloudevents+json", "Prefer": "wait=20"}
        answer = coalition.request("plans", "POST", "/events", json=body, headers=headers)
        assert answer.status_code in {409, 422}
        assert expected in answer.json()["detail"]


async def test_the_same_id_with_another_body_is_rejected_as_reused(coalition: System) -> None:
    name, id_ = f"c-{uuid.uuid4().hex}", str(uuid.uuid4())
    first = record("CoalitionFounded", {"coalition": name, "name": "First"}, id_)
    other = record("CoalitionFounded", {"coalition": name, "name": "Other"}, id_)
    await coalition.produce(first, first, other)
    await consumed(coalition)
    assert (await reasons(coalition)).count(
        "this source has used this id before, for an event with other data"
    ) == 1
    published = await kafka.read_all(coalition.parts.connection, catalogue.events("membership"))
    assert sum(r.key == name.encode() for r in published) == 1


async def test_a_rejected_event_can_be_replayed_and_twice_is_harmless(coalition: System) -> None:
    name, id_ = f"c-{uuid.uuid4().hex}", str(uuid.uuid4())
    town = member(f"Town {uuid.uuid4().hex}")
    early = record("CitySigned", {"coalition": name, "member": town, "signed": "2006"}, id_)
    await coalition.produce(early)
    await consumed(coalition)
    found = await rejections(coalition.endpoints, "membership")
    origin = next(o for o, r in found.items() if dict(r.headers).get("ce_id") == id_.encode())
    founded = record("CoalitionFounded", {"coalition": name, "name": "Late"})
    await coalition.produce(founded)
    await consumed(coalition)
    topic, partition, offset = origin.rsplit("/", 2)
    where = {"topic": topic, "partition": int(partition), "offset": int(offset)}
    for _ in range(2):
        answer = coalition.request("membership", "POST", "/rejected/replay", json=where)
        assert answer.status_code == 202, answer.text
    await consumed(coalition)
    became = coalition.request("membership", "GET", f"/events/urn%3Atest%3Abad/{id_}").json()
    assert [entry["outcome"] for entry in became["items"]] == ["rejected", "accepted"]
