"""The largest events that are taken, on real parts: what one service accepts the others read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cli.report import rejections
from services.manifests import MANIFESTS
from shared import cloudevents
from shared.contracts import catalogue
from shared.kafka.producer import Outgoing
from tests.logs import LONGEST_LINE
from tests.system import SERVICES
from tests.unit.story import NO_NEWS, STORY, full

if TYPE_CHECKING:
    from tests.system import System

SOURCE = "urn:test:full"


def record(number: int, name: str, facts: dict[str, Any]) -> Outgoing:
    if "withdrawn" in facts:  # after all that the clock has made of the story by today
        facts = {"withdrawn": datetime.now(UTC).date().isoformat()}
    type_ = f"coalition.{name}.v1"
    body = json.dumps(full(type_, 0, facts), ensure_ascii=False).encode()
    topic, source = way_of(name)
    headers = cloudevents.binary_headers(source=source, id_=f"full-{number}", type_=type_)
    return Outgoing(topic, b"full", body, headers)


def way_of(name: str) -> tuple[str, str]:
    """The topic and the source of an event; what a service alone says, it says to itself."""
    owner, _, kind = name.partition(".")
    if kind in {event.__name__ for event in MANIFESTS[owner].tells_itself}:
        return catalogue.self_topic(owner), catalogue.source(owner)
    return catalogue.inbox(owner), SOURCE


async def rejected_elsewhere(coalition: System) -> dict[str, list[str]]:
    """What services rejected of the events that another of them had accepted."""
    found = {}
    for name in SERVICES:
        records = await rejections(coalition.endpoints, name)
        found[name] = [origin for origin in records if ".events." in origin]
    return found


async def test_a_story_filled_to_the_brim_is_read_by_all_three_services(coalition: System) -> None:
    before = await rejected_elsewhere(coalition)
    story = [(name.partition(".")[0], record(n, name, f)) for n, (name, f) in enumerate(STORY)]
    for _, part in groupby(story, lambda one: one[1].topic):  # order holds within a topic alone
        await coalition.produce(*(outgoing for _, outgoing in part))
        await coalition.settled()
    assert await rejected_elsewhere(coalition) == before
    for number, (owner, _) in enumerate(story):
        name = STORY[number][0]
        path = f"/events/{quote(way_of(name)[1], safe='')}/full-{number}"
        [became] = coalition.request(owner, "GET", path).json()["items"]
        # By another clock than the story's, a rule of plans may say otherwise.
        codes = {"accepted", "unchanged"} | ({"rejected"} if owner == "plans" else set())
        codes |= {NO_NEWS[name].value} if name in NO_NEWS else set()
        assert became["outcome"] in codes, (name, became.get("reason"))
    for name in SERVICES:
        assert coalition.request(name, "GET", "/readyz").is_success
        log = (coalition.logs / f"{name}.log").read_text()
        assert max(map(len, log.splitlines()), default=0) < LONGEST_LINE
