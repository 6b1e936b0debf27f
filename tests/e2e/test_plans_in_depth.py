"""One walk through all that plans knows, on real parts: by event in, by HTTP out."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.parts import eventually
from tests.system import System

TITLES = [f"Commitment {n}" for n in range(1, 11)]
NEW = [*TITLES[1:], "A new commitment"]
OF_MEMBERSHIP = {"CoalitionFounded", "CitySigned", "MemberRenamed", "MembersMerged"}
TODAY = datetime.now(UTC).date()


def a_year_before(day: date) -> str:
    """A date that every year has, so that a report is due on about that day."""
    return day.replace(year=day.year - 1, day=min(day.day, 28)).isoformat()


@dataclass(slots=True)
class Region:
    """A coalition of its own, with two members: one whose report is late, one whose is near."""

    system: System
    id: str
    late: dict[str, str]
    near: dict[str, str]

    def tell(self, name: str, /, **data: Any) -> dict[str, Any]:
        service = "membership" if name in OF_MEMBERSHIP else "plans"
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "urn:test:plans",
            "type": f"coalition.{service}.{name}.v1",
            "data": data,
        }
        headers = {"Content-Type": "application/cloudevents+json", "Prefer": "wait=20"}
        answer = self.system.request(service, "POST", "/events", json=event, headers=headers)
        assert answer.status_code in {200, 409}, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def told(self, name: str, /, **data: Any) -> list[str]:
        """Tell, and name what was published because of it."""
        body = self.tell(name, **data)
        assert body.get("outcome") == "accepted", body
        return [published["type"].split(".")[2] for published in body["published"]]

    def get(self, path: str, **query: Any) -> Any:
        answer = self.system.request("plans", "GET", path, params=query)
        return answer.json() if answer.is_success else None

    def key(self, member: dict[str, str]) -> str:
        return f"{member['country'].lower()}-{member['kind']}-{member['name'].lower()}"

    def held(self, member: dict[str, str]) -> Any:
        return self.get(f"/members/{self.key(member)}/commitments") or {}

    def report(self, member: dict[str, str]) -> Any:
        found = self.get(f"/members/{self.key(member)}/reports")
        return found["reports"][0] if found else {"state": None}


async def test_a_walk_through_all_that_plans_knows(coalition: System) -> None:
    region = await founded(coalition)
    await progress_is_said_or_follows_from_actions(region)
    await a_member_moves_to_a_newer_version(region)
    await reports_by_the_clock_and_back(region)
    await practices_and_publications(region)
    await membership_is_followed(region)


async def founded(coalition: System) -> Region:
    name = uuid.uuid4().hex[:8]
    late, near = (
        {"name": f"{who}{name}", "country": "UY", "kind": "city"} for who in ("late", "near")
    )
    here = Region(coalition, f"c-{name}", late, near)
    here.told("CoalitionFounded", coalition=here.id, name=name)
    here.told("PlanDrafted", coalition=here.id, version=1, commitments=NEW)
    await coalition.settled()
    assert here.get(f"/plans/{here.id}/versions")["items"][0]["state"] == "draft"
    here.told("PlanPublished", coalition=here.id, version=1, commitments=TITLES)
    for member, day in ((late, TODAY - timedelta(days=40)), (near, TODAY + timedelta(days=10))):
        said = {"coalition": here.id, "member": member, "signed": a_year_before(day)}
        here.told("CitySigned", **said)

    async def both_are_open() -> bool:
        return all(here.held(member).get("state") == "open" for member in (late, near))

    await eventually(both_are_open)
    return here


async def progress_is_said_or_follows_from_actions(region: Region) -> None:
    member = {"member": region.late}
    region.told("CommitmentsChosen", **member, points=[3, 1], as_of="2024")
    region.told("CommitmentUpdated", **member, point=1, status="stalled", as_of="2024")
    region.told("ProgressBasisChosen", **member, point=3, basis="derived")
    action = {**member, "action": "centre", "point": 3, "title": "An advice centre"}
    money = {"amount": "1200.50", "currency": "UYU"}
    indicator = {"name": "People advised", "baseline": 0, "target": 300}
    recorded = region.told(
        "ActionRecorded",
        **action,
        status="in progress",
        as_of="2024",
        budget=money,
        indicator=indicator,
    )
    assert recorded == ["ActionRecorded", "CommitmentUpdated"]
    region.told("IndicatorRead", **member, action="centre", value="180.5", as_of="2024")
    refused = region.tell("CommitmentUpdated", **member, point=3, status="planned", as_of="2024")
    assert "follows from its actions" in refused["detail"]

    await region.system.settled()
    held = region.held(region.late)
    assert held["chosen"] == [1, 3]
    assert (held["commitments"][2]["status"], held["commitments"][2]["basis"]) == (
        "in progress",
        "derived",
    )
    (kept,) = held["commitments"][2]["actions"]
    assert (kept["budget"], kept["readings"][0]["value"]) == (money, "180.5")


async def a_member_moves_to_a_newer_version(region: Region) -> None:
    mapping = [{"before": n, "now": n - 1} for n in range(2, 11)]
    whole = {"coalition": region.id, "version": 2, "commitments": NEW, "mapping": mapping}
    region.told("PlanPublished", **whole)
    await region.system.settled()
    versions = region.get(f"/plans/{region.id}/versions")["items"]
    assert [v["state"] for v in versions] == ["superseded", "published"]
    region.told("CommitmentUpdated", member=region.near, point=2, status="completed", as_of="2024")
    said = {"coalition": region.id, "member": region.near, "plan_version": 2, "moved": "2025"}
    region.told("CommitmentsMoved", **said)
    await region.system.settled()
    held = region.held(region.near)
    assert (held["plan_version"], held["commitments"][0]["status"]) == (2, "completed")
    assert held["past"][1]["status"] == "completed"
    assert region.held(region.late)["plan_version"] == 1


async def reports_by_the_clock_and_back(region: Region) -> None:
    rule = {"every_months": 12, "first_after_months": 12, "remind_days": [30]}
    region.told(
        "ReportingRuleSet", coalition=region.id, **rule, overdue_after_days=20, since="2000-01-01"
    )

    async def the_clock_has_spoken() -> bool:
        states = region.report(region.late)["state"], region.report(region.near)["state"]
        return states == ("overdue", "upcoming")

    await eventually(the_clock_has_spoken)
    assert region.report(region.near)["reminded"] == [30]
    overdue = region.get("/reports", state="overdue", coalition=region.id)
    assert [item["id"] for item in overdue["items"]] == [region.key(region.late)]

    compared = region.get("/comparison", coalition=region.id)
    assert (compared["total"], compared["not_taken_up"]) == (12, 8)
    assert compared["overdue_members"] == 1
    assert compared["by_status"]["stalled"] == 1
    owes = region.get("/owed", coalition=region.id)["items"]
    assert ("report", "member") in [(one["what"], one["by"]) for one in owes]
    late = region.key(region.late)
    assert {one["what"] for one in owes if one["member"] == late} == {"plan", "report"}
    assert region.get(f"/members/{late}/progress", as_of="2010-12-31")["commitments"] is None
    stood = region.get(f"/members/{late}/progress")
    assert stood["commitments"]["commitments"][0]["status"] == "stalled"
    assert stood["commitments"]["plan_version"] == 1
    assert region.get("/commitments", coalition=region.id, plan_version=1)["total"] == 1
    stalled = [of for of in compared["by_point"] if of["by_status"]["stalled"]]
    assert [(of["plan_version"], of["point"]) for of in stalled] == [(1, 1)]
    first = [(c["status"], c["overdue"]) for c in compared["first"]]
    assert first[0] == ("stalled", True)
    assert first[:10] == [*first[:1], *[(c[0], True) for c in first[1:10]]]
    assert region.get("/comparison", coalition=region.id, plan_version=2, point=1)["total"] == 1
    assert region.get("/comparison", coalition=region.id, country="DE")["total"] == 0

    due = region.report(region.late)["due"]
    report = {"coalition": region.id, "member": region.late, "due": due}
    until = (TODAY + timedelta(days=20)).isoformat()
    day = TODAY.isoformat()
    region.told("ReportExtensionRequested", **report, until=until, requested=day)
    region.told("ReportExtended", **report, until=until)
    await region.system.settled()
    assert region.report(region.late)["state"] == "due"
    region.told("ReportSubmitted", **report, submitted=day, document="https://example.org/r")
    review = {**report, "reviewed": day, "reviewer": "Secretariat"}
    region.told("ReportReviewed", **review, verdict="revise", feedback="More on housing, please")
    region.told("ReportSubmitted", **report, submitted=day, document="https://example.org/r2")
    accepted = region.told("ReportReviewed", **review, verdict="accepted")
    assert accepted == ["ReportReviewed", "ReportAccepted"]
    await region.system.settled()
    assert region.report(region.late)["state"] == "accepted"
    history = region.get(f"/reports/{region.key(region.late)}/history")["items"]
    said = [
        published["type"].split(".")[2] for entry in history for published in entry["published"]
    ]
    assert said[:2] == ["ReportFellDue", "ReportFellOverdue"]


async def practices_and_publications(region: Region) -> None:
    practice = f"practice-{region.id}"
    whole = {"practice": practice, "coalition": region.id, "member": region.late, "points": [3]}
    said = {"shared": "2024", "title": "An advice centre", "summary": "Victims\nare advised."}
    region.told("PracticeShared", **whole, **said, titles={"ar": "مركز استشارة"})
    region.told("PracticeAdopted", practice=practice, member=region.near, adopted="2025")
    await region.system.settled()
    (shared,) = region.get("/practices", coalition=region.id, point=3)["items"]
    assert (shared["titles"]["ar"], shared["adoptions"][0]["adopted"]) == ("مركز استشارة", "2025")
    assert region.get(f"/practices/{practice}") == shared
    assert region.get("/practices", coalition=region.id, point=4)["items"] == []
    paper = {"publication": f"paper-{region.id}", "kind": "paper", "coalition": region.id}
    region.told("PublicationAnnounced", **paper, announced="2025-05", title="Fair housing")
    await region.system.settled()
    (announced,) = region.get("/publications", coalition=region.id, kind="paper")["items"]
    assert announced["title"] == "Fair housing"


async def membership_is_followed(region: Region) -> None:
    twin = {**region.near, "name": f"twin{region.near['name']}"}
    region.told("CitySigned", coalition=region.id, member=twin, signed="2020")

    async def the_twin_is_open() -> bool:
        return bool(region.held(twin))

    await eventually(the_twin_is_open)
    region.told("CommitmentUpdated", member=twin, point=5, status="planned", as_of="2021")
    early = {"due": "2021-12-31", "submitted": "2022", "title": "The twin's report"}
    region.told("ReportSubmitted", coalition=region.id, member=twin, **early)
    both = {"member": region.near, "merged": twin, "reason": "The same city, twice"}
    region.told("MembersMerged", coalition=region.id, **both)

    async def what_it_reached_is_taken_over() -> bool:
        return bool(region.held(region.near)["commitments"][4]["status"] == "planned")

    await eventually(what_it_reached_is_taken_over)
    assert region.held(twin)["into"] == region.key(region.near)

    async def what_it_reported_is_taken_over() -> bool:
        found = region.get(f"/members/{region.key(region.near)}/reports")["reports"]
        return any(
            one["due"] == early["due"] and one.get("title") == early["title"] for one in found
        )

    await eventually(what_it_reported_is_taken_over)
    refused = region.tell("CommitmentUpdated", member=twin, point=5, status="planned", as_of="2022")
    assert "merged into" in refused["detail"]

    renamed = {"member": region.late, "renamed": "2024", "name": "Another name"}
    region.told("MemberRenamed", coalition=region.id, **renamed)

    async def the_name_is_known() -> bool:
        return bool(region.held(region.late)["member"]["name"] == "Another name")

    await eventually(the_name_is_known)


@pytest.mark.parametrize(
    "path", ["/plans/nowhere/versions", "/members/nobody/reports", "/practices/none"]
)
async def test_what_is_not_there_is_not_found(coalition: System, path: str) -> None:
    assert coalition.request("plans", "GET", path).status_code == 404
