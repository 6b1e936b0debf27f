"""E-mail from Kafka to a mailbox and back: announcements, calendars, one click, bounces.

In the end nothing that is not the store of people has an address, and all is read again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx
import pytest
from icalendar import Calendar

from cli import kafka
from services.notifications.verp import Returns
from tests.containers import docker_answers
from tests.e2e.apart import Apart, apart
from tests.parts import eventually
from tests.returned import report
from tests.system import LINK_KEY, SERVICES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from email.message import EmailMessage

    from tests.parts import Parts

pytestmark = pytest.mark.skipif(not docker_answers(), reason="Mailpit runs in a container")

BOUNCES: Final = "bounces@coalition.example"
NOBODY_S: Final = (
    *("/members", "/coalitions", "/changes", "/deliveries", "/deliveries/summary", "/conferences"),
    *("/subscriptions", "/announcements", "/suppressions", "/previews", "/readyz", "/metrics"),
    *("/openapi.json", "/asyncapi.json", "/rejected", "/members/de-city-bonn/timeline"),
)
"""What anybody may ask, or is refused."""


class Someone(NamedTuple):
    """A person who is subscribed."""

    id: str
    address: str


@pytest.fixture(scope="module")
async def here(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Apart]:
    logs = tmp_path_factory.mktemp("apart")
    with apart(parts, logs, COALITION_MAIL_BOUNCE_ADDRESS=BOUNCES) as running:
        for name in SERVICES:
            running.start(name)
        for name in SERVICES:
            await running.ready(name)
        for region in ("north", "south"):
            await running.publish(
                ("membership.CoalitionFounded", {"coalition": region, "name": region.title()}),
            )
        yield running


def subscribe(here: Apart, name: str, region: str, **more: Any) -> Someone:
    address = f"{name}.{here.prefix}@people.example"
    person = {"name": f"{name} {here.prefix}", "address": address, "role": "lead city"}
    rules = [{"kinds": ["ConferenceAnnounced"], "how": "at once"}, {"how": "never"}]
    wanted = {**person, "coalitions": [region], "rules": rules, **more}
    answer = here.request("notifications", "POST", "/subscriptions", json=wanted)
    return Someone(answer.raise_for_status().json()["id"], address)


async def conference(here: Apart, name: str, region: str = "north", **more: Any) -> None:
    known = {"conference": name, "coalition": region, "title": f"Meeting {name}"}
    today = datetime.now(UTC).date()
    begins = f"{today + timedelta(days=40)}"
    data = {**known, "begins": begins, "announced": f"{today}", **more}
    await here.publish(("membership.ConferenceAnnounced", data))


async def one_about(here: Apart, person: Someone, words: str) -> EmailMessage:
    """The one e-mail of a person with some words in its subject."""
    found: list[EmailMessage] = []

    async def came() -> bool:
        found[:] = [one for one in await here.e_mails(person.address) if words in one["Subject"]]
        return bool(found)

    await eventually(came)
    (only,) = found
    return only


async def announce(here: Apart, name: str, *steps: str, **more: Any) -> None:
    """Draft an announcement to the north in two languages, and what follows it."""
    draft = {
        "announcement": name,
        "office": "Secretariat",
        "titles": {"en": f"Read {name}", "fr": f"Lisez {name}"},
        "texts": {"en": "Come.", "fr": "Venez."},
        "coalitions": ["north"],
        "drafted": f"{datetime.now(UTC).date()}",
    }
    following = [
        (f"notifications.Announcement{one}", {"announcement": name, **more}) for one in steps
    ]
    await here.publish(("notifications.AnnouncementDrafted", draft), *following)


def state(here: Apart, name: str) -> str:
    answer = here.request("notifications", "GET", f"/announcements/{name}")
    return str(answer.raise_for_status().json()["state"])


async def test_an_announcement_is_tested_on_one_and_goes_to_each_once_in_their_language(
    here: Apart,
) -> None:
    one = subscribe(here, "ann", "north", rules=[])
    other = subscribe(here, "aude", "north", rules=[], language="fr")
    elsewhere = subscribe(here, "abel", "south", rules=[])
    await announce(here, "tested", "Tested", subscription=one.id)
    await one_about(here, one, "Read tested")
    assert await here.subjects(other.address) == []

    await announce(here, "released", "Released", "Released")
    await announce(here, "cancelled", "Released", "Cancelled")

    async def is_sent() -> bool:
        return state(here, "released") == "sent"

    await eventually(is_sent)
    await one_about(here, one, "Read released")
    await one_about(here, other, "Lisez released")
    await conference(here, "later", "north")  # what comes after would have come by now
    await here.settled()
    assert state(here, "cancelled") == "cancelled"
    assert await here.subjects(one.address) == ["Read released", "Read tested"]
    assert await here.subjects(other.address) == ["Lisez released"]
    assert await here.subjects(elsewhere.address) == []


async def test_a_conference_comes_with_its_day_which_is_that_of_the_feed(here: Apart) -> None:
    person = subscribe(here, "cal", "north")
    await conference(here, "ghent")
    email = await one_about(here, person, "ghent")
    (attached,) = email.iter_attachments()
    assert attached.get_content_type() == "text/calendar"
    (event,) = Calendar.from_ical(attached.get_content()).walk("VEVENT")

    async with httpx.AsyncClient(timeout=30) as http:
        page = (await http.get(link(email, "/page/"))).raise_for_status().text
        address = re.search(r"https?://[^\"<]+/calendar/[^\"<]+\.ics", page)
        assert address
        feed = Calendar.from_ical((await http.get(address[0])).raise_for_status().content)
    (same,) = [one for one in feed.walk("VEVENT") if one["UID"] == event["UID"]]
    assert (same["SEQUENCE"], same.decoded("DTSTART")) == (
        event["SEQUENCE"],
        event.decoded("DTSTART"),
    )


def link(email: EmailMessage, path: str) -> str:
    plain = email.get_body(("plain",))
    assert plain
    (found,) = {*re.findall(rf"https?://\S*{path}\S+", plain.get_content())}
    return str(found)


async def test_one_click_ends_what_brought_an_e_mail_as_a_mail_client_does_it(here: Apart) -> None:
    person, other = subscribe(here, "uma", "north"), subscribe(here, "uwe", "north")
    await conference(here, "before")
    email = await one_about(here, person, "before")
    await one_about(here, other, "before")

    # A mail client knows the two fields and nothing else (RFC 8058).
    address = str(email["List-Unsubscribe"]).strip().strip("<>")
    body = str(email["List-Unsubscribe-Post"]).strip()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(timeout=30) as http:
        assert (await http.get(address)).is_success, "to follow links unsubscribes nobody"
        answer = await http.post(address, content=body, headers=kind)
        assert (answer.status_code, dict(answer.cookies), answer.history) == (200, {}, [])

    await conference(here, "after")
    await one_about(here, other, "after")
    await here.settled()
    assert not any("after" in one for one in await here.subjects(person.address))


async def test_what_others_refuse_for_what_we_are_is_shown_to_the_operator(here: Apart) -> None:
    person = subscribe(here, "rep", "north")
    await conference(here, "reputation")
    email = await one_about(here, person, "reputation")
    assert refuse(here, email, "5.7.26") == ("bounce", person.id)

    async def is_shown() -> bool:
        body = here.request("notifications", "GET", "/readyz").json()
        return bool(body["mail_reputation"]["refused_lately"] == 1)

    await eventually(is_shown, 90)
    text = here.request("notifications", "GET", "/metrics").text
    assert "coalition_mail_distrusted 1.0" in text
    listed = here.request("notifications", "GET", "/suppressions").json()["items"]
    assert person.id not in {one["id"] for one in listed}


def refuse(here: Apart, email: EmailMessage, code: str) -> tuple[str, str | None]:
    """Have an e-mail come back to where its envelope says; says what was made of it."""
    ((_, sender),) = getaddresses([str(email["Return-Path"])])
    answer = here.request(
        "notifications",
        "POST",
        "/bounces",
        content=report(code, to=sender),
        headers={"Content-Type": "message/rfc822"},
    )
    found = answer.raise_for_status().json()
    return found["read"], found["subscription"]


async def test_no_address_is_anywhere_else_and_all_read_again_sends_nothing(here: Apart) -> None:
    """After a full run: e-mails, announcements, a bounce, an erasure; all of the module besides."""
    bounced, erased = subscribe(here, "bo", "north"), subscribe(here, "era", "north")
    await conference(here, "privacy")
    email = await one_about(here, bounced, "privacy")
    await one_about(here, erased, "privacy")
    assert refuse(here, email, "5.1.1") == ("bounce", bounced.id)
    here.request(
        "notifications", "POST", "/people/erase", json={"address": erased.address}
    ).raise_for_status()
    await conference(here, "privacy-2")
    await here.settled()

    everything = {**await topics(here), **journals(here), **logs(here), **answers(here)}
    assert len(everything) > 30
    addresses = (here.prefix + "@people.example", BOUNCES.partition("@")[0] + "+")
    for place, content in everything.items():
        text = content.decode(errors="replace").casefold()
        assert not [one for one in addresses if one in text], place
    assert any(b"ConferenceAnnounced" in one for one in everything.values()), "it is looked at"

    before = await caught(here)
    assert before
    here.end("notifications")
    await here.rewind("notifications")
    here.start("notifications")
    await here.ready("notifications")
    await here.settled()
    assert await caught(here) == before


async def topics(here: Apart) -> dict[str, bytes]:
    """All that is on topics of these services, with keys and headers."""
    async with here.kafka.admin() as admin:
        names = [one for one in await admin.list_topics() if one.startswith(here.prefix)]
    return {f"topic {name}": await _whole(here, name) for name in names}


async def _whole(here: Apart, topic: str) -> bytes:
    parts = bytearray()
    for record in await kafka.read_all(here.kafka, topic):
        headers = b" ".join(value or b"" for _, value in record.headers)
        parts += b" ".join((record.key or b"", record.value or b"", headers, b"\n"))
    return bytes(parts)


def journals(here: Apart) -> dict[str, bytes]:
    return {f"journal of {name}": repr(here.journal(name)).encode() for name in SERVICES}


def logs(here: Apart) -> dict[str, bytes]:
    return {f"log of {name}": (here.logs / f"{name}.log").read_bytes() for name in SERVICES}


def answers(here: Apart) -> dict[str, bytes]:
    """What anybody is answered who has no token."""
    found = {}
    with httpx.Client(timeout=30) as client:
        for name in SERVICES:
            for path in NOBODY_S:
                answer = client.get(f"http://127.0.0.1:{here.ports[name]}{path}")
                found[f"answer of {name} to {path}"] = (
                    answer.content + repr(answer.headers).encode()
                )
    return found


async def caught(here: Apart) -> int:
    """How many e-mails have come to all of these people."""
    api = here.parts.messages.removesuffix("/messages")
    async with httpx.AsyncClient(base_url=api, timeout=30) as http:
        query = {"query": f"{here.prefix}@people.example"}
        return int((await http.get("/search", params=query)).json()["messages_count"])


def test_an_address_of_a_bounce_is_known_by_its_signature() -> None:
    """So that what is looked for above is what e-mails have."""
    address = Returns(BOUNCES, (LINK_KEY,)).of("0b9a3a3c-5f3e-4b7e-9a53-2f1f7d6f3c11")
    assert address.startswith("bounces+")
