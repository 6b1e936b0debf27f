"""Members and commitments in from files and out again, on real parts."""

from __future__ import annotations

import csv
import json
from collections import deque
from typing import Any

from shared.tabular import spreadsheet
from shared.tabular.spreadsheet import XLSX
from tests.e2e.region import LOCAL, Region, founded, lines, members
from tests.parts import eventually
from tests.system import System
from tests.workbooks import book, loaded, saved, sheet


async def test_members_in_from_a_file_and_out_again(coalition: System) -> None:
    region = founded(coalition)
    text = members(region)
    status, report = region.send("membership", "members", text, dry_run=True)
    assert (status, report["new"], report["events"]) == (200, 2, 0)
    status, report = region.send("membership", "members", text)
    assert (status, report["new"], report["events"]) == (202, 2, 2)
    await region.has("membership", "members", 2)

    status, report = region.send("membership", "members", text)
    assert (status, report["unchanged"], report["events"]) == (200, 2, 0)
    out = region.export("membership", "members", bom=True)
    assert out.startswith(spreadsheet.BOM)
    assert {row["local_name"] for row in lines(out)} == {f"{LOCAL} {region.id}", ""}
    assert {row["signed_by"] for row in lines(out)} == {"'=cmd()", ""}
    assert {row["licence"] for row in lines(out)} == {"NOASSERTION"}
    then = lines(region.export("membership", "members", as_of="2010", state="member"))
    assert [row["country"] for row in then] == ["MA"]
    assert lines(region.export("membership", "members", as_of="2007")) == []
    for form, media in (("csv", "text/csv; charset=utf-8"), ("jsonl", "application/jsonl")):
        again = region.export("membership", "members", form)
        status, report = region.send("membership", "members", again, media)
        assert (status, report["unchanged"], report["errors"]) == (200, 2, [])
    assert sum("import" in e["_id"].partition("\n")[0] for e in ours(coalition, region)) == 2


async def test_members_in_from_a_workbook_and_out_again(coalition: System) -> None:
    region = founded(coalition)
    headings, *rows = csv.reader(members(region).splitlines())
    content = saved(book(*rows, headings=headings))
    status, report = region.send("membership", "members", content, XLSX)
    assert (status, report["new"], report["errors"]) == (202, 2, [])
    await region.has("membership", "members", 2)
    params = {"coalition": region.id}
    answer = coalition.request("membership", "GET", "/members/export.xlsx", params=params)
    assert answer.headers["content-type"] == XLSX
    status, report = region.send("membership", "members", answer.content, XLSX)
    assert (status, report["unchanged"], report["errors"]) == (200, 2, [])


async def test_one_bad_row_stops_all_and_only_good_takes_the_rest(coalition: System) -> None:
    region = founded(coalition)
    text = members(region) + spreadsheet.line(["atlantis", "X", "", "GR", "city", "2016", ""])
    text += spreadsheet.line([region.id, "Y", "", "GR", "city", "13.5.2016", ""])
    status, report = region.send("membership", "members", text)
    assert status == 422
    assert [(e["row"], e["column"]) for e in report["errors"]] == [(4, "signed"), (5, "signed")]
    assert "2 of 4 rows" in report["detail"]
    assert not ours(coalition, region)[1:]

    status, report = region.send("membership", "members", text, only_good=True)
    assert (status, report["new"], report["bad"]) == (202, 2, 2)
    await region.has("membership", "members", 2)


async def test_progress_in_from_a_file_and_out_again(coalition: System) -> None:
    region = founded(coalition)
    region.send("membership", "members", members(region))
    await region.has("plans", "commitments", 20)
    person = {"name": "Officer", "address": f"{region.id}@coalition.example"}
    rules = [{"coalitions": [region.id], "kinds": ["CommitmentUpdated"], "how": "weekly"}]
    wishes = {"role": "observer", "rules": [*rules, {"how": "never"}]}
    ids = deque[str](maxlen=1)

    async def subscribed() -> bool:
        wanted = {**person, **wishes}
        answer = coalition.request("notifications", "POST", "/subscriptions", json=wanted)
        ids.append(answer.json().get("id", ""))
        return bool(answer.status_code == 201)

    await eventually(subscribed)  # when notifications has read of the region
    rows = lines(region.export("plans", "commitments"))
    for row in rows[:3]:
        row |= {"status": "in progress", "as_of": "2024-05", "note": "-50 %; =two\nlines"}
    text = "\n".join(json.dumps({k: v for k, v in row.items() if v}) for row in rows)
    status, report = region.send("plans", "commitments", text, "application/x-ndjson")
    assert (status, report["changed"], report["unchanged"]) == (202, 3, 17)

    async def told() -> bool:
        now = lines(region.export("plans", "commitments"))
        about = {"about": rows[0]["member"]}
        mails = coalition.request("notifications", "GET", "/deliveries", params=about).json()
        # Whoever else is subscribed on this system may hear of it as well.
        mine = [one for one in mails["items"] if one["subscription"] == ids[0]]
        return (sum(row["status"] == "in progress" for row in now), len(mine)) == (3, 3)

    await eventually(told)
    out = region.export("plans", "commitments")
    status, report = region.send("plans", "commitments", out)
    assert (status, report["unchanged"], report["errors"]) == (200, 20, [])
    assert spreadsheet.unsafe(lines(out)[0]["note"]) == "-50 %; =two\nlines"


async def test_what_is_too_large_no_text_or_from_a_stranger_is_not_read(coalition: System) -> None:
    region = founded(coalition)
    status, answer = region.send("membership", "members", "x" * (9 << 20))
    assert status == 413
    assert "in parts" in answer["detail"]
    status, answer = region.send("membership", "members", "x", "application/vnd.ms-excel")
    assert status == 415
    headers = {"Content-Type": "text/csv", "Authorization": "Bearer wrong"}
    refused = coalition.request("plans", "POST", "/commitments/import", headers=headers)
    assert refused.status_code == 401
    latin = "coalition,name,country,kind,signed\nx,Köln,DE,city,2004".encode("latin-1")
    bad = coalition.request(
        "membership",
        "POST",
        "/members/import",
        content=latin,
        headers={"Content-Type": "text/csv"},
        params={"only_good": True},
    )
    assert bad.status_code == 422
    assert "UTF-8" in bad.json()["errors"][0]["reason"]
    assert "cannot be read" in bad.json()["detail"]


async def test_every_table_is_exported_with_its_dictionary(coalition: System) -> None:
    tables = {"membership": ["members", "coalitions", "conferences", "partners", "offices"]}
    tables |= {"plans": ["commitments", "reports", "practices", "actions", "plans", "local-plans"]}
    for service, kinds in tables.items():
        for kind in kinds:
            meaning = coalition.request(service, "GET", f"/{kind}/export.dictionary").json()
            header = coalition.request(service, "GET", f"/{kind}/export.csv").text.splitlines()[0]
            names = [field["name"] for field in meaning["fields"]]
            assert next(csv.reader([header])) == names
            assert None not in [v for f in meaning["fields"] for v in f["constraints"].values()]
            workbook = coalition.request(service, "GET", f"/{kind}/export.xlsx").content
            assert [*next(sheet(loaded(workbook)).values)] == names
            assert coalition.request(service, "GET", f"/{kind}/export.ods").status_code == 422


def ours(coalition: System, region: Region) -> list[dict[str, Any]]:
    """What the journal has of the region."""
    return [e for e in coalition.journal("membership") if region.id in str(e)]
