"""What the demo ends with: an e-mail at once and a digest, in two languages, and a person's page.

What happens is published as anybody would; the services decide who is told of it, when and in which
language. What waits for the digests is requested, as `coalition subscriptions digest` does: nobody
waits until tomorrow morning to see one.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx

from cli import client

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from cli.endpoints import Endpoints

FILE: Final = Path(__file__).parent.parent / "data" / "demo.jsonl"
READERS: Final = ("europe@coalition.example", "montevideo@coalition.example")
"""Of the staff in `data/staff.json`: one reads English, one Spanish."""
LATER: Final = timedelta(days=90)
_SETTLED_SECONDS: Final = 120
_SECONDS: Final = 30
"""How long e-mails are waited for; what has not come by then is not shown."""
_KINDS: Final = {"ConferenceAnnounced": "At once", "Digest": "Digest"}
_PAGE: Final = re.compile(r"https?://\S+/page/\S+")


class Caught(NamedTuple):
    """An e-mail that the mail catcher has.

    Attributes:
        text: what it says, as plain text.
        address: where it is to be seen.
    """

    subject: str
    text: str
    address: str


async def happen(where: Endpoints) -> list[dict[str, Any]]:
    """Have something happen today; returns the e-mails to look at, as far as they came in time."""
    today = datetime.now(UTC).date()
    text = FILE.read_text("utf-8").replace("{today}", f"{today}")
    lines = text.replace("{later}", f"{today + LATER}").encode().splitlines()
    await client.publish(where, lines, lambda _: None)
    await client.settled(where, _SETTLED_SECONDS)
    people = [await _person(where, address) for address in READERS]
    for one in people:
        await _post(where, f"/subscriptions/{one['subscription']['id']}/digest")
    wanted = {(address, kind) for address in READERS for kind in _KINDS}
    end = asyncio.get_running_loop().time() + _SECONDS
    while True:
        found = [one async for one in _emails(where, READERS)]
        is_late = asyncio.get_running_loop().time() > end
        if is_late or {(one["to"], one["kind"]) for one in found} >= wanted:
            return found
        await asyncio.sleep(0.3)


def show(emails: Iterable[dict[str, Any]], console: Console) -> None:
    """Say where the e-mails and the page of a person are."""
    console.print("\nE-mails to look at:")
    page = None
    for one in emails:
        how = f"{_KINDS[one['kind']]}, in {one['language']}"
        line = f"  {how:<14} {one['address']}  {one['subject']}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
        page = page or one["page"]
    if page:
        console.print("The page of a person, by the link in the first of them:")
        console.print(f"  {page}", markup=False, highlight=False, soft_wrap=True)


async def _emails(where: Endpoints, readers: Iterable[str]) -> Any:  # noqa: ANN401 - they are JSON
    caught = await _caught(where)
    for address in readers:
        person = await _person(where, address)
        last: dict[str, dict[str, Any]] = {}
        for one in person["deliveries"]:  # the last first
            last.setdefault(one["kind"], one)
        for kind in _KINDS:
            if (delivery := last.get(kind)) and (id_ := caught.get(delivery["id"])):
                found = await _read(where, id_)
                page = _PAGE.search(found.text)
                yield {
                    "to": address,
                    "kind": kind,
                    "language": person["subscription"]["language"],
                    "subject": found.subject,
                    "address": found.address,
                    "page": page[0] if page else None,
                }


async def _person(where: Endpoints, address: str) -> dict[str, Any]:
    return dict((await _post(where, "/people/export", {"address": address})).json())


async def _post(where: Endpoints, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10, headers=where.bearer()) as http:
        answer = await http.post(f"{where.url('notifications')}{path}", json=body)
        return answer.raise_for_status()


# --- the mail catcher: the embedded lane's, or Mailpit -------------------------------------------


async def _caught(where: Endpoints) -> dict[str, str]:
    """The ids in the catcher, by those of the deliveries."""
    for path, message_id, id_ in (
        ("/api/messages", "message_id", "id"),
        ("/api/v1/messages?limit=200", "MessageID", "ID"),
    ):
        answer = await _get(f"{where.mailpit_url}{path}")
        if answer.is_success and "json" in answer.headers.get("content-type", ""):
            found = json.loads(answer.content)["messages"]
            return {one[message_id].strip("<>").rpartition("@")[0]: one[id_] for one in found}
    return {}


async def _read(where: Endpoints, id_: str) -> Caught:
    answer = await _get(f"{where.mailpit_url}/api/messages/{id_}")
    if answer.is_success and "json" in answer.headers.get("content-type", ""):
        found = answer.json()
        return Caught(found["subject"], found["text"], f"{where.mailpit_url}/messages/{id_}")
    found = (await _get(f"{where.mailpit_url}/api/v1/message/{id_}")).raise_for_status().json()
    return Caught(found["Subject"], found["Text"], f"{where.mailpit_url}/view/{id_}")


async def _get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=10) as http:
        return await http.get(url)
