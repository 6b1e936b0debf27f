"""Dates, numbers and texts that only resemble them, by each way in: refused, and nothing stops."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from tests.parts import eventually
from tests.system import System

SOURCE = "urn:test:digits"
BONN = {"name": "Bonn", "country": "DE", "kind": "city"}
RULE = {"every_months": 24, "first_after_months": 24, "remind_days": [], "overdue_after_days": 30}
WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("membership", "CitySigned", {"member": BONN, "signed": "２０１６-０५-１７"}),
    ("membership", "CitySigned", {"member": BONN, "signed": "0000-01-01"}),
    ("membership", "CityDecided", {"member": BONN, "decided": "2016-٠٥"}),
    ("membership", "CoalitionLaunched", {"launched": "２０１６-०५-१७"}),
    ("membership", "MembershipCounted", {"as_of": "2016", "members": "１００"}),
    ("membership", "MembershipCounted", {"as_of": "2016", "members": "1_0"}),
    ("membership", "CoalitionRenamed", {"renamed": "2016", "name": "What Windows\x85 leaves"}),
    ("plans", "ReportingRuleSet", {**RULE, "since": "２０１６-０५-１７"}),
    ("plans", "ReportingRuleSet", {**RULE, "every_months": "٢٤"}),
    ("plans", "ReportingRuleSet", {**RULE, "every_months": True}),
]


@dataclass(slots=True)
class Region:
    """A coalition of its own."""

    system: System
    id: str = field(default_factory=lambda: f"c-{uuid.uuid4().hex[:8]}")

    def say(self, service: str, name: str, data: dict[str, Any]) -> Any:
        """Over HTTP; the answer, once it is decided."""
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": SOURCE,
            "type": f"coalition.{service}.{name}.v1",
            "data": {"coalition": self.id, **data},
        }
        headers = {"Content-Type": cloudevents.STRUCTURED, "Prefer": "wait=20"}
        return self.system.request(service, "POST", "/events", json=event, headers=headers)

    def record(self, service: str, name: str, data: dict[str, Any], id_: str) -> Outgoing:
        """For Kafka; all on one partition."""
        type_ = f"coalition.{service}.{name}.v1"
        headers = cloudevents.binary_headers(source=SOURCE, id_=id_, type_=type_)
        body = json.dumps({"coalition": self.id, **data}).encode()
        return Outgoing(catalogue.inbox(service), b"one", body, headers)

    def still_answers(self) -> bool:
        """Whether both services take an honest event."""
        member = {**BONN, "name": f"Bonn {self.id}"}
        answers = [
            self.say("membership", "CitySigned", {"member": member, "signed": "2016-05-17"}),
            self.say("plans", "ReportingRuleSet", {**RULE, "since": "2016-05-17"}),
        ]
        return all(answer.status_code == 200 for answer in answers)


@pytest.fixture
def region(coalition: System) -> Region:
    region = Region(coalition)
    assert region.say("membership", "CoalitionFounded", {"name": "A region"}).status_code == 200
    return region


async def test_over_kafka_each_costs_only_itself(coalition: System, region: Region) -> None:
    ids = [str(uuid.uuid4()) for _ in WRONG]
    sent = (region.record(*wrong, id_) for wrong, id_ in zip(WRONG, ids, strict=True))
    await coalition.produce(*sent)

    async def all_decided() -> bool:
        return {e["about"].split("\n")[1] for e in about(coalition)} >= set(ids)

    await eventually(all_decided)
    mine = [entry for entry in about(coalition) if entry["about"].split("\n")[1] in ids]
    assert {(entry["outcome"], entry["code"]) for entry in mine} == {("rejected", "contract")}
    assert len(mine) == len(WRONG)
    assert region.still_answers()


def about(coalition: System) -> list[dict[str, Any]]:
    """What was decided of records that claimed to be ours."""
    entries = [e for service in ("membership", "plans") for e in coalition.journal(service)]
    return [entry for entry in entries if entry.get("about", "").startswith(SOURCE)]


async def test_over_http_each_is_refused_at_once(region: Region) -> None:
    for service, name, data in WRONG:
        answer = region.say(service, name, data)
        assert (answer.status_code, answer.json().get("code")) == (422, "contract"), answer.text
        bare = {"coalition": region.id, **data}
        assert (
            region.system.request(service, "POST", f"/events/{name}", json=bare).status_code == 422
        )
    assert region.still_answers()


async def test_in_a_query_each_is_refused(coalition: System) -> None:
    for path, query in (
        ("/members", {"as_of": "２０１０-０１-１８"}),
        ("/members", {"as_of": "0000"}),
        ("/members", {"limit": "٥٠"}),
        ("/members", {"limit": "1_0"}),
        ("/members/de-city-bonn", {"as_of": "2010-٠١"}),
        ("/coalitions/europe", {"as_of": "²⁰¹⁰"}),
        ("/coalitions/europe/statistics", {"as_of": "２０１０"}),
    ):
        answer = coalition.request("membership", "GET", path, params=query)
        assert answer.status_code == 422, (path, query, answer.text)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("signed", "２０１６-０५-１７"),
        ("admitted", "0000"),
        ("latitude", "５０.７"),
        ("latitude", "1_0"),
        ("latitude", "nan"),
        ("further_steps", '[{"step": "suspended", "date": "２０１８", "reason": "No report"}]'),
        ("signed_by", "The\x85mayor"),
    ],
)
async def test_in_a_file_it_is_an_error_of_its_row(region: Region, column: str, cell: str) -> None:
    row = {"coalition": region.id, **BONN, "signed": "2016-05", "longitude": "7.1", column: cell}
    quoted = ",".join('"' + text.replace('"', '""') + '"' for text in row.values())
    answer = region.system.request(
        "membership",
        "POST",
        "/members/import",
        content=f"{','.join(row)}\n{quoted}\n".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 422, answer.text
    assert [(error["row"], error["column"]) for error in answer.json()["errors"]] == [(2, column)]
    assert region.still_answers()
