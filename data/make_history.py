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


def of_coalition(facts: Facts, local_names: dict[tuple[str, str], str]) -> Iterator[Facts]:
    """A coalition's founding, launch and lead cities."""
    id_, founded, launched = facts["id"], facts["founded"] or {}, facts["launched"]
    founding = {
        "coalition": id_,
        "name": facts["name"],
        "acronym": facts["acronym"],
        "founded": founded.get("date"),
        "in_creation_since": facts.get("in_creation_since"),
        "place": founded.get("place"),
    }
    yield event("membership", "CoalitionFounded", f"{id_}/founded", founding)
    if launched:
        data = {
            "coalition": id_,
            "launched": launched["date"],
            "place": launched.get("place"),
            "occasion": launched.get("occasion"),
        }
        yield event("membership", "CoalitionLaunched", f"{id_}/launched", data)
    for lead in facts["lead_cities"]:
        city = {
            "name": lead["city"],
            "local_name": local_names.get((lead["country"], lead["city"])),
            "country": lead["country"],
            "kind": "city",
        }
        data = {
            "coalition": id_,
            "city": {key: value for key, value in city.items() if value},
            "since": lead["from"],
            "until": lead["until"],
            "area": lead.get("area"),
        }
        yield event("membership", "LeadCityDesignated", f"{id_}/lead/{lead['city']}", data)


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
    coalitions, members, plans = (
        json.loads((folder / f"{name}.json").read_text())[name]
        for name in ("coalitions", "members", "plans")
    )
    local_names = {
        (m["country"], m["name"]): m["local_name"]
        for m in members
        if m["kind"] == "city" and "local_name" in m
    }
    for coalition in coalitions:
        yield from of_coalition(coalition, local_names)
    yield from map(of_plan, plans)
    for member in members:
        yield from of_member(member)


if __name__ == "__main__":
    lines = [json.dumps(e, ensure_ascii=False) + "\n" for e in history(Path(sys.argv[1]))]
    HISTORY.parent.mkdir(exist_ok=True)
    HISTORY.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} events\n")
