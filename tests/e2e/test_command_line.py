"""The `coalition` command as a person uses it, on the running services."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from tests.e2e.command import found, run
from tests.e2e.region import LOCAL, TITLES, Region, founded, members
from tests.inbox import consumed
from tests.parts import eventually
from tests.system import System


async def test_a_file_in_a_look_around_and_a_file_out(coalition: System, tmp_path: Path) -> None:
    region = founded(coalition)
    file, out = tmp_path / "members.csv", tmp_path / "out.jsonl"
    file.write_text(members(region) + f'"{region.id}","Z","","ZZ","city","2016",""\r\n')
    refused = run(coalition, "members", "import", str(file))
    assert (refused.returncode, "not an ISO 3166-1" in refused.stdout) == (1, True)
    assert found(coalition, "members", "import", str(file), "--only-good")["new"] == 2
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
    region.tell("plans", "PlanPublished", version=2, commitments=TITLES)
    owed = found(coalition, "owed", *here, "--what", "plan")
    assert [one["about"] for one in owed] == ["version 2; it is on version 1"] * 2
    assert "2 in all" in run(coalition, "owed", *here).stdout
    stood = run(coalition, "commitments", "progress", moroccan["id"], "--as-of", "2010").stdout
    assert "Commitments on 2010-12-31: 0 %" in stood
    assert found(coalition, "conferences", "list", *here) == []
    assert "0 in all" in run(coalition, "practices", "list", *here).stdout


async def test_an_attendee_list_in_and_offices_as_of_a_day(
    coalition: System, tmp_path: Path
) -> None:
    region = founded(coalition)
    file, name = tmp_path / "attended.csv", f"{region.id}-bonn"
    header = "conference,coalition,title,begins,part,name,country,kind"
    rows = [f"{name},{region.id},Assembly,2020,attended,{city},DE,city" for city in ("Bonn", "Ulm")]
    file.write_text("\n".join([header, *rows]))
    assert found(coalition, "conferences", "import", str(file))["new"] == 2
    await region.has("membership", "conferences", 2)
    assert found(coalition, "conferences", "import", str(file))["unchanged"] == 2
    (listed,) = found(coalition, "conferences", "list", "--coalition", region.id)
    assert [member["name"] for member in listed["members"]] == ["Bonn", "Ulm"]

    city = {"name": "Bonn", "country": "DE", "kind": "city"}
    region.tell("membership", "OfficeTaken", office="president", city=city, since="2019-06")
    here = ("--coalition", region.id)

    async def is_listed() -> bool:
        return bool(found(coalition, "offices", "list", *here))

    await eventually(is_listed)
    assert found(coalition, "offices", "list", *here, "--as-of", "2018") == []
    assert "Bonn" in run(coalition, "offices", "list", *here, "--as-of", "2020").stdout
    assert "0 in all" in run(coalition, "offices", "ending", *here).stdout


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


async def test_what_was_rejected_is_listed_by_city_and_sender_until_it_is_mended(
    coalition: System,
) -> None:
    name, source = f"c-{uuid.uuid4().hex}", f"urn:test:{uuid.uuid4().hex}"

    def say(id_: str, kind: str, data: dict[str, Any]) -> Outgoing:
        type_ = f"coalition.membership.{kind}.v1"
        headers = cloudevents.binary_headers(source=source, id_=id_, type_=type_)
        return Outgoing(catalogue.inbox("membership"), b"k", json.dumps(data).encode(), headers)

    launched = {"coalition": name, "launched": "2020"}
    broken = {"coalition": name, "launched": "soon", "by": "Jane Doe"}
    await coalition.produce(
        say("1", "CoalitionLaunched", launched), say("2", "CoalitionLaunched", broken)
    )
    await consumed(coalition)
    here = ("rejected", "list", "--source", source)
    membership = found(coalition, *here)["membership"]["items"]
    assert [(one["about"], one["event"], one["code"]) for one in membership] == [
        (name, "CoalitionLaunched", "contract"),
        (name, "CoalitionLaunched", "rule"),
    ]
    shown = run(coalition, *here, "--code", "contract", columns=80).stdout
    assert name in shown
    assert source in shown
    assert "Jane Doe" not in shown
    assert (
        "Jane Doe"
        in run(coalition, "rejected", "show", "membership", membership[0]["origin"]).stdout
    )

    await coalition.produce(
        say("3", "CoalitionFounded", {"coalition": name, "name": "Later"}),
        say("4", "CoalitionLaunched", launched),
    )
    await consumed(coalition)
    mended = found(coalition, "rejected", "list", "membership", "--about", name)
    assert [one["mended"] for one in mended["membership"]["items"]] == ["a later event"] * 2
    still = found(coalition, *here, "--unmended")
    assert all(one["items"] == [] for one in still.values())
    assert run(coalition, "rejected", "list", "--since", "yesterday").returncode == 1
    assert run(coalition, "rejected", "list", "--after", "x").returncode == 2
