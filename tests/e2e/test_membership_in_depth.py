"""Membership's whole subject on real parts: one coalition, told by events, read over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from shared.cloudevents import binary_headers
from shared.contracts import catalogue
from shared.contracts.base import MemberRef
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.kafka.producer import Outgoing
from tests.parts import eventually
from tests.system import System

RUN = uuid.uuid4().hex[:8]
COALITION = f"depth-{RUN}"
STRUCTURED = {"Content-Type": "application/cloudevents+json"}


def city(name: str) -> dict[str, str]:
    return {"name": f"{name} {RUN}", "country": "DE", "kind": "city"}


def id_of(name: str) -> str:
    return MemberRef.model_validate(city(name)).key


def tell(system: System, name: str, /, **data: Any) -> Any:
    """Post an event and wait for what became of it."""
    body = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "urn:test:depth",
        "type": f"coalition.membership.{name}.v1",
        "data": {"coalition": COALITION, **data},
    }
    answer = system.request(
        "membership", "POST", "/events", json=body, headers={**STRUCTURED, "Prefer": "wait=30"}
    )
    assert answer.status_code in {200, 409}, answer.text
    return answer.json()


def read(system: System, path: str, /, **query: Any) -> Any:
    answer = system.request("membership", "GET", path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until(system: System, path: str, /, **expected: Any) -> dict[str, Any]:
    """Wait until what is read has the expected values."""
    found: dict[str, Any] = {}

    async def so() -> bool:
        found.clear()
        answer = system.request("membership", "GET", path)
        found.update(answer.json())
        return all(found.get(key) == value for key, value in expected.items())

    await eventually(so)
    return found


@pytest.fixture(scope="module")
def told(coalition: System) -> System:
    """A coalition with a parent, a name it lost, and statutes; three cities signed."""
    tell(
        coalition,
        "CoalitionFounded",
        name="First Name",
        founded="2004",
        parent=f"above-{RUN}",
        names={"ar": "الاسم الأول"},
    )
    tell(coalition, "CoalitionFounded", coalition=f"above-{RUN}", name="Above", founded="2003")
    tell(coalition, "CoalitionLaunched", launched="2004-12-10", place="Nuremberg")
    tell(coalition, "CoalitionRenamed", renamed="2016", name="Second Name")
    for name, date in (("Aachen", "2006-09"), ("Bonn", "2008-01-15"), ("Bonn am Rhein", "2009")):
        tell(coalition, "CitySigned", member=city(name), signed=date, signed_by="Mayor")
    return coalition


async def test_a_coalition_has_its_names_and_its_timeline(told: System) -> None:
    now = await until(told, f"/coalitions/{COALITION}", name="Second Name")
    assert [c["name"] for c in now["called"]] == ["First Name", "Second Name"]
    assert [line["what"] for line in now["timeline"]] == ["launched", "founded", "renamed"]
    then = read(told, f"/coalitions/{COALITION}", as_of="2010")
    assert (then["name"], then["names"]) == ("First Name", {"ar": "الاسم الأول"})
    early = told.request("membership", "GET", f"/coalitions/{COALITION}?as_of=1999")
    assert early.status_code == 404


async def test_members_and_numbers_as_of_any_day(told: System) -> None:
    tell(told, "MembershipCounted", as_of="2010-01-18", members=97, countries=20)
    await until(told, f"/members/{id_of('Bonn am Rhein')}", state="member")
    query = {"coalition": COALITION, "state": "member", "limit": 1}
    for as_of, count in (("2006-09-29", 0), ("2006-09", 1), ("2008-01-15", 2), ("2010-01-18", 3)):
        page = read(told, "/members", as_of=as_of, **query)
        assert page["total"] == count
        assert len(page["items"]) == min(count, 1)
    for id_ in (COALITION, f"above-{RUN}"):
        numbers = read(told, f"/coalitions/{id_}/statistics", as_of="2010-01")
        assert (numbers["day"], numbers["members"], numbers["countries"]) == ("2010-01-31", 3, 1)
    counted = read(told, f"/coalitions/{COALITION}/statistics", as_of="2010-01")["public_count"]
    assert (counted["members"], counted["countries"]) == (97, 20)
    assert told.request("membership", "GET", "/members?as_of=January").status_code == 422
    assert told.request("membership", "GET", "/coalitions/none/statistics").status_code == 404


async def test_a_correction_keeps_what_was_said(told: System) -> None:
    who = {"member": {"id": id_of("Aachen")}}
    wrong = {"step": "signed", "recorded": "2006-09", "reason": "the minutes say so"}
    tell(told, "StepCorrected", **who, **wrong, correct="2006-10")
    member = await until(told, f"/members/{id_of('Aachen')}", state="member")
    assert [s["date"] for s in member["steps"]] == ["2006-10"]
    assert member["corrections"][0]["was"]["date"] == "2006-09"
    refused = tell(told, "CitySigned", member=city("Aachen"), signed="2006-09")
    assert "was corrected: the minutes say so" in refused["detail"]
    history = read(told, f"/members/{id_of('Aachen')}/history")["items"]
    assert [(e["type"].split(".")[2], e["outcome"]) for e in history] == [
        ("CitySigned", "accepted"),
        ("StepCorrected", "accepted"),
        ("CitySigned", "rejected"),
    ]


async def test_two_found_to_be_one_are_merged_by_one_event(told: System) -> None:
    duplicate = id_of("Bonn am Rhein")
    tell(told, "CityDecided", member={"id": duplicate}, decided="2007-05")
    bonn = {"member": {"id": id_of("Bonn")}}
    tell(told, "MembersMerged", **bonn, merged={"id": duplicate}, reason="one city")
    absorbed = await until(told, f"/members/{duplicate}", state="merged")
    assert absorbed["merged_into"] == id_of("Bonn")
    stayed = read(told, f"/members/{id_of('Bonn')}")
    assert [(s["step"], s["date"]) for s in stayed["steps"]] == [
        ("decided", "2007-05"),
        ("signed", "2008-01-15"),
    ]
    refused = tell(told, "MemberWithdrawn", member={"id": duplicate}, withdrawn="2012")
    assert f"is one with '{id_of('Bonn')}'" in refused["detail"]
    assert read(told, "/members", coalition=COALITION, as_of="2010")["total"] == 2


async def test_names_facts_and_partners_of_a_member(told: System) -> None:
    who = {"member": {"id": id_of("Bonn")}}
    tell(told, "MemberRenamed", **who, renamed="2015", name="Bundesstadt Bonn")
    tell(told, "MemberDescribed", **who, names={"it": "Bona"}, latitude=50.73, longitude=7.1)
    tell(told, "PartnerJoined", **who, organisation="Bonner Forum", joined="2010", role="advice")
    tell(told, "PartnerLeft", **who, organisation="Bonner Forum", left="2014")
    now = await until(told, f"/members/{id_of('Bonn')}", name="Bundesstadt Bonn", latitude=50.73)
    assert [(p["joined"], p["left"]) for p in now["partners"]] == [("2010", "2014")]
    then = read(told, f"/members/{id_of('Bonn')}", as_of="2014-12-31")
    assert then["name"] == f"Bonn {RUN}"


async def test_statutes_make_lead_cities_members_and_decide_anew_who_is_one(told: System) -> None:
    lead = {"city": city("Celle"), "since": "2015-03"}
    tell(told, "StatutesAdopted", adopted="2005", membership_by="admitted")
    await until(told, f"/members/{id_of('Aachen')}", state="signed")
    rules = {"lead_cities": "become members", "suspend_when_report_overdue": True}
    tell(told, "StatutesAdopted", adopted="2005", membership_by="signed", **rules)
    await until(told, f"/members/{id_of('Aachen')}", state="member")
    tell(told, "LeadCityDesignated", **lead)
    celle = await until(told, f"/members/{id_of('Celle')}", state="member")
    assert [(s["step"], s["date"]) for s in celle["steps"]] == [("admitted", "2015-03")]


async def test_an_overdue_report_suspends_until_it_is_there(told: System) -> None:
    tell(
        told,
        "StatutesAdopted",
        adopted="2018",
        membership_by="signed",
        suspend_when_report_overdue=True,
    )
    aachen = MemberRef.model_validate(city("Aachen"))
    late = ReportFellOverdue(coalition=COALITION, member=aachen, due="2025-06-30")
    await told.produce(by_plans(late))
    member = await until(told, f"/members/{aachen.key}", state="suspended")
    assert member["steps"][-1]["overdue_report"] == "2025-06-30"
    there = ReportSubmitted(
        coalition=COALITION, member=aachen, due="2025-06-30", submitted="2025-12"
    )
    await told.produce(by_plans(there))
    await until(told, f"/members/{aachen.key}", state="member")


def by_plans(event: ReportFellOverdue | ReportSubmitted) -> Outgoing:
    headers = binary_headers(source="/coalition/plans", id_=str(uuid.uuid4()), type_=event.type)
    body = event.model_dump_json(exclude_none=True).encode()
    return Outgoing(catalogue.events("plans"), event.subject.encode(), body, headers)


async def test_a_conference_and_who_took_part(told: System) -> None:
    what = {"conference": f"general-{RUN}"}
    tell(
        told,
        "ConferenceAnnounced",
        **what,
        title="Third General Conference",
        titles={"fr": "Troisième conférence générale"},
        host=city("Aachen"),
        begins="2009-11-19",
        ends="2009-11-20",
        represented="over 50 cities",
    )
    tell(told, "ConferenceAttended", **what, members=[city("Bonn")], organisations=["UNESCO"])
    held = await until(told, f"/conferences/general-{RUN}", organisations=["UNESCO"])
    assert [m["id"] for m in held["members"]] == [id_of("Bonn")]
    assert read(told, "/conferences", coalition=COALITION)["total"] == 1
    history = read(told, f"/conferences/general-{RUN}/history")["items"]
    assert [entry["outcome"] for entry in history] == ["accepted", "accepted"]
