"""The `coalition` command as a person uses it, on the running services."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

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


async def test_a_signature_is_rehearsed_and_recorded_without_json_over_both_ways(
    coalition: System,
) -> None:
    region = founded(coalition)
    name = f"Bonn {region.id}"
    id_ = f"de-city-bonn-{region.id}"
    bonn = ("--member.name", name, "--member-country", "DE", "--member-kind", "city")
    signed = ("CitySigned", "--coalition", region.id, *bonn)

    rehearsed = run(coalition, "say", *signed, "--signed", "2006-08", "--dry-run")
    assert "It would be accepted; nothing is recorded yet." in rehearsed.stdout
    assert "steps" in rehearsed.stdout
    assert found(coalition, "members", "list", "--coalition", region.id) == []
    accepted = run(coalition, "say", *signed, "--signed", "2006-08")
    assert accepted.stdout.splitlines()[0] == "Accepted."
    assert f"{name} signed ({id_})" in accepted.stdout
    again = run(coalition, "say", *signed, "--signed", "2006-08")
    assert "the record says so already" in again.stdout
    again = run(coalition, "say", *signed, "--signed", "2006-08", "--dry-run")
    assert "It would change nothing" in again.stdout

    admitted = ("MemberAdmitted", "--coalition", region.id, "--member", id_)
    source = f"urn:test:{uuid.uuid4().hex}"
    over_kafka = found(coalition, "say", *admitted, "--admitted=2007", "--kafka", source)
    assert (over_kafka["outcome"], over_kafka["source"]) == ("accepted", source)
    for how, words in (
        ((), "Refused: "),
        (("--dry-run",), "It would be refused: "),
        (("--kafka", source), "Refused: "),
    ):
        unknown = ("ConditionMet", "--coalition", region.id, "--member", "de-city-nobody")
        refused = run(coalition, "say", *unknown, "--met", "2007", *how)
        assert refused.returncode == 1
        assert refused.stdout.startswith(words)
        assert refused.stdout.count("\n") == 1


async def test_a_person_is_subscribed_without_json_and_forgotten(coalition: System) -> None:
    address = f"{uuid.uuid4().hex}@example.org"
    person = ("--name", "Ada", "--address", address, "--role", "observer")
    subscribed = found(coalition, "subscribe", *person, "--zone", "Africa/Dakar")
    assert subscribed["zone"] == "Africa/Dakar"
    wrong = run(coalition, "subscribe", *person, "--zone", "Africa/Dakkar")
    assert (wrong.returncode, "the nearest is 'Africa/Dakar'" in wrong.stdout) == (2, True)
    assert address in run(coalition, "subscriptions", "list", "--json").stdout
    changed = found(coalition, "subscriptions", "change", address, "--language", "fr")
    assert (changed["language"], changed["zone"]) == ("fr", "Africa/Dakar")
    assert found(coalition, "subscriptions", "show", subscribed["id"]) == changed
    assert run(coalition, "subscriptions", "remove", subscribed["id"]).returncode == 0
    assert address not in run(coalition, "subscriptions", "list", "--json").stdout


async def test_people_are_subscribed_from_a_file_and_again_with_what_it_says_then(
    coalition: System, tmp_path: Path
) -> None:
    file, address = tmp_path / "people.json", f"{uuid.uuid4().hex}@example.org"
    person = {"name": "Ada", "address": address, "role": "observer"}
    file.write_text(json.dumps([person]))
    assert run(coalition, "subscriptions", "import", str(file)).stdout.startswith("1 new")
    bad = {**person, "address": f"b{address}", "coalitions": ["nowhere-at-all"]}
    file.write_text(json.dumps([{**person, "language": "ar"}, bad]))
    answer = run(coalition, "subscriptions", "import", str(file))
    assert (answer.returncode, "0 new, 1 changed, 1 refused." in answer.stdout) == (1, True)
    assert found(coalition, "subscriptions", "show", address)["language"] == "ar"


async def test_a_table_of_people_is_led_to_be_mended_and_leaves_rules_as_they_are(
    coalition: System, tmp_path: Path
) -> None:
    file, address = tmp_path / "people.csv", f"{uuid.uuid4().hex}@example.org"

    def imported(role: str, coalitions: str = "", zone: str = "") -> tuple[int, str]:
        head = "name,address,role,coalitions,zone"
        file.write_text(f"{head}\nAda,{address},{role},{coalitions},{zone}\n")
        answer = run(coalition, "subscriptions", "import", str(file))
        return answer.returncode, answer.stdout

    code, said = imported("observr", zone="Africa/Dakkar")
    assert (code, "'observer'" in said, "'Africa/Dakar'" in said) == (1, True, True)
    assert "Nobody was taken" in said
    code, said = imported("observer", coalitions="nowhere-at-all")
    assert (code, f"row 2, {address}: " in said, "1 refused" in said) == (1, True, True)
    assert "notifications has read of no coalition" in said
    assert imported("observer", zone="Africa/Dakar") == (0, "1 new, 0 changed, 0 refused.\n")

    rules = tmp_path / "people.json"
    person = {"name": "Ada", "address": address, "role": "observer", "zone": "Africa/Dakar"}
    rules.write_text(json.dumps([{**person, "rules": [{"how": "daily"}]}]))
    assert run(coalition, "subscriptions", "import", str(rules)).returncode == 0
    assert imported("secretariat") == (0, "0 new, 1 changed, 0 refused.\n")
    now = found(coalition, "subscriptions", "show", address)
    assert (now["role"], now["zone"], len(now["rules"])) == ("secretariat", "Africa/Dakar", 1)


async def test_conferences_papers_and_conventions_are_said_and_asked_for(coalition: System) -> None:
    region = founded(coalition)
    name, id_, there = f"Bonn {region.id}", f"de-city-bonn-{region.id}", f"{region.id}-general"
    bonn = ("--member.name", name, "--member.country", "DE", "--member.kind", "city")
    here = ("--coalition", region.id)

    def say(*words: str) -> None:
        answer = run(coalition, "say", *words)
        assert answer.returncode == 0, answer.stdout

    version = [word for n in range(1, 11) for word in ("--commitments", f"Point {n}")]
    icerd = ("--points.1.instruments.name", f"ICERD {region.id}", "--points.10.areas", "housing")
    say("PlanPublished", *here, "--version", "2", *version, *icerd)
    say("CitySigned", *here, *bonn, "--signed", "2006")
    say("ConferenceAnnounced", *here, "--conference", there, "--title=Assembly", "--begins=2030")
    say("ConferenceRegistered", *here, "--conference", there, "--members", id_)
    say("ConferenceCancelled", *here, "--conference", there, "--cancelled", "2026-10")
    (taking_part,) = found(coalition, "conferences", "participants", there)
    assert (taking_part["id"], taking_part["attended"]) == (id_, False)
    assert "2026-10" in run(coalition, "conferences", "list", *here).stdout

    paper = ("--publication", f"{region.id}-paper", "--kind", "paper", "--title", "On data")
    say("PublicationAnnounced", *here, *paper, "--announced", "2020")
    (listed,) = found(coalition, "publications", "list", *here, "--kind", "paper")
    assert found(coalition, "publications", "show", listed["id"]) == listed
    assert found(coalition, "publications", "list", *here, "--kind", "news") == []

    (mention,) = found(coalition, "conventions", "list", *here)
    assert (mention["name"], mention["point"]) == (f"ICERD {region.id}", 1)

    async def holds() -> bool:
        return bool(found(coalition, "commitments", "list", *here, "--state", "open"))

    await eventually(holds)
    assert found(coalition, "conventions", "members", f"ICERD {region.id}") == []
    progress = ("--point", "1", "--status", "in progress", "--as-of", "2020")
    say("CommitmentUpdated", "--member", id_, *progress)
    (acting,) = found(coalition, "conventions", "members", f"ICERD {region.id}")
    assert acting["member"]["id"] == id_
    by_name = ("members", "list", *here, "--name", f"bonn {region.id}")
    assert [one["id"] for one in found(coalition, *by_name)] == [id_]


async def test_what_is_published_of_a_type_is_printed_as_it_comes(coalition: System) -> None:
    region = founded(coalition)
    region.tell("membership", "CoalitionLaunched", launched="2020")
    printed = run(coalition, "events", "tail", "coalitionlaunched", "--beginning", "--count", "1")
    (line,) = printed.stdout.splitlines()
    event = json.loads(line)
    assert event["type"] == "coalition.membership.CoalitionLaunched.v1"
    assert event["dataschema"] == f"urn:coalition:{event['type']}"
    assert event["stream"] == f"coalitions/{event['data']['coalition']}"
    schema = coalition.request("membership", "GET", f"/schemas/{event['type']}.json").json()
    assert schema["$id"] == event["dataschema"]
    Draft202012Validator(schema).validate(event["data"])
