"""Make `history/events.jsonl` from the facts: one CloudEvent a line, as precise as its source.

    python data/make_history.py FOLDER_OF_FACTS

Nothing is added: a date that no source gives has no event, or is left out of it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HISTORY: Final = Path(__file__).parent / "history" / "events.jsonl"
SOURCE: Final = "urn:coalition:history"
INTERNATIONAL: Final = "international"
_STEPS: Final = {
    "council_decision": ("CityDecided", "decided"),
    "signed": ("CitySigned", "signed"),
    "admitted": ("MemberAdmitted", "admitted"),
}
Facts = dict[str, Any]


def event(owner: str, name: str, id_: str, data: Facts) -> Facts:
    """A CloudEvent; the coalition is the partition key, so that its history stays in order."""
    return {
        "specversion": "1.0",
        "id": id_,
        "source": SOURCE,
        "type": f"coalition.{owner}.{name}.v1",
        "partitionkey": data["coalition"],
        "datacontenttype": "application/json",
        "data": {key: value for key, value in data.items() if value is not None},
    }


def of_international(facts: Facts) -> Iterator[Facts]:
    """The coalition above the regional ones."""
    id_, renamed = INTERNATIONAL, facts["renamed"]
    initiated = {"coalition": id_, "name": facts["name"], "in_creation_since": facts["initiated"]}
    yield event("membership", "CoalitionFounded", f"{id_}/founded", initiated)
    yield launch(id_, facts["launched"])
    new_name = {"coalition": id_, "renamed": renamed["year"], "name": renamed["to"]}
    yield event("membership", "CoalitionRenamed", f"{id_}/renamed", new_name)


def launch(id_: str, facts: Facts) -> Facts:
    """A coalition's launch."""
    data = {
        "coalition": id_,
        "launched": facts["date"],
        "place": facts.get("place"),
        "occasion": facts.get("occasion"),
    }
    return event("membership", "CoalitionLaunched", f"{id_}/launched", data)


def of_coalition(facts: Facts, local_names: dict[tuple[str, str], str]) -> Iterator[Facts]:
    """A coalition's founding, launch, lead cities, conferences and what was counted."""
    id_, founded = facts["id"], facts["founded"] or {}
    founding = {
        "coalition": id_,
        "name": facts["name"],
        "acronym": facts["acronym"],
        "parent": INTERNATIONAL,
        "founded": founded.get("date"),
        "in_creation_since": facts.get("in_creation_since"),
        "place": founded.get("place"),
    }
    yield event("membership", "CoalitionFounded", f"{id_}/founded", founding)
    if facts["launched"]:
        yield launch(id_, facts["launched"])
    for lead in facts["lead_cities"]:
        data = {
            "coalition": id_,
            "city": city(lead, local_names),
            "since": lead["from"],
            "until": lead["until"],
            "area": lead.get("area"),
        }
        yield event("membership", "LeadCityDesignated", f"{id_}/lead/{lead['city']}", data)
    for conference in facts["conferences"]:
        yield of_conference(id_, conference, local_names)
    for count in facts["member_counts"]:
        yield of_count(id_, count)


def city(facts: Facts, local_names: dict[tuple[str, str], str]) -> Facts:
    """A city as events name it."""
    named = {
        "name": facts["city"],
        "local_name": local_names.get((facts["country"], facts["city"])),
        "country": facts["country"],
        "kind": "city",
    }
    return {key: value for key, value in named.items() if value}


def of_conference(id_: str, facts: Facts, local_names: dict[tuple[str, str], str]) -> Facts:
    """A conference, with what is said of the attendance."""
    conference = f"{id_}-{facts['from'][:4]}-{facts['city'].lower()}"
    represented = facts.get("cities_represented")
    data = {
        "conference": conference,
        "coalition": id_,
        "title": facts["title"],
        "place": facts["city"],
        "host": city(facts, local_names),
        "begins": facts["from"],
        "ends": facts["to"],
        "represented": f"{represented} cities" if represented else None,
    }
    return event("membership", "ConferenceAnnounced", f"{id_}/conference/{conference}", data)


def of_count(id_: str, facts: Facts) -> Facts:
    """A number of members that a public source gives."""
    data = {
        "coalition": id_,
        "as_of": facts["as_of"],
        "members": facts["cities"],
        "countries": facts["countries"],
    }
    return event("membership", "MembershipCounted", f"{id_}/counted/{facts['as_of']}", data)


def of_plan(facts: Facts) -> Facts:
    """A published Ten-Point Plan."""
    names = ("coalition", "version", "adopted", "commitments")
    id_ = f"{facts['coalition']}/plan/{facts['version']}"
    return event("plans", "PlanPublished", id_, {name: facts[name] for name in names})


def of_member(facts: Facts) -> Iterator[Facts]:
    """The dated steps of one member."""
    names = ("name", "local_name", "country", "kind")
    member = {name: facts[name] for name in names if facts.get(name)}
    for step, (type_, field) in _STEPS.items():
        if step in facts:
            data = {"coalition": facts["coalition"], "member": member, field: facts[step]}
            id_ = f"{facts['coalition']}/{facts['kind']}/{facts['name']}/{field}"
            yield event("membership", type_, id_, data)


def history(folder: Path) -> Iterator[Facts]:
    """All events that the facts support, coalitions first."""
    facts: Facts = {}
    for name in ("coalitions", "members", "plans"):
        facts |= json.loads((folder / f"{name}.json").read_text())
    members = facts["members"]
    local_names = {
        (m["country"], m["name"]): m["local_name"]
        for m in members
        if m["kind"] == "city" and "local_name" in m
    }
    yield from of_international(facts["international"])
    for coalition in facts["coalitions"]:
        yield from of_coalition(coalition, local_names)
    yield from map(of_plan, facts["plans"])
    for member in members:
        yield from of_member(member)


if __name__ == "__main__":
    lines = [json.dumps(e, ensure_ascii=False) + "\n" for e in history(Path(sys.argv[1]))]
    HISTORY.parent.mkdir(exist_ok=True)
    HISTORY.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} events\n")
