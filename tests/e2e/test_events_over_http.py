from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.system import System

SOURCE = "urn:test:http/with a slash".replace(" ", "-")
STRUCTURED = {"Content-Type": "application/cloudevents+json"}


def event(name: str = "CoalitionFounded", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"id/{uuid.uuid4()}",
        "source": SOURCE,
        "type": f"coalition.membership.{name}.v1",
        "data": data or {"coalition": f"c-{uuid.uuid4().hex}", "name": "A new coalition"},
    }


def post(coalition: System, body: dict[str, Any], **headers: str) -> Any:
    return coalition.request(
        "membership", "POST", "/events", json=body, headers={**STRUCTURED, **headers}
    )


async def test_an_event_is_taken_and_its_outcome_can_be_asked_for(coalition: System) -> None:
    body = event()
    taken = post(coalition, body)
    assert taken.status_code == 202
    outcome = post(coalition, body, Prefer="wait=20")
    assert outcome.status_code == 200
    assert outcome.json()["outcome"] == "accepted"
    url = f"/events/{quote(SOURCE, safe='')}/{quote(body['id'], safe='')}"
    assert taken.json()["href"] == url
    (became,) = coalition.request("membership", "GET", url).json()["items"]
    assert became["published"][0]["subject"] == body["data"]["coalition"]
    assert coalition.request("membership", "GET", "/events/a/b").status_code == 404
    assert coalition.request("membership", "GET", "/events/a").status_code == 404


async def test_a_rule_that_refuses_is_a_conflict_with_the_reason(coalition: System) -> None:
    member = {"name": "Atlantis", "country": "GR", "kind": "city"}
    body = event("CitySigned", coalition="atlantis", member=member, signed="2006")
    answer = post(coalition, body, Prefer="wait=20")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert "'atlantis' is not known" in answer.json()["detail"]


async def test_binary_mode_and_what_breaks_a_contract(coalition: System) -> None:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": str(uuid.uuid4()),
        "ce-source": SOURCE,
        "ce-type": "coalition.membership.CoalitionFounded.v1",
        "Content-Type": "application/json",
        "Prefer": "wait=20",
    }
    good = {"coalition": f"c-{uuid.uuid4().hex}", "name": "Binary"}
    answer = coalition.request("membership", "POST", "/events", json=good, headers=headers)
    assert answer.status_code == 200
    bad = {"coalition": "Not A Slug"}
    refused = coalition.request("membership", "POST", "/events", json=bad, headers=headers)
    assert refused.status_code == 422
    assert "coalition" in refused.json()["detail"]
    assert "Not A Slug" not in refused.text


async def test_a_body_beyond_the_bound_is_refused(coalition: System) -> None:
    answer = coalition.request("membership", "POST", "/events", content=b"x" * (1 << 20))
    assert answer.status_code == 413


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Bearer ünknown"])
async def test_writes_need_the_token(coalition: System, token: str) -> None:
    headers = {**STRUCTURED, "Authorization": token.encode()}
    answer = coalition.request("membership", "POST", "/events", json=event(), headers=headers)
    assert answer.status_code == 401
    listing = coalition.request("notifications", "GET", "/subscriptions", headers=headers)
    assert listing.status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "a@b.example\nBcc: c@d.example"},
        {"address": "nobody"},
        {"name": "two\nlines"},
        {"rules": [{"kinds": ["not a kind"], "how": "daily"}]},
        {"coalitions": ["nowhere"]},
        {"members": ["xx-city-nowhere"]},
        {"role": "mayor"},
    ],
)
async def test_a_subscription_is_checked(coalition: System, wrong: dict[str, Any]) -> None:
    known = {"name": "Officer", "address": "officer@coalition.example", "role": "observer"}
    person = {**known, **wrong}
    answer = coalition.request("notifications", "POST", "/subscriptions", json=person)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_subscription_is_one_for_each_address_and_can_be_changed_and_forgotten(
    coalition: System,
) -> None:
    def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
        return coalition.request("notifications", method, path, json=body, headers=headers)

    person = {"name": "Officer", "address": "Officer@City.example", "role": "observer"}
    first = ask("POST", "/subscriptions", person)
    path, tag = f"/subscriptions/{first.json()['id']}", first.headers["ETag"]
    again = ask("POST", "/subscriptions", {**person, "address": "officer@city.EXAMPLE"})
    assert (first.status_code, again.status_code) == (201, 409)
    assert f"PUT, of {path}" in again.json()["detail"]
    assert ask("PATCH", path, {"zone": "Africa/Dakar"}).status_code == 428
    change = ask("PATCH", path, {"zone": "Africa/Dakar"}, **{"If-Match": tag})
    assert (change.status_code, change.json()["zone"]) == (200, "Africa/Dakar")
    assert ask("PUT", path, person, **{"If-Match": tag}).status_code == 412
    replaced = ask("PUT", path, person, **{"If-Match": change.headers["ETag"]})
    assert (replaced.status_code, replaced.json()["zone"]) == (200, "UTC")
    assert ask("GET", path).headers["ETag"] == replaced.headers["ETag"]
    assert ask("DELETE", path).status_code == 204
    for method, body in (("DELETE", None), ("GET", None), ("PATCH", {"zone": "UTC"})):
        assert ask(method, path, body).status_code == 404


async def test_one_thing_is_said_without_an_envelope(coalition: System) -> None:
    def say(kind: str, body: Any, **headers: str) -> Any:
        more = {"Prefer": "wait=20", **headers}
        return coalition.request("membership", "POST", f"/events/{kind}", json=body, headers=more)

    name = f"c-{uuid.uuid4().hex}"
    founded = {"coalition": name, "name": "Said"}
    key = {"Idempotency-Key": name}
    first = say("CoalitionFounded", founded, **key)
    assert (first.status_code, first.json()["outcome"]) == (200, "accepted")
    assert say("CoalitionFounded", founded, **key).json() == first.json()
    assert say("CoalitionFounded", founded).json()["outcome"] == "unchanged"
    assert coalition.request("membership", "GET", first.headers["Location"]).is_success

    assert say("CoalitionFounded", {"coalition": "Not A Slug"}).status_code == 422
    assert say("NoSuchThing", {}).status_code == 422
    assert say("CoalitionFounded", founded, Authorization="Bearer no").status_code == 401
    other = say("CoalitionRenamed", {**founded, "renamed": "2020"}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "reused")
    assert "coalition.membership.CoalitionFounded.v1" in other.json()["detail"]
    launched = {"coalition": f"{name}x", "launched": "2020"}
    assert say("CoalitionLaunched", launched).status_code == 409


async def test_what_was_answered_is_shown_by_the_next_read_here_and_elsewhere_when_asked(
    coalition: System,
) -> None:
    founded = event()
    region = founded["data"]["coalition"]
    member = {"name": f"Town {uuid.uuid4().hex[:8]}", "country": "GR", "kind": "city"}
    signed = event("CitySigned", coalition=region, member=member, signed="2006")
    for number, body in enumerate([founded, signed]):
        answer = post(coalition, body, Prefer="wait=20")
        assert answer.status_code == 200
        numbers = coalition.request("membership", "GET", f"/coalitions/{region}/statistics")
        assert numbers.json()["members"] == number
        listed = coalition.request("membership", "GET", f"/members?coalition={region}")
        assert listed.json()["total"] == number
    published = answer.json()["published"][0]
    url = f"/events/%2Fcoalition%2Fmembership/{quote(published['id'], safe='')}"
    assert coalition.request("plans", "GET", url, headers={"Prefer": "wait=20"}).json()["items"]
    there = coalition.request("plans", "GET", f"/members/{published['subject']}/commitments")
    assert there.status_code == 200
