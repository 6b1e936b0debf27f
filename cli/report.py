"""What now is, as numbers: derived from the services' own answers, none of them known before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import httpx
from rich.table import Table

from cli import kafka, tables
from cli.client import get, groups, pages
from cli.leading import leading, today
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
_ON_THEIR_WAY: Final = (
    "applied",
    "conditional",
    "decided",
    "signed",
    "acceded",
    "under examination",
    "deferred",
)
_NOT_TAKEN_IN: Final = ("declined", "dropped")


async def collect(endpoints: Endpoints) -> Report:
    """Ask every service for its numbers; the command line counts nothing that they count."""
    rejected = {name: len(await rejections(endpoints, name)) for name in manifests.MANIFESTS}
    standings = await kafka.standings(endpoints.connection(), groups(endpoints))
    coalitions = [c async for c in pages(f"{endpoints.url('membership')}/coalitions")]
    return {
        **await _membership(endpoints.url("membership"), coalitions),
        **await _plans(endpoints.url("plans")),
        "deliveries": await get(f"{endpoints.url('notifications')}/deliveries/summary"),
        "webhooks": await _webhooks(endpoints.url("notifications")),
        "rejected": rejected,
        "lag": {group: standing.lag for group, standing in standings.items()},
        "waiting": {group: standing.waiting for group, standing in standings.items()},
    }


async def _webhooks(url: str) -> dict[str, int]:
    """How many webhooks are stopped or failing, as `/readyz` says to everybody."""
    try:
        found = (await get(f"{url}/readyz")).get("webhooks") or {}
    except httpx.HTTPStatusError as answer:  # it is not ready, and says this all the same
        found = answer.response.json().get("webhooks") or {}
    return {word: len(found.get(word, ())) for word in ("stopped", "failing")}


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


async def _membership(url: str, coalitions: list[dict[str, Any]]) -> Report:
    ids = {c["id"] for c in coalitions}
    numbers = {id_: await get(f"{url}/coalitions/{id_}/statistics") for id_ in ids}
    # The numbers of a coalition include those of all below it.
    top = [numbers[c["id"]] for c in coalitions if c["parent"] not in ids]
    by_state, by_country, by_kind = (
        dict(sum((Counter(n[by]) for n in top), Counter()))
        for by in ("by_state", "by_country", "by_kind")
    )
    waiting = [m for s in _ON_THEIR_WAY async for m in pages(f"{url}/members", state=s)]
    return {
        "coalitions": {
            c["id"]: {
                "name": c["name"],
                "state": c["state"],
                "launched": c["launched"],
                "lead_cities": leading(c["lead_cities"], today()),
                "members": numbers[c["id"]]["members"],
            }
            for c in coalitions
        },
        "offices": [_office(o) async for o in pages(f"{url}/offices")],
        "lead_city_designations": sum(len(c["lead_cities"]) for c in coalitions),
        "joining_records": await _total(f"{url}/members"),
        "members": sum(n["members"] for n in top),
        "not_members_yet": [m["name"] for m in waiting],
        "members_by_state": by_state,
        "members_by_country": by_country,
        "members_by_kind": by_kind,
        "members_without_commitments": by_kind.get("association", 0),
    }


async def _plans(url: str) -> Report:
    commitments = f"{url}/commitments"
    plans = {p["id"]: p["plan_version"] async for p in pages(f"{url}/plans")}
    # Only under a plan are there commitments; of other coalitions plans need not know.
    holders = {c: await _total(commitments, coalition=c, state="open") for c in plans}
    return {
        "plans": plans,
        "commitments_open": (await get(f"{url}/comparison", limit=1))["total"],
        "members_with_commitments": {c: count for c, count in holders.items() if count},
        "members_waiting_for_a_plan": await _total(commitments, state="awaiting"),
    }


async def _total(url: str, **where: str) -> int:
    """How many items a paged list has in all."""
    total: int = (await get(url, **where, limit=1))["total"]
    return total


async def rejections(endpoints: Endpoints, service: str) -> dict[str, Any]:
    """The records that a service rejected, each once, by the origin it was read from.

    What somebody else has written there, where the broker lets them, says no origin.
    """
    connection = endpoints.connection()
    topic = connection.topic(catalogue.rejected(service))
    records = await kafka.read_all(connection, topic)
    origins = [(dict(r.headers).get("coalition-rejected-origin") or b"", r) for r in records]
    by_origin = {origin.decode(errors="replace"): record for origin, record in origins if origin}
    return dict(sorted(by_origin.items()))


def show(report: Report, console: Console) -> None:
    """Print a report as tables."""
    table = Table(
        "Coalition", "State", "Launched", "Lead cities now", "Members", title="Coalitions"
    )
    for c in report["coalitions"].values():
        leads = ", ".join(c["lead_cities"]) or "-"
        table.add_row(c["name"], c["state"], c["launched"] or "-", leads, str(c["members"]))
    console.print(table)
    console.print(tables.table(_OFFICES, report["offices"], title="Offices"))
    _print_counts(console, report)
    for title, key in (("country", "members_by_country"), ("kind", "members_by_kind")):
        counts = sorted(report[key].items(), key=lambda kv: (-kv[1], kv[0]))
        console.print(f"Members by {title}: " + ", ".join(f"{k} {v}" for k, v in counts))


def _in_states(report: Report, *states: str) -> int:
    """How many are in one of some states."""
    return sum(report["members_by_state"].get(state, 0) for state in states)


def _print_counts(console: Console, report: Report) -> None:
    by_coalition = ", ".join(f"{k} {v}" for k, v in report["members_with_commitments"].items())
    rows = {
        "Coalitions": len(report["coalitions"]),
        "  of these launched": sum(c["state"] == "launched" for c in report["coalitions"].values()),
        "Lead-city designations": report["lead_city_designations"],
        "Joining records": report["joining_records"],
        "  of these members": report["members"],
        "  on their way": ", ".join(report["not_members_yet"]) or "none",
        "  applications declined or dropped": _in_states(report, *_NOT_TAKEN_IN),
        "  have left": _in_states(report, "withdrawn"),
        "Plans published": ", ".join(f"{k} v{v}" for k, v in report["plans"].items()),
        "Commitments open": report["commitments_open"],
        "  members that hold them": by_coalition or "none",
        "Members waiting for a plan": report["members_waiting_for_a_plan"],
        "Associations without commitments": report["members_without_commitments"],
        "E-mails": ", ".join(f"{v} {k}" for k, v in report["deliveries"].items() if v) or "none",
        "Webhooks": ", ".join(f"{v} {k}" for k, v in report["webhooks"].items() if v)
        or "none stopped",
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
