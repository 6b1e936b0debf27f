"""The `coalition` command as a person uses it, on the running services."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.command import found, run
from tests.e2e.region import LOCAL, Region, founded, members
from tests.system import System


async def test_a_file_in_a_look_around_and_a_file_out(coalition: System, tmp_path: Path) -> None:
    region = founded(coalition)
    file, out = tmp_path / "members.csv", tmp_path / "out.jsonl"
    file.write_text(members(region) + f'"{region.id}","Z","","ZZ","city","2016",""\r\n')
    refused = run(coalition, "members", "import", str(file))
    assert (refused.returncode, "not an ISO 3166-1" in refused.stdout) == (1, True)
    assert found(coalition, "members", "import", str(file), "--only-good")["changed"] == 2
    await region.has("plans", "commitments", 20)

    assert run(coalition, "members", "export", str(out)).returncode == 0
    again = found(coalition, "members", "import", str(out))
    assert (again["changed"], again["bad"], again["events"]) == (0, 0, 0)
    look_around(coalition, region)


def look_around(coalition: System, region: Region) -> None:
    here = ("--coalition", region.id)
    assert [m["kind"] for m in found(coalition, "members", "list", *here)] == ["city", "city"]
    assert found(coalition, "members", "list", *here, "--as-of", "2007") == []
    (moroccan,) = found(coalition, "members", "list", *here, "--country", "MA")
    assert LOCAL in run(coalition, "members", "list", *here).stdout
    assert "signed" in run(coalition, "members", "show", moroccan["id"]).stdout
    (said,) = found(coalition, "members", "history", moroccan["id"])
    assert said["source"] == "/coalition/membership/import"
    numbers = found(coalition, "coalitions", "statistics", region.id, "--as-of", "2010-01-18")
    assert (numbers["members"], numbers["countries"]) == (1, 1)
    assert region.id in run(coalition, "coalitions", "list").stdout
    assert region.id in run(coalition, "plans", "list").stdout
    assert len(found(coalition, "commitments", "list", *here, "--state", "open")) == 2
    assert found(coalition, "commitments", "compare", *here)["total"] == 20
    assert "To look at first" in run(coalition, "commitments", "compare", *here).stdout
    assert found(coalition, "reports", "list", *here) == []
    assert found(coalition, "conferences", "list", *here) == []
    assert "0 in all" in run(coalition, "practices", "list", *here).stdout


async def test_what_is_wrong_is_said_in_one_line(coalition: System) -> None:
    for words, reason in (
        (("members", "show", "nobody"), "there is no member 'nobody'"),
        (("practices", "history", "none"), "nothing was ever said"),
        (("members", "list", "--as-of", "18.1.2010"), "YYYY-MM-DD"),
        (("reports", "list", "--state", "late"), "state"),
        (("members", "import", "missing.csv"), "missing.csv"),
    ):
        answer = run(coalition, *words)
        assert answer.returncode == 1
        assert reason in answer.stdout
        assert answer.stdout.count("\n") == 1
        assert not answer.stderr
