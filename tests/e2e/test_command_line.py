"""The `coalition` command as a person uses it, on the running services."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.test_import_export import LOCAL, Region, founded, members
from tests.parts import eventually
from tests.system import TOKEN, System


def told(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command; a table as wide as it likes."""
    where = system.endpoints
    environment = {
        **os.environ,
        "COLUMNS": "250",
        "COALITION_TOKEN": TOKEN,
        "COALITION_KAFKA": where.kafka,
        "COALITION_MEMBERSHIP": where.url("membership"),
        "COALITION_PLANS": where.url("plans"),
        "COALITION_NOTIFICATIONS": where.url("notifications"),
    }
    command = [sys.executable, "-m", "cli.main", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def found(system: System, *words: str) -> Any:
    answer = told(system, *words, "--json")
    assert answer.returncode == 0, answer.stdout
    return json.loads(answer.stdout)


async def test_a_file_in_a_look_around_and_a_file_out(coalition: System, tmp_path: Path) -> None:
    region = founded(coalition)
    file, out = tmp_path / "members.csv", tmp_path / "out.jsonl"
    file.write_text(members(region) + f'"{region.id}","Z","","ZZ","city","2016",""\r\n')
    refused = told(coalition, "members", "import", str(file))
    assert (refused.returncode, "not an ISO 3166-1" in refused.stdout) == (1, True)
    assert found(coalition, "members", "import", str(file), "--only-good")["changed"] == 2
    await region.has("plans", "commitments", 20)

    assert told(coalition, "members", "export", str(out)).returncode == 0
    again = found(coalition, "members", "import", str(out))
    assert (again["changed"], again["bad"], again["events"]) == (0, 0, 0)
    look_around(coalition, region)


def look_around(coalition: System, region: Region) -> None:
    here = ("--coalition", region.id)
    assert [m["kind"] for m in found(coalition, "members", "list", *here)] == ["city", "city"]
    assert found(coalition, "members", "list", *here, "--as-of", "2007") == []
    (moroccan,) = found(coalition, "members", "list", *here, "--country", "MA")
    assert LOCAL in told(coalition, "members", "list", *here).stdout
    assert "signed" in told(coalition, "members", "show", moroccan["id"]).stdout
    (said,) = found(coalition, "members", "history", moroccan["id"])
    assert said["source"] == "/coalition/membership/import"
    numbers = found(coalition, "coalitions", "statistics", region.id, "--as-of", "2010-01-18")
    assert (numbers["members"], numbers["countries"]) == (1, 1)
    assert region.id in told(coalition, "coalitions", "list").stdout
    assert region.id in told(coalition, "plans", "list").stdout
    assert len(found(coalition, "commitments", "list", *here, "--state", "open")) == 2
    assert found(coalition, "commitments", "compare", *here)["total"] == 20
    assert "To look at first" in told(coalition, "commitments", "compare", *here).stdout
    assert found(coalition, "reports", "list", *here) == []
    assert found(coalition, "conferences", "list", *here) == []
    assert "0 in all" in told(coalition, "practices", "list", *here).stdout


async def test_an_attendee_list_in_and_offices_as_of_a_day(
    coalition: System, tmp_path: Path
) -> None:
    region = founded(coalition)
    file, name = tmp_path / "attended.csv", f"{region.id}-bonn"
    header = "conference,coalition,title,begins,part,name,country,kind"
    rows = [f"{name},{region.id},Assembly,2020,attended,{city},DE,city" for city in ("Bonn", "Ulm")]
    file.write_text("\n".join([header, *rows]))
    assert found(coalition, "conferences", "import", str(file))["changed"] == 2
    await region.has("membership", "conferences", 2)
    assert found(coalition, "conferences", "import", str(file))["changed"] == 0
    (listed,) = found(coalition, "conferences", "list", "--coalition", region.id)
    assert [member["name"] for member in listed["members"]] == ["Bonn", "Ulm"]

    city = {"name": "Bonn", "country": "DE", "kind": "city"}
    region.tell("membership", "OfficeTaken", office="president", city=city, since="2019-06")
    here = ("--coalition", region.id)

    async def is_listed() -> bool:
        return bool(found(coalition, "offices", "list", *here))

    await eventually(is_listed)
    assert found(coalition, "offices", "list", *here, "--as-of", "2018") == []
    assert "Bonn" in told(coalition, "offices", "list", *here, "--as-of", "2020").stdout
    assert "0 in all" in told(coalition, "offices", "ending", *here).stdout


async def test_what_is_wrong_is_said_in_one_line(coalition: System) -> None:
    for words, reason in (
        (("members", "show", "nobody"), "there is no member 'nobody'"),
        (("practices", "history", "none"), "nothing was ever said"),
        (("members", "list", "--as-of", "18.1.2010"), "YYYY-MM-DD"),
        (("reports", "list", "--state", "late"), "state"),
        (("members", "import", "missing.csv"), "missing.csv"),
    ):
        answer = told(coalition, *words)
        assert answer.returncode == 1
        assert reason in answer.stdout
        assert answer.stdout.count("\n") == 1
        assert not answer.stderr
