"""Make `history/events.jsonl` from the facts: one CloudEvent a line, as precise as its source.

    python -m data.make_history FOLDER_OF_FACTS

Nothing is added: a date that no source gives has no event, or is left out of it. Each event names
its source where the facts do, and what another source says instead.
"""

from __future__ import annotations

import json
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from data.coalition_history import (
    INTERNATIONAL,
    common,
    decision,
    event,
    of_coalition,
    of_international,
    of_offices,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from data.coalition_history import Facts, LocalNames

HISTORY: Final = Path(__file__).parent / "history" / "events.jsonl"

_STEPS: Final = {
    "applied": ("MemberApplied", "applied"),
    "council_decision": ("CityDecided", "decided"),
    "signed": ("CitySigned", "signed"),
    "admitted": ("MemberAdmitted", "admitted"),
}
_SIGNED_AT: Final = {"Declaration of Intention": "applied"}
"""With which step a paper was signed, where that is not the signature."""


# --- plans and members ------------------------------


def of_plan(facts: Facts) -> Facts:
    """A published Ten-Point Plan."""
    names = ("coalition", "version", "adopted", "commitments")
    id_ = f"{facts['coalition']}/plan/{facts['version']}"
    read = {"source": facts["source"]}
    return event("plans", "PlanPublished", id_, {name: facts[name] for name in names}, read)


def of_plan_in_part(facts: Facts) -> Iterator[Facts]:
    """Of a plan whose ten points no source lists: that it was agreed, or published."""
    id_ = facts["coalition"]
    if agreed := facts.get("agreed"):
        item = f"A Ten-Point Plan of Action was agreed by the {agreed['by']}"
        yield decision(id_, common(agreed["from"], agreed["to"]), item, agreed)
    if facts.get("published"):
        read = facts["sources"]["published"]
        data = {
            "publication": f"{id_}-ten-point-plan",
            "coalition": id_,
            "kind": "paper",
            "announced": facts["published"],
            "title": read["title"],
            "link": read["url"],
        }
        yield event("plans", "PublicationAnnounced", f"{id_}/plan/published", data)


def of_member(facts: Facts) -> Iterator[Facts]:
    """The dated steps of one member; what others claim stands beside the first of them."""
    names = ("name", "local_name", "country", "kind")
    member = {name: facts[name] for name in names if facts.get(name)}
    claims = facts.get("also_claimed", ())
    for step, (type_, field) in _STEPS.items():
        if step in facts:
            data = {"coalition": facts["coalition"], "member": member, field: facts[step]}
            data |= details(step, facts)
            id_ = f"{facts['coalition']}/{facts['kind']}/{facts['name']}/{field}"
            read = {"source": (facts.get("sources") or {}).get(step), "also_claimed": claims}
            yield event("membership", type_, id_, data, read)
            claims = ()


def details(step: str, facts: Facts) -> Facts:
    """What is said of a step besides its date."""
    if step == "council_decision":
        return {"body": "council"}
    if step == _SIGNED_AT.get(facts.get("instrument"), "signed"):
        return {"paper": facts.get("instrument")}
    is_unanimous = step == "admitted" and facts.get("vote") == "unanimous"
    return {"vote": {"unanimous": True}} if is_unanimous else {}


# --- all of it ------------------------------


def history(folder: Path) -> Iterator[Facts]:
    """All events that the facts support, coalitions first."""
    facts: Facts = {}
    for name in ("coalitions", "members", "plans"):
        facts |= json.loads((folder / f"{name}.json").read_text())
    local_names = names_of(facts["members"])
    international, coalitions = facts["international"], facts["coalitions"]
    yield from of_international(international, local_names)
    for coalition in coalitions:
        yield from of_coalition(coalition, local_names)
    # Offices last: a coalition may sit in the organ of another.
    for coalition in ({"id": INTERNATIONAL, **international}, *coalitions):
        yield from of_offices(coalition["id"], coalition, local_names)
    yield from map(of_plan, facts["plans"])
    yield from chain.from_iterable(map(of_plan_in_part, facts["plans_in_part"]))
    yield from chain.from_iterable(map(of_member, facts["members"]))


def names_of(members: list[Mapping[str, Any]]) -> LocalNames:
    """What cities call themselves, by country and name."""
    return {
        (m["country"], m["name"]): m["local_name"]
        for m in members
        if m["kind"] == "city" and "local_name" in m
    }


if __name__ == "__main__":
    lines = [json.dumps(e, ensure_ascii=False) + "\n" for e in history(Path(sys.argv[1]))]
    HISTORY.parent.mkdir(exist_ok=True)
    HISTORY.write_text("".join(lines))
    sys.stdout.write(f"{len(lines)} events\n")
