"""Two cities whose names are transliterated alike stay two, whichever way their events come."""

from __future__ import annotations

import json
import uuid
from typing import Any

from shared.cloudevents import Envelope
from shared.contracts.catalogue import inbox
from shared.kafka.producer import Outgoing
from tests.parts import eventually
from tests.system import System

SIGNED = "coalition.membership.CitySigned.v1"


def say(system: System, event: str, /, **data: Any) -> Any:
    headers = {"Content-Type": "application/json", "Prefer": "wait=20"}
    return system.request("membership", "POST", f"/events/{event}", json=data, headers=headers)


def city(name: str, country: str = "DE") -> dict[str, str]:
    return {"name": name, "country": country, "kind": "city"}


async def test_over_http_over_kafka_and_in_a_sheet_nobody_is_taken_for_another(
    coalition: System,
) -> None:
    id_ = f"alike-{uuid.uuid4().hex}"
    assert say(coalition, "CoalitionFounded", coalition=id_, name="Alike").status_code == 200
    first = say(
        coalition, "CitySigned", coalition=id_, member=city(f"Münster {id_}"), signed="2016"
    )
    assert first.status_code == 200

    # HTTP
    other = city(f"Munster {id_}")
    refused = say(coalition, "CitySigned", coalition=id_, member=other, signed="2016-05")
    assert refused.status_code == 409
    assert "qualifier" in refused.json()["detail"]

    # Kafka
    data = json.dumps({"coalition": id_, "member": other, "signed": "2016-05"}).encode()
    record = Envelope("urn:test:alike", id_, SIGNED, data)
    await coalition.produce(Outgoing.forwarded(inbox("membership"), record))

    async def is_decided() -> bool:
        answer = coalition.request("membership", "GET", f"/events/urn%3Atest%3Aalike/{id_}")
        return bool(answer.is_success and answer.json()["items"][0]["outcome"] == "rejected")

    await eventually(is_decided)

    # A sheet, which is taken once the other city has its qualifier.
    rows = f"coalition,name,country,kind,signed,qualifier\n{id_},{other['name']},DE,city,2016-05,"
    bad = sent(coalition, rows)
    assert (bad.status_code, "qualifier" in bad.json()["errors"][0]["reason"]) == (422, True)
    assert sent(coalition, f"{rows}DE-NI").status_code == 202
    # Of two in Chinese characters none needs one.
    han = "".join(f"\n{id_},{name} {id_},JP,city,2016,\n" for name in ("富士市", "釜石市"))
    assert sent(coalition, rows.partition("\n")[0] + han).status_code == 202

    async def are_four() -> bool:
        found = coalition.request("membership", "GET", "/members", params={"coalition": id_})
        return len(found.json()["items"]) == 4

    await eventually(are_four)


def sent(system: System, rows: str) -> Any:
    headers = {"Content-Type": "text/csv"}
    return system.request(
        "membership", "POST", "/members/import", content=rows.encode(), headers=headers
    )
