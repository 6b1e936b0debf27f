"""The real history through all three services; named to run before tests that add events."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from cli import client, report
from tests.system import System

DATA = Path(__file__).parents[2] / "data"
LINES = (DATA / "history" / "events.jsonl").read_bytes().splitlines()
STAFF: list[dict[str, Any]] = json.loads((DATA / "staff.json").read_text())


async def run_history(coalition: System) -> dict[str, Any]:
    assert await client.publish(coalition.endpoints, LINES, lambda _: None) == len(LINES)
    await coalition.settled()
    await client.subscribe(coalition.endpoints, STAFF)
    return await report.collect(coalition.endpoints)


async def test_the_history_gives_the_right_state_once(coalition: System) -> None:
    first = await run_history(coalition)
    states = Counter(c["state"] for c in first["coalitions"].values())
    assert states == {"launched": 7, "in creation": 1}
    assert first["lead_city_designations"] == 13
    assert len(first["offices"]) == 33
    assert first["coalitions"]["asia-pacific"]["lead_cities"] == ["Auckland"]
    when = {o["who"]: o["when"] for o in first["offices"] if o["coalition"] == "asia-pacific"}
    assert when["Bangkok"] == "2006-08-04 to 2016-04"
    assert when["Gwangju"] == "seen 2021-10"
    assert (first["joining_records"], first["members"]) == (47, 33)
    # Thirteen signed the declaration of intention of 2004 only, or decided without signing.
    assert len(first["not_members_yet"]) == 14
    assert {"Bonn", "Nuremberg", "London"} <= set(first["not_members_yet"])
    assert first["commitments_open"] == 200
    assert first["members_with_commitments"] == {"europe": 14, "asia-pacific": 6}
    assert first["members_waiting_for_a_plan"] == 12
    assert first["members_without_commitments"] == 1
    assert not any(first["rejected"].values())

    again = await run_history(coalition)
    assert {**again, "deliveries": 0} == {**first, "deliveries": 0}
    # Who has subscribed since is welcomed; the same events read again are no news to them.
    assert sum(again["deliveries"].values()) == len(STAFF)


async def test_reading_pages_and_filters(coalition: System) -> None:
    seen, after = [], ""
    while after is not None:
        query = {"coalition": "europe", "state": "member", "limit": 4, "after": after}
        page = coalition.request("membership", "GET", "/members", params=query).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == page["total"] == 14
    member = coalition.request("membership", "GET", "/members/de-city-potsdam").json()
    assert {(s["step"], s["date"]) for s in member["steps"]} == {
        ("decided", "2006-04-05"),
        ("signed", "2006-09"),
        ("admitted", "2008-04-02"),
    }
    history = coalition.request("membership", "GET", "/members/de-city-potsdam/history").json()[
        "items"
    ]
    assert [int(entry["sequence"]) for entry in history] == [1, 2, 3]
    assert coalition.request("membership", "GET", "/members/nobody").status_code == 404
    held = coalition.request("plans", "GET", "/members/uy-city-montevideo/commitments").json()
    assert held["state"] == "awaiting"


async def test_97_cities_from_20_countries_in_january_2010(coalition: System) -> None:
    numbers = coalition.request(
        "membership", "GET", "/coalitions/europe/statistics", params={"as_of": "2010-01"}
    ).json()
    counted = numbers["public_count"]
    assert (counted["as_of"], counted["members"], counted["countries"]) == ("2010-01-18", 97, 20)
    # What the record itself can date by then is less, and it says so: Potsdam.
    assert (numbers["day"], numbers["members"], numbers["countries"]) == ("2010-01-31", 1, 1)
    assert counted["source"]["title"].startswith("European Cities address new Challenges")


async def test_the_coalition_above_has_its_own_history(coalition: System) -> None:
    above = coalition.request("membership", "GET", "/coalitions/international").json()
    timeline = {line["what"]: line["date"] for line in above["timeline"]}
    dated = {"in creation": "2004-03", "launched": "2008-06-30", "renamed": "2016-06-01"}
    assert dated.items() <= timeline.items()
    assert timeline["president: Montevideo"] == "2024-02-09"
    assert all(line["source"]["title"] for line in above["timeline"])
    # What another source says instead stands beside it, and is not taken for it.
    assert ("date", "2018") in {(c["field"], c["value"]) for c in above["also_claimed"]}
    assert [c["name"] for c in above["called"]] == [
        "International Coalition of Cities against Racism",
        "International Coalition of Inclusive and Sustainable Cities",
    ]
    then = {"as_of": "2006-12-31"}
    url = "/coalitions/international/statistics"
    numbers = coalition.request("membership", "GET", url, params=then).json()
    assert (numbers["members"], numbers["countries"]) == (12, 11)
    listed = coalition.request("membership", "GET", "/conferences").json()["items"]
    represented = {c["id"]: c["represented"] for c in listed if c["coalition"] == "europe"}
    assert len(represented) == 12
    assert represented["europe-2009-toulouse"] == "over 50 cities"


async def test_who_was_in_which_office_on_a_day(coalition: System) -> None:
    def presidents(day: str) -> list[str]:
        asked = {"coalition": "europe", "office": "president", "as_of": day}
        page = coalition.request("membership", "GET", "/offices", params=asked).json()
        return [term["city"]["name"] for term in page["items"]]

    days = ("2011-11-24", "2011-11-25", "2015-03", "2019-06")
    assert [presidents(day) for day in days] == [[], ["Toulouse"], ["Toulouse"], ["Bologna"]]
    lead = {"coalition": "asia-pacific", "office": "lead city", "as_of": "2010"}
    page = coalition.request("membership", "GET", "/offices", params=lead).json()
    (bangkok,) = page["items"]
    assert (bangkok["since"], bangkok["until"]) == ("2006-08-04", "2016-04")
    assert bangkok["source"]["title"]
    ending = coalition.request("membership", "GET", "/offices/ending", params={"within_days": 120})
    assert ending.json()["total"] == 0
