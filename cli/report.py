"""What now is, as numbers: derived from the services' own answers, none of them known before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from cli import kafka, tables
from cli.client import get, groups, pages
from services import manifests
from shared.contracts import catalogue

if TYPE_CHECKING:
    from rich.console import Console

    from cli.endpoints import Endpoints

Report = dict[str, Any]
_OFFICES: Final = {
    "Coalition": "coalition",
    "Office": "office",
    "Organ or area": "where",
    "City": "who",
    "When": "when",
}
_ON_THEIR_WAY: Final = {"applied", "conditional", "decided", "signed", "acceded"}


async def collect(endpoints: Endpoints) -> Report:
    """Ask every service for what it holds."""
    coalitions = [c async for c in pages(f"{endpoints.url('membership')}/coalitions")]
    members = [m async for m in pages(f"{endpoints.url('membership')}/members")]
    held = [c async for c in pages(f"{endpoints.url('plans')}/commitments")]
    plans = [p async for p in pages(f"{endpoints.url('plans')}/plans")]
    joined = [m for m in members if m["state"] in {"member", "suspended"}]
    still = Counter(c["state"] for c in held)
    rejected = {name: len(await rejections(endpoints, name)) for name in manifests.MANIFESTS}
    standings = await kafka.standings(endpoints.kafka, groups(endpoints))
    return {
        "coalitions": {
            c["id"]: {
                "name": c["name"],
                "status": c["status"],
                "launched": c["launched"],
                "lead_cities": [
                    f"{lead['city']['name']} {_when(lead)}" for lead in c["lead_cities"]
                ],
                "members": sum(m["coalition"] in _within(c["id"], coalitions) for m in joined),
            }
            for c in coalitions
        },
        "offices": [_office(o) async for o in pages(f"{endpoints.url('membership')}/offices")],
        "lead_city_designations": sum(len(c["lead_cities"]) for c in coalitions),
        "joining_records": len(members),
        "members": len(joined),
        "not_members_yet": [m["name"] for m in members if m["state"] in _ON_THEIR_WAY],
        "members_by_state": dict(Counter(m["state"] for m in members)),
        "members_by_country": dict(Counter(m["country"] or "-" for m in joined)),
        "members_by_kind": dict(Counter(m["kind"] for m in joined)),
        "plans": {p["id"]: p["plan_version"] for p in plans},
        "commitments_open": sum(len(c["commitments"]) for c in held if c["state"] == "open"),
        "members_with_commitments": dict(
            Counter(c["coalition"] for c in held if c["state"] == "open")
        ),
        "members_waiting_for_a_plan": still["awaiting"],
        "members_without_commitments": sum(m["kind"] == "association" for m in joined),
        "deliveries": await get(f"{endpoints.url('notifications')}/deliveries/summary"),
        "rejected": rejected,
        "lag": {group: standing.lag for group, standing in standings.items()},
        "waiting": {group: standing.waiting for group, standing in standings.items()},
    }


def _when(term: dict[str, Any]) -> str:
    """From when until when, or on which day a source has it, as precise as that source."""
    if term["since"] or term["until"]:
        return f"({term['since'] or '?'} to {term['until'] or 'now'})"
    seen = ", ".join(term["seen"])
    return f"(seen {seen})" if seen else "(no date)"


def _office(term: dict[str, Any]) -> dict[str, str]:
    who = term["city"]["name"] if term["city"] else term["organisation"]
    where = term["area"] or term["organ_name"] or "-"
    return {
        "coalition": term["coalition"],
        "office": term["office"],
        "where": where,
        "who": who,
        "when": _when(term).strip("()"),
    }


def _within(coalition: str, coalitions: list[dict[str, Any]]) -> set[str]:
    """A coalition and those that belong to it."""
    return {coalition, *(c["id"] for c in coalitions if c.get("parent") == coalition)}


async def rejections(endpoints: Endpoints, service: str) -> dict[str, Any]:
    """The records that a service rejected, each once, by the origin it was read from."""
    topic = endpoints.connection().topic(catalogue.rejected(service))
    records = await kafka.read_all(endpoints.kafka, topic)
    by_origin = {dict(r.headers)["coalition-rejected-origin"].decode(): r for r in records}
    return dict(sorted(by_origin.items()))


def show(report: Report, console: Console) -> None:
    """Print a report as tables."""
    table = Table("Coalition", "Status", "Launched", "Lead cities", "Members", title="Coalitions")
    for c in report["coalitions"].values():
        leads = ", ".join(c["lead_cities"])
        table.add_row(c["name"], c["status"], c["launched"] or "-", leads, str(c["members"]))
    console.print(table)
    console.print(tables.table(_OFFICES, report["offices"], title="Offices"))
    _print_counts(console, report)
    for title, key in (("country", "members_by_country"), ("kind", "members_by_kind")):
        counts = sorted(report[key].items(), key=lambda kv: (-kv[1], kv[0]))
        console.print(f"Members by {title}: " + ", ".join(f"{k} {v}" for k, v in counts))


def _print_counts(console: Console, report: Report) -> None:
    by_coalition = ", ".join(f"{k} {v}" for k, v in report["members_with_commitments"].items())
    rows = {
        "Coalitions": len(report["coalitions"]),
        "  of these launched": sum(
            c["status"] == "launched" for c in report["coalitions"].values()
        ),
        "Lead-city designations": report["lead_city_designations"],
        "Joining records": report["joining_records"],
        "  of these members": report["members"],
        "  on their way": ", ".join(report["not_members_yet"]) or "none",
        "Plans published": ", ".join(f"{k} v{v}" for k, v in report["plans"].items()),
        "Commitments open": report["commitments_open"],
        "  members that hold them": by_coalition or "none",
        "Members waiting for a plan": report["members_waiting_for_a_plan"],
        "Associations without commitments": report["members_without_commitments"],
        "E-mails": ", ".join(f"{v} {k}" for k, v in report["deliveries"].items() if v) or "none",
        "Rejected": ", ".join(f"{k} {v}" for k, v in report["rejected"].items()),
        "Lag": ", ".join(f"{k} {v}" for k, v in report["lag"].items()),
        "  behind open transactions": (
            ", ".join(f"{k} {v}" for k, v in report["waiting"].items() if v) or "none"
        ),
    }
    table = Table("What", "Now", title="The coalition now")
    for what, now in rows.items():
        table.add_row(what, str(now))
    console.print(table)
