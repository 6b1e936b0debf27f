"""`python -m tests.contract.journals 0.1.0`: record a journal by a real run, on containers.

A region is founded, grows and reports; its publishers also err in every way there is, an operator
has something decided again, and people are told of it: some at once, some in a digest, and some
whose e-mail waits for a mail server that is away.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pymongo import MongoClient

from cli.client import subscribe
from services.manifests import MANIFESTS
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from tests import containers
from tests.clients import Sent, sarama
from tests.contract import journals
from tests.parts import eventually
from tests.system import SERVICES, System, system

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS: Final = 180
"""How long a service may take to start, on a machine with other work."""
TODAY: Final = f"{datetime.now(UTC):%Y-%m-%d}"
HERE: Final = {"coalition": "atlantis"}
TITLES: Final = [f"Commitment {n}" for n in range(1, 11)]
BONN: Final = {"name": "Bonn", "country": "DE", "kind": "city"}
OSLO: Final = {"name": "Oslo", "country": "NO", "kind": "city"}
PLACES: Final = {"de": "de-city-bonn", "no": "no-city-oslo"}
STAFF: Final[list[dict[str, Any]]] = [
    {
        "name": "At once",
        "address": "at-once@example.org",
        "role": "secretariat",
        "language": "en",
        "rules": [{"how": "at once"}],
    },
    {
        "name": "Daily",
        "address": "daily@example.org",
        "role": "lead city",
        "coalitions": ["atlantis"],
        "language": "fr",
        "rules": [{"coalitions": ["atlantis"], "how": "daily"}],
    },
]
MEMBERSHIP: Final[list[tuple[str, dict[str, Any]]]] = [
    ("CoalitionFounded", {"name": "Coalition of Atlantis", "founded": "2004"}),
    ("CoalitionLaunched", {"launched": "2005-03"}),
    ("CitySigned", {"member": BONN, "signed": "2016-05"}),
    ("CitySigned", {"member": OSLO, "signed": TODAY}),
    ("MemberAdmitted", {"member": {"id": PLACES["de"]}, "admitted": "2017"}),
    ("MemberAdmitted", {"member": {"id": PLACES["de"]}, "admitted": "2017"}),  # unchanged
    ("LeadCityDesignated", {"city": {"id": PLACES["de"]}, "since": "2018"}),
    ("MemberAdmitted", {"member": {"id": PLACES["no"]}, "admitted": TODAY}),
    (
        "StepCorrected",
        {
            "member": {"id": PLACES["de"]},
            "step": "signed",
            "recorded": "2016-05",
            "correct": "2016-06",
            "reason": "a slip of the pen",
        },
    ),
    ("MemberWithdrawn", {"member": {"id": PLACES["no"]}, "withdrawn": "2001"}),  # before it signed
]
PLANS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("PlanPublished", {"version": 1, "adopted": "2016", "commitments": TITLES}),
    (
        "CommitmentUpdated",
        {"member": {"id": PLACES["de"]}, "point": 3, "status": "in progress", "as_of": "2018"},
    ),
    (
        "CommitmentUpdated",
        {"member": {"id": PLACES["no"]}, "point": 1, "status": "completed", "as_of": TODAY},
    ),
    (
        "CommitmentUpdated",
        {"member": {"id": "de-city-nowhere"}, "point": 1, "status": "stalled", "as_of": TODAY},
    ),
]
LATER: Final[list[tuple[str, dict[str, Any]]]] = [
    ("MemberWithdrawn", {"member": {"id": PLACES["no"]}, "withdrawn": TODAY}),
]
BAD: Final = {
    "body": Outgoing("", b"k", b"\x00\xff unparsable", []),
    "envelope": Outgoing("", b"k", b"{}", [("ce_id", b"\xff\xfe")]),
}
UNDECODABLE: Final = Sent(b"{}", [(b"\xff", b"1")], b"k")
"""Kafka's own client for Python cannot read a header of that name, so one in Go sends it."""


def said(system: System, service: str, events: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Send events one by one; yields how each was decided."""
    headers = {"Content-Type": "application/cloudevents+json", "Prefer": "wait=20"}
    for name, data in events:
        event = {
            "specversion": "1.0",
            "id": f"{service}-{name}-{json.dumps(data)[-60:]}-{datetime.now(UTC).timestamp()}",
            "source": "urn:region:atlantis",
            "type": f"coalition.{service}.{name}.v1",
            "data": {**HERE, **data},
        }
        answer = system.request(service, "POST", "/events", json=event, headers=headers)
        found = answer.json()
        yield str(found.get("outcome") or found.get("code"))


async def play(here: System) -> None:
    """All that happens, up to the e-mails that wait."""
    tell("founded", [*said(here, "membership", MEMBERSHIP[:1])])
    tell("published", [*said(here, "plans", PLANS[:1])])
    await here.settled()
    # Not before: a subscription names what there is.
    await subscribe(here.endpoints, STAFF)
    tell("membership", Counter(said(here, "membership", MEMBERSHIP[1:])))
    await here.settled()
    tell("plans", Counter(said(here, "plans", PLANS[1:])))
    await here.settled()
    for service in ("membership", "plans"):
        inbox = catalogue.inbox(service)
        await here.produce(*(one._replace(topic=inbox) for one in BAD.values()))
        await asyncio.to_thread(sarama, here.parts.kafka, inbox, [UNDECODABLE], "none")
    unknown = {"specversion": "1.0", "source": "urn:x", "data": {}}
    for id_, name in (("t", "NoSuchThing"), ("c", "CitySigned"), ("r", "CitySigned")):
        event = {**unknown, "id": id_, "type": f"coalition.membership.{name}.v1"}
        await here.produce(Outgoing(catalogue.inbox("membership"), b"k", _json(event), []))
    # The same id again, for something else.
    for since in ("2010", "2011"):
        data = {**HERE, "member": OSLO, "signed": since}
        event = {**unknown, "id": "again", "type": "coalition.membership.CitySigned.v1"}
        await here.produce(
            Outgoing(catalogue.inbox("membership"), b"k", _json({**event, "data": data}), [])
        )
    await here.settled()
    await decide_again(here)


async def decide_again(here: System) -> None:
    """A report of a city that signs later is refused by a rule, and replayed when it has signed."""
    new = {"name": "Cork", "country": "IE", "kind": "city"}
    early = {"member": {"id": "ie-city-cork"}, "point": 2, "status": "in progress", "as_of": TODAY}
    tell("early", [*said(here, "plans", [("CommitmentUpdated", early)])])
    [*said(here, "membership", [("CitySigned", {"member": new, "signed": "2016"})])]
    [*said(here, "membership", [("MemberAdmitted", {"member": new, "admitted": "2017"})])]
    await here.settled()
    for one in here.request("plans", "GET", "/rejected", params={"code": "rule"}).json()["items"]:
        topic, partition, offset = one["origin"].rsplit("/", 2)
        which = {"topic": topic, "partition": int(partition), "offset": int(offset)}
        tell("replay", here.request("plans", "POST", "/rejected/replay", json=which).status_code)
    await here.settled()


async def leave_e_mails(here: System) -> None:
    """Something happens while the mail server is away."""
    here.end("notifications")
    here.settings = {"notifications": {"COALITION_SMTP_PORT": str(containers.free_port())}}
    here.start("notifications")
    await here.ready("notifications", SECONDS)
    tell("later", [*said(here, "membership", LATER)])

    waits = {"state": "queued"}

    async def is_queued() -> bool:
        return await here.lag("notifications") == 0 and bool(
            here.request("notifications", "GET", "/deliveries", params=waits).json()["items"]
        )

    await eventually(is_queued)


def tell(*what: object) -> None:
    """Say what was done; whoever records looks at it."""
    sys.stdout.write(f"{' '.join(map(str, what))}\n")


def _json(event: dict[str, Any]) -> bytes:
    return json.dumps(event).encode()


def keep(here: System, release: str) -> None:
    """Write down what people read, and then the stores."""
    for name in MANIFESTS:
        described = here.request(name, "GET", "/openapi.json").json()
        for path in described["paths"]:
            if path.endswith("/snapshot.jsonl"):
                rows = here.request(name, "GET", path).text.splitlines()
                found = sorted((json.loads(row) for row in rows), key=lambda one: one["stream"])
                if found:
                    journals.write(release, name, path.split("/")[1], found)
    for name in SERVICES:
        here.end(name)
    with MongoClient[dict[str, Any]](here.parts.mongodb, tz_aware=True) as client:
        for name in MANIFESTS:
            store = client[f"coalition_{name}"]
            entries = store[journals.JOURNAL].find().sort([("stream", 1), ("version", 1)])
            journals.write(release, name, journals.JOURNAL, [*entries])
        deliveries = client["coalition_notifications"][journals.DELIVERIES].find().sort("_id", 1)
        journals.write(release, "notifications", journals.DELIVERIES, [*deliveries])


async def main(release: str) -> None:
    """Record a release."""
    with (
        containers.start() as parts,
        tempfile.TemporaryDirectory() as logs,
        system(parts, Path(logs)) as here,
    ):
        for name in SERVICES:
            here.start(name)
        for name in SERVICES:
            await here.ready(name, SECONDS)
        await play(here)
        await leave_e_mails(here)
        keep(here, release)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
