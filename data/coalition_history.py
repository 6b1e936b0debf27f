"""What the facts of coalitions become: events of their founding, organs, offices and meetings."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from slugify import slugify

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = "urn:coalition:history"
INTERNATIONAL: Final = "international"
BOARD: Final = "steering-committee"
Facts = dict[str, Any]
LocalNames = dict[tuple[str, str], str]

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
