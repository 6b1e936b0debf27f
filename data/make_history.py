"""Make `history/events.jsonl` from the facts: one CloudEvent a line, as precise as its source.

    python data/make_history.py FOLDER_OF_FACTS

Nothing is added: a date that no source gives has no event, or is left out of it. Each event names
its source where the facts do, and what another source says instead.
"""

from __future__ import annotations

import json
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HISTORY: Final = Path(__file__).parent / "history" / "events.jsonl"
SOURCE: Final = "urn:coalition:history"
INTERNATIONAL: Final = "international"
BOARD: Final = "steering-committee"
Facts = dict[str, Any]
LocalNames = dict[tuple[str, str], str]

_STEPS: Final = {
    "applied": ("MemberApplied", "applied"),
    "council_decision": ("CityDecided", "decided"),
    "signed": ("CitySigned", "signed"),
    "admitted": ("MemberAdmitted", "admitted"),
}
_SIGNED_AT: Final = {"Declaration of Intention": "applied"}
"""With which step a paper was signed, where that is not the signature."""
_OFFICES: Final = {
    "president": "president",
    "vice-president": "vice-president",
    "secretariat": "secretariat",
    "president of the Global Steering Committee": "president",
    "vice-chair of the Global Steering Committee": "vice-chair",
    "representative on the Global Steering Committee": "representative",
    "chair of the Conference of Mayors' committee": "chair",
}
_MAYORS: Final = "conference-of-mayors-committee"
_MONTHS: Final = {"two years": 24}


# --- events, sources, claims ------------------------------


def event(owner: str, name: str, id_: str, data: Facts, facts: Facts | None = None) -> Facts:
    """A CloudEvent; the coalition is the partition key, so that its history stays in order.

    From the facts it takes their source, and what others claim instead.
    """
    more = {**sourced(facts), **data} if facts else data
    return {
        "specversion": "1.0",
        "id": id_,
        "source": SOURCE,
        "type": f"coalition.{owner}.{name}.v1",
        "partitionkey": data["coalition"],
        "datacontenttype": "application/json",
        "data": {key: value for key, value in more.items() if value is not None},
    }


def sourced(facts: Facts) -> Facts:
    """The source of facts, and what others claim instead."""
    claims = [claim for other in facts.get("also_claimed", ()) for claim in claims_of(other)]
    return {"source": source(facts.get("source")), "also_claimed": claims or None}


def source(facts: Facts | None) -> Facts | None:
    """Where a fact is read."""
    if not facts:
        return None
    named = {"title": facts["title"], "link": facts["url"], "date": facts["published"]}
    return {key: value for key, value in named.items() if value}


def claims_of(other: Facts) -> Iterator[Facts]:
    """What one other source says, field by field."""
    for field, value in other.items():
        if field != "source" and value is not None:
            claim = {
                "field": field.replace("_", " "),
                "value": value,
                "source": source(other["source"]),
            }
            yield {key: part for key, part in claim.items() if part}


# --- coalitions ------------------------------


def of_international(facts: Facts, local_names: LocalNames) -> Iterator[Facts]:
    """The coalition above the regional ones, and its Global Steering Committee."""
    id_, board = INTERNATIONAL, facts["global_steering_committee"]
    initiated = {"coalition": id_, "name": facts["name"], "in_creation_since": facts["initiated"]}
    read = {"source": facts["sources"]["initiated"]}
    yield event("membership", "CoalitionFounded", f"{id_}/founded", initiated, read)
    yield launch(id_, facts["launched"])
    yield renaming(id_, facts["renamed"])
    organ = {
        "coalition": id_,
        "organ": BOARD,
        "kind": "steering committee",
        "name": "Global Steering Committee",
        "established": board["established"],
        "place": board["place"],
    }
    yield event("membership", "OrganEstablished", f"{id_}/organ/{BOARD}", organ, board)
    yield from of_meetings(id_, facts, local_names)


def launch(id_: str, facts: Facts) -> Facts:
    """A coalition's launch."""
    data = {
        "coalition": id_,
        "launched": facts["date"],
        "place": facts.get("place"),
        "occasion": facts.get("occasion"),
    }
    return event("membership", "CoalitionLaunched", f"{id_}/launched", data, facts)


def renaming(id_: str, facts: Facts) -> Facts:
    """Another name from a date on."""
    data = {"coalition": id_, "renamed": facts["date"], "name": facts["to"]}
    return event("membership", "CoalitionRenamed", f"{id_}/renamed", data, facts)


def of_coalition(facts: Facts, local_names: LocalNames) -> Iterator[Facts]:
    """A coalition's founding, launch and names, its organs, meetings and what was counted."""
    id_ = facts["id"]
    yield from founding(facts)
    if facts["launched"]:
        yield launch(id_, facts["launched"])
    for renamed in facts.get("renamed", ()):
        yield renaming(id_, renamed)
    for lead in facts["lead_cities"]:
        data = {
            "coalition": id_,
            "city": city(lead, local_names),
            "since": lead["from"],
            "until": lead["until"],
            "area": lead.get("area"),
        }
        yield event("membership", "LeadCityDesignated", f"{id_}/lead/{lead['city']}", data, lead)
    yield from of_organs(facts)
    yield from of_meetings(id_, facts, local_names)


def founding(facts: Facts) -> Iterator[Facts]:
    """A coalition's founding, under its first name where one is recorded, and its creation."""
    id_, founded, renamed = facts["id"], facts["founded"] or {}, facts.get("renamed", [{}])[0]
    named = {"coalition": id_, "name": renamed.get("from", facts["name"])}
    data = {
        **named,
        "acronym": facts["acronym"],
        "parent": INTERNATIONAL,
        "founded": founded.get("date"),
        "place": founded.get("place"),
    }
    yield event("membership", "CoalitionFounded", f"{id_}/founded", data, founded)
    if since := facts.get("in_creation_since"):
        read = {"source": facts["sources"]["in_creation_since"]}
        data = {**named, "in_creation_since": since}
        yield event("membership", "CoalitionFounded", f"{id_}/in creation", data, read)
    if joining := facts.get("joining"):
        data = {**named, "papers": joining["documents"]}
        read = {"source": joining["source"]}
        yield event("membership", "CoalitionFounded", f"{id_}/papers", data, read)


def of_organs(facts: Facts) -> Iterator[Facts]:
    """The organs that offices and elections are of, and what is decided without a meeting."""
    id_, elections = facts["id"], facts.get("steering_committee", ())
    for number, elected in enumerate(elections):
        if number == 0:
            yield organ(id_, BOARD, "steering committee", "Steering Committee", elected)
        whom = f": {elected['members']}" if "members" in elected else ""
        item = f"The Steering Committee was elected for {elected['for']}{whom}"
        yield decision(id_, elected["elected"], item, elected)
    if any("Conference of Mayors" in o["office"] for o in facts.get("offices", ())):
        read = facts["offices"][0]
        yield organ(id_, _MAYORS, "committee", "Conference of Mayors' committee", read)
    if association := facts.get("association"):
        item = f"It was constituted as an association, with its seat in {association['seat']}"
        yield decision(id_, association["constituted"], item, association)
    if call := facts.get("call"):
        item = f"A coalition was called for: {call['occasion']}"
        yield decision(id_, call["date"], item, call, place=call["place"])
    for decided in facts.get("decisions", ()):
        what, place = decided["what"], decided["place"]
        yield decision(id_, decided["date"], what, decided, place=place)


def organ(id_: str, organ_id: str, kind: str, name: str, facts: Facts) -> Facts:
    """An organ of which no source says since when there is it."""
    data = {"coalition": id_, "organ": organ_id, "kind": kind, "name": name}
    read = {"source": facts["source"]}
    return event("membership", "OrganEstablished", f"{id_}/organ/{organ_id}", data, read)


def decision(id_: str, date: str, item: str, facts: Facts, **more: str | None) -> Facts:
    """What was decided, or declared."""
    name = f"{id_}-{date}-{slugify(item, max_length=60, word_boundary=True)}"
    data = {"coalition": id_, "decision": name, "decided": date, "item": item, **more}
    read = {"source": facts["source"]}
    return event("membership", "DecisionTaken", f"{id_}/decision/{name}", data, read)


# --- offices ------------------------------


def of_offices(id_: str, facts: Facts, local_names: LocalNames) -> Iterator[Facts]:
    """Who has which office; who only leads on the day of a source is seen in it."""
    seen = ({"office": "lead city", **lead} for lead in facts.get("lead_cities_seen", ()))
    for office in chain(facts.get("offices", ()), seen):
        name = f"{office['office']}/{office['city']}"
        data = of_office(id_, office, local_names)
        yield event("membership", "OfficeTaken", f"{id_}/office/{name}", data, office)
        for again in office.get("re_elected", ()):
            elected = {**data, "elected": again["date"]}
            which = f"{id_}/office/{name}/{again['date']}"
            yield event("membership", "OfficeTaken", which, elected, {"source": office["source"]})


def of_office(id_: str, facts: Facts, local_names: LocalNames) -> Facts:
    """A term of office, as far as it is dated."""
    name, organisation = facts["office"], facts.get("organisation")
    of_board = "Global Steering Committee" in name
    organs = {"Global": BOARD, "Conference": _MAYORS}
    organ_id = next((id_ for word, id_ in organs.items() if word in name), None)
    return {
        "coalition": INTERNATIONAL if of_board else id_,
        "office": _OFFICES.get(name, name),
        "organ": organ_id,
        "represents": id_ if name.startswith("representative") else None,
        "city": None if organisation else city(facts, local_names),
        "organisation": organisation,
        "since": facts.get("from"),
        "until": facts.get("until"),
        "seen": facts.get("seen"),
        "elected": facts.get("decided"),
        "term_months": _MONTHS.get(facts.get("term", "")),
    }


def city(facts: Facts, local_names: LocalNames) -> Facts:
    """A city as events name it."""
    named = {
        "name": facts["city"],
        "local_name": local_names.get((facts["country"], facts["city"])),
        "country": facts["country"],
        "kind": "city",
    }
    return {key: value for key, value in named.items() if value}


# --- conferences and counts ------------------------------


def of_meetings(id_: str, facts: Facts, local_names: LocalNames) -> Iterator[Facts]:
    """Conferences that are dated, what they declared, and what was counted."""
    for conference in chain(facts["conferences"], facts.get("more_conferences", ())):
        if conference["from"]:
            yield from of_conference(id_, conference, local_names)
    for count in chain(facts["member_counts"], facts.get("member_counts_in_words", ())):
        if count["as_of"]:
            yield of_count(id_, count)


def of_conference(id_: str, facts: Facts, local_names: LocalNames) -> Iterator[Facts]:
    """A conference, with what is said of the attendance and what it declared."""
    name = f"{id_}-{facts['from'][:4]}-{slugify(facts['city'])}"
    represented = facts.get("cities_represented")
    data = {
        "conference": name,
        "coalition": id_,
        "title": facts["title"],
        "place": "online" if facts.get("online") else facts["city"],
        "host": city(facts, local_names),
        "begins": facts["from"],
        "ends": facts["to"],
        "represented": f"{represented} cities" if represented else None,
    }
    yield event("membership", "ConferenceAnnounced", f"{id_}/conference/{name}", data, facts)
    if declaration := facts.get("declaration"):
        date = common(facts["from"], facts["to"] or facts["from"])
        yield decision(id_, date, declaration, facts, meeting=name)


def common(one: str, other: str) -> str:
    """The date that two have in common: of the 6th and the 7th of a month, the month."""
    if one == other:
        return one
    return one[:7] if one[:7] == other[:7] else one[:4]


def of_count(id_: str, facts: Facts) -> Facts:
    """What a public source says of how many members there are."""
    data = {
        "coalition": id_,
        "as_of": facts["as_of"],
        "members": facts.get("cities"),
        "countries": facts.get("countries"),
        "words": facts.get("words"),
        "counted": facts.get("counted"),
    }
    return event("membership", "MembershipCounted", f"{id_}/counted/{facts['as_of']}", data, facts)


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
