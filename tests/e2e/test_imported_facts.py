"""Many facts of long ago, imported from a file: nobody gets an e-mail for each of them."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
from pymongo import MongoClient

from shared.tabular import spreadsheet
from tests.e2e.command import run
from tests.e2e.region import TITLES, Region
from tests.parts import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from tests.parts import Parts
    from tests.system import System

FACTS: Final = 500
WISHES: Final[dict[str, dict[str, Any]]] = {
    "all-at-once": {"role": "observer", "rules": [{"how": "at once"}]},
    "all-daily": {"role": "observer", "rules": [{"how": "daily"}]},
    "secretariat": {"role": "secretariat"},
    "lead-city": {"role": "lead city"},
    "observer": {"role": "observer", "language": "fr"},
}


async def test_500_facts_of_2004_to_2020_are_one_e_mail_a_person_at_most(
    coalition: System, tmp_path: Path
) -> None:
    region = Region(coalition, f"c-{uuid.uuid4().hex[:8]}")
    region.tell("membership", "CoalitionFounded", name="A region of long ago", founded="2004")
    people = {name: await subscribed(region, name) for name in WISHES}
    mine = [*people.values()]
    region.tell("plans", "PlanPublished", version=1, commitments=TITLES, adopted="2004")
    file = tmp_path / "members.csv"
    file.write_text(facts(region))
    answer = run(coalition, "members", "import", str(file))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    await region.has("membership", "members", FACTS)
    await coalition.settled()
    store = MongoClient[dict[str, Any]](coalition.parts.mongodb, tz_aware=True)
    with store:
        deliveries = store["coalition_notifications"]["deliveries"]
        news = {"subscription": {"$in": mine}, "kind": {"$nin": ["Welcome", "Digest"]}}
        told = Counter(one["subscription"] for one in deliveries.find(news))
        assert set(told) == set(mine)
        assert min(told.values()) >= FACTS
        # What waits has waited since last week: so its weekly digest is due.
        before = datetime.now(UTC) - timedelta(days=15)
        deliveries.update_many(news, {"$set": {"decided": before}})

        async def nothing_waits() -> bool:
            return not deliveries.count_documents({**news, "state": "waiting"})

        await eventually(nothing_waits, 90)
    await eventually_sent(coalition.parts, [f"{one}@{region.id}.example.org" for one in WISHES])
    for one in mine:  # who hears of everything would hear of what the other tests say
        coalition.request("notifications", "DELETE", f"/subscriptions/{one}").raise_for_status()


def facts(region: Region) -> str:
    rows = [["coalition", "name", "country", "kind", "signed"]]
    for number in range(FACTS):
        year = 2004 + number % 17
        rows.append([region.id, f"City {number} of {region.id}", "DE", "city", str(year)])
    return "".join(map(spreadsheet.line, rows))


async def subscribed(region: Region, name: str) -> str:
    """Somebody who works for the region, once notifications has read of it."""
    address = f"{name}@{region.id}.example.org"
    person = {"name": name, "address": address, "coalitions": [region.id], **WISHES[name]}
    if "rules" in person:  # of this region alone: other tests say much besides
        person["rules"] = [{**rule, "coalitions": [region.id]} for rule in person["rules"]]
    answers: list[httpx.Response] = []

    async def taken() -> bool:
        http = region.system.request("notifications", "POST", "/subscriptions", json=person)
        answers.append(http)
        return http.status_code == httpx.codes.CREATED

    await eventually(taken)
    return str(answers[-1].json()["id"])


async def eventually_sent(parts: Parts, addresses: list[str]) -> None:
    """See that each got a welcome and one e-mail more."""

    async def each_has_two() -> bool:
        found = await caught(parts)
        assert all(found[address] <= 2 for address in addresses), found
        return all(found[address] == 2 for address in addresses)

    await eventually(each_has_two, 60)


async def caught(parts: Parts) -> Counter[str]:
    """How many e-mails were caught, by recipient."""
    async with httpx.AsyncClient() as http:
        answer = await http.get(parts.messages, params={"limit": 5000})
    return Counter(to["Address"] for one in answer.json()["messages"] for to in one["To"])
