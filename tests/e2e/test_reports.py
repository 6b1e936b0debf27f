"""A report that writes itself, from draft to practice, over HTTP and on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.command import found, run
from tests.e2e.region import founded, members
from tests.system import System

DUE = "2020-10-25"
OWN = "The centre *advises* in two languages."


async def test_a_report_is_drafted_edited_submitted_and_passed_on(
    coalition: System, tmp_path: Path
) -> None:
    region = founded(coalition)
    region.send("membership", "members", members(region))
    await region.has("plans", "commitments", 20)
    member = found(coalition, "members", "list", "--coalition", region.id, "--country", "DE")[0]
    id_, file = member["id"], tmp_path / "report.txt"
    about = {"member": {"id": id_}}
    region.tell(
        "plans",
        "CommitmentUpdated",
        **about,
        point=3,
        status="planned",
        as_of="2020-03",
        percent=10,
    )

    assert run(coalition, "reports", "draft", id_, DUE, str(file)).returncode == 0
    text = file.read_text()
    assert "Planned (10 %) as of 2020-03." in text
    file.write_text(text.replace("Planned (10 %) as of 2020-03.", OWN))
    assert "1 texts of its own" in run(coalition, "reports", "write", id_, DUE, str(file)).stdout
    asked = f"/members/{id_}/reports/{DUE}"
    assert read(coalition, asked)["is_draft"]
    done = run(coalition, "reports", "submit", id_, DUE, "--title", "Second report")
    assert done.returncode == 0, done.stdout

    region.tell("plans", "CommitmentUpdated", **about, point=3, status="completed", as_of="2021")
    report = read(coalition, asked)
    third = report["contents"]["sections"][2]
    assert (report["is_draft"], report["title"]) == (False, "Second report")
    assert (third["status"], third["text"], third["written"]) == ("planned", OWN, True)
    shown = run(coalition, "reports", "document", id_, DUE).stdout
    assert "The centre \\*advises\\* in two languages." in shown
    page = coalition.request("plans", "GET", f"{asked}/document")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert f'<p dir="auto" class="text">{OWN}</p>' in page.text

    practice = {"practice": region.id, "title": "A centre", "shared": "2021", "points": [3]}
    region.tell("plans", "PracticeShared", **about, **practice, report_due=DUE)
    assert read(coalition, f"/practices/{region.id}")["summary"] == OWN
    assert coalition.request("plans", "GET", f"/members/nobody/reports/{DUE}").status_code == 404


def read(system: System, path: str) -> Any:
    answer = system.request("plans", "GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()
