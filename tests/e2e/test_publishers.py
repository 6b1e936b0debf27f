"""Publishers with an inbox of their own: each speaks as itself, and floods itself alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import pytest
from pymongo import MongoClient

from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from shared.pipeline.headers import REPLAY_HEADER
from tests.e2e.alone import INBOX, Installation, installation
from tests.parts import Parts, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BERLIN: Final = catalogue.publisher_inbox("membership", "berlin")
ROME: Final = catalogue.publisher_inbox("membership", "rome")
SELF: Final = catalogue.self_topic("membership")
WINDOW: Final = 100
FOUNDED: Final = "coalition.membership.CoalitionFounded.v1"
LAUNCHED: Final = "coalition.membership.CoalitionLaunched.v1"


def publisher(name: str, **more: Any) -> dict[str, Any]:
    sources = [f"urn:{name}", f"https://{name}.example/*"]
    return {"name": name, "sources": sources, "types": [FOUNDED], "coalitions": ["*"], **more}


@pytest.fixture
def here(parts: Parts, tmp_path: Path) -> Iterator[Installation]:
    file = tmp_path / "publishers.json"
    known = [publisher("berlin"), publisher("rome", coalitions=["rome-1", "rome-2"])]
    file.write_text(json.dumps({"publisher": known}))
    with installation(parts, tmp_path) as made:
        made.settings = {
            "COALITION_PUBLISHERS_FILE": str(file),
            "COALITION_REJECTED_WINDOW": str(WINDOW),
        }
        made.start()
        yield made


def event(topic: str, source: str, id_: str, type_: str = FOUNDED, **more: str) -> Outgoing:
    coalition = more.pop("coalition", id_)
    about = {"launched": "2020"} if type_ == LAUNCHED else {"name": coalition}
    data = {"coalition": coalition, **about}
    headers = cloudevents.binary_headers(source=source, id_=id_, type_=type_)
    more_headers = [(name, value.encode()) for name, value in more.items()]
    return Outgoing(topic, b"key", json.dumps(data).encode(), [*headers, *more_headers])


def rejected(here: Installation) -> dict[str, int]:
    """How many records were rejected, by topic and code."""
    found: dict[str, int] = {}
    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        for entry in client[here.database()]["journal"].find({"outcome": "rejected"}):
            topic = entry["origin"].rpartition("/")[0].rpartition("/")[0].partition(".")[2]
            what = f"{topic} {entry['code']}"
            found[what] = found.get(what, 0) + 1
    return found


def became(here: Installation, source: str, id_: str) -> list[str]:
    answer = here.ask("GET", f"/events/{quote(source, safe='')}/{id_}")
    return [one["outcome"] for one in answer.json()["items"]] if answer.is_success else []


async def test_each_speaks_as_itself_and_a_squatter_takes_nobodys_id(here: Installation) -> None:
    await here.ready()
    squatted = [
        event(ROME, "urn:berlin", "squatted", coalition="rome-1"),
        event(INBOX, "urn:berlin", "squatted"),
        event(INBOX, "https://berlin.example/cases", "squatted"),
        event(INBOX, "/coalition/membership", "reaction"),
        event(BERLIN, "/coalition/membership/import", "imported"),
        event(SELF, "urn:berlin", "squatted"),
        event(catalogue.events("plans"), "urn:x", "x", "coalition.plans.ReportSubmitted.v1"),
        event(INBOX, "urn:free", "again", **{REPLAY_HEADER: f"{INBOX}/0/0"}),
    ]
    forbidden = [
        event(BERLIN, "urn:berlin", "launched", LAUNCHED),
        event(ROME, "urn:rome", "elsewhere", coalition="paris-1"),
    ]
    good = [
        event(BERLIN, "urn:berlin", "squatted"),
        event(ROME, "https://rome.example/a", "rome-2"),
        event(INBOX, "urn:free", "free"),
    ]
    await here.produce(*squatted, *forbidden)
    await here.read_all()
    assert here.decided() == set()
    assert became(here, "urn:berlin", "squatted") == [], "nobody is answered for another"
    await here.produce(*good)
    await here.read_all()
    assert here.decided() == {"squatted", "rome-2", "free"}
    assert became(here, "urn:berlin", "squatted") == ["accepted"]
    assert rejected(here) == {
        "membership.inbox.v1 source": 4,
        "membership.inbox.v1.rome source": 1,
        "membership.inbox.v1.rome forbidden": 1,
        "membership.inbox.v1.berlin source": 1,
        "membership.inbox.v1.berlin forbidden": 1,
        "membership.self.v1 source": 1,
        "plans.events.v1 source": 1,
    }


async def test_a_replay_is_judged_as_where_it_was_first_read(here: Installation) -> None:
    await here.ready()
    await here.produce(event(ROME, "urn:berlin", "squatted", coalition="rome-1"))
    await here.read_all()
    assert rejected(here) == {"membership.inbox.v1.rome source": 1}
    with MongoClient[dict[str, Any]](here.parts.mongodb) as client:
        origin = client[here.database()]["journal"].find_one({"code": "source"})["origin"]  # type: ignore[index]  # it is there
    for expected in (1, 1):
        done = here.coalition("rejected", "replay", "membership", origin)
        assert done.returncode == 0, done.stdout
        await here.read_all()
        assert rejected(here)["membership.self.v1 source"] >= expected
    assert here.decided() == set()
    nothing = here.coalition("rejected", "replay", "membership", origin.replace("rome", "berlin"))
    assert nothing.returncode == 1
    assert "berlin" in nothing.stdout


def halted(here: Installation) -> dict[str, bool]:
    """Which inboxes have too much rejected, and whether they are read no more."""
    answer = here.ask("GET", "/readyz")
    assert answer.status_code == 200, "it is ready for the others"
    return {topic: one["stops"] for topic, one in answer.json()["inboxes"].items()}


async def test_a_flood_stops_its_publishers_inbox_alone_across_restarts(
    here: Installation,
) -> None:
    await here.ready()
    junk = Outgoing(BERLIN, b"key", b"x" * 6, [])
    for _ in range(3):
        # Half of what halts each time: it is counted on after a restart.
        await here.produce(*[junk] * (WINDOW // 4))
        await here.read_all()
        here.end()
        here.start()
        await here.ready()
    inbox = here.kafka.topic(BERLIN)

    async def is_halted() -> bool:
        return halted(here) == {inbox: True}

    await eventually(is_halted)
    assert "inbox_halted" in here.log.read_text()
    here.end()
    here.start()
    await here.ready()
    await eventually(is_halted)

    left = event(BERLIN, "urn:berlin", "left")
    await here.produce(left, event(ROME, "urn:rome", "rome-1"), event(INBOX, "urn:free", "free"))

    async def others_are_read() -> bool:
        return here.decided() == {"rome-1", "free"}

    await eventually(others_are_read)
    assert halted(here) == {inbox: True}
    assert here.coalition("consumer", "resume", "membership").returncode == 0
    await here.read_all()
    assert here.decided() == {"left", "rome-1", "free"}
    assert halted(here) == {}
    assert "had no inbox halted" in here.coalition("consumer", "resume", "membership").stdout


async def test_a_flood_on_the_plain_inbox_only_alerts(here: Installation) -> None:
    await here.ready()
    await here.produce(*[Outgoing(INBOX, b"key", b"x" * 6, [])] * (2 * WINDOW))
    await here.produce(event(INBOX, "urn:free", "free"), event(BERLIN, "urn:berlin", "berlin"))
    await here.read_all()
    assert here.decided() == {"free", "berlin"}

    async def is_told() -> bool:
        return halted(here) == {here.kafka.topic(INBOX): False}

    await eventually(is_told)


async def test_a_file_with_an_unknown_type_ends_the_service_before_it_reads(
    here: Installation, tmp_path: Path
) -> None:
    here.end()
    wrong = publisher("berlin", types=["coalition.membership.CoalitionFoundd.v1"])
    (tmp_path / "wrong.json").write_text(json.dumps({"publisher": [wrong]}))
    here.start(COALITION_PUBLISHERS_FILE=str(tmp_path / "wrong.json"))
    assert here.process
    assert here.process.wait(60) == 2
    assert f"COALITION_PUBLISHERS_FILE: berlin: {wrong['types'][0]}" in here.log.read_text()
    assert f"the nearest is '{FOUNDED}'" in here.log.read_text()
