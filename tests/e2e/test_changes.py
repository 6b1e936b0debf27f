"""What changed, and the timeline of a member, over all services from one address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.command import found, run
from tests.e2e.region import founded
from tests.parts import eventually
from tests.system import System

TODAY = datetime.now(UTC).date()


def listed(system: System, path: str, **query: Any) -> Any:
    answer = system.request("notifications", "GET", path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_one_timeline_and_one_list_of_changes_over_both_services(coalition: System) -> None:
    region = founded(coalition)
    name, id_ = f"Bonn {region.id}", f"de-city-bonn-{region.id}"
    bonn = {"name": name, "country": "DE", "kind": "city"}
    twin = {"name": f"Bonne {region.id}", "country": "DE", "kind": "city"}
    source = {"title": "Minutes", "link": "https://example.org/minutes"}
    region.tell("membership", "MemberApplied", member=twin, applied="2003")
    region.tell("membership", "CitySigned", member=bonn, signed="2006-08", source=source)
    region.tell("membership", "MemberDescribed", member=bonn, website="https://example.org")
    region.tell("membership", "MembersMerged", member=bonn, merged=twin, reason="an exonym")

    async def has_commitments() -> bool:
        path = f"/members/{id_}/commitments"
        return coalition.request("plans", "GET", path).status_code == 200

    await eventually(has_commitments)
    updated = {"member": bonn, "point": 3, "status": "planned", "as_of": "2020-05"}
    region.tell("plans", "CommitmentUpdated", **updated)

    async def is_whole() -> bool:
        events = {
            one["kind"] for one in listed(coalition, "/changes", coalition=region.id)["items"]
        }
        return {"CommitmentUpdated", "MembersMerged"} <= events

    await eventually(is_whole)
    timeline = listed(coalition, f"/members/{id_}/timeline")["items"]
    dated = [(one["dated"], one["kind"]) for one in timeline if one["dated"]]
    assert dated[0] == ("2003", "MemberApplied")  # as of the duplicate
    assert dated[-1] == ("2020-05", "CommitmentUpdated")
    assert {one["service"] for one in timeline} == {"membership", "plans"}
    assert "MemberDescribed" in {one["kind"] for one in timeline}
    (signed,) = [one for one in timeline if one["kind"] == "CitySigned"]
    assert signed["recorded_by"] == "urn:test:exchange"
    assert {"label": "Source", "text": "Minutes, https://example.org/minutes"} in signed["details"]

    walked, after = [], ""
    while after is not None:
        page = listed(coalition, f"/members/{id_}/timeline", limit=2, after=after)
        walked += page["items"]
        after = page["next"]
    assert walked == timeline

    shown = run(coalition, "members", "timeline", id_, columns=80).stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "Minutes" in shown
    assert found(coalition, "members", "timeline", id_) == timeline
    as_text = run(coalition, "changes", "--coalition", region.id, "--text").stdout
    assert f"  - {name} signed (2006-08)" in as_text
    assert name in run(coalition, "changes", "--coalition", region.id).stdout
    before = (TODAY - timedelta(days=30)).isoformat()
    until = (TODAY - timedelta(days=20)).isoformat()
    here = ("changes", "--coalition", region.id)
    assert found(coalition, *here, "--since", before, "--until", until) == []
    assert found(coalition, *here, "--since", before) == found(coalition, *here)


async def test_who_or_what_is_not_there_is_refused(coalition: System) -> None:
    region = founded(coalition)

    async def is_there() -> bool:
        query = {"coalition": region.id}
        return coalition.request("notifications", "GET", "/changes", params=query).is_success

    await eventually(is_there)
    nobody = run(coalition, "members", "timeline", "de-city-nobody")
    assert (nobody.returncode, nobody.stdout.count("\n")) == (1, 1)
    misspelt = run(coalition, "changes", "--coalition", f"{region.id}x")
    assert f"the nearest is '{region.id}'" in misspelt.stdout
    assert "YYYY-MM-DD" in run(coalition, "changes", "--since", "2026-11").stdout
