"""What Mailpit says of e-mails: what mail clients make of their HTML, and whether links lead on."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import subprocess
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import httpx
import pytest
import uvicorn
from fastapi.responses import PlainTextResponse

from services.notifications import previews
from services.notifications.domain import LANGUAGES
from services.notifications.emails import render
from services.notifications.signing import Signer
from shared.addresses import Mailbox
from tests.containers import docker_answers
from tests.parts import eventually
from tests.visits import People, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.notifications.domain import Language
    from services.notifications.subscription import Subscription
    from tests.parts import Parts

UNAVOIDABLE: Final = "<body> element"
"""A client that shows a message within a page has a body of its own: docs/notifications.md."""
OUTSIDE: Final = "https://example.org"
"""Where the documents are that examples name: nowhere, so the test's own server has them."""
DOCUMENTS: Final = frozenset(
    {
        *("act", "centre", "decision", "declaration", "minutes", "paper", "plan", "plan-2"),
        *("report", "statutes"),
    }
)
KINDS: Final = previews.kinds()

pytestmark = pytest.mark.skipif(not docker_answers(), reason="Mailpit runs in a container")


class Site(NamedTuple):
    """A server that Mailpit reaches: the pages of people, and the documents of the examples."""

    url: str
    people: dict[str, Subscription]

    @property
    def signer(self) -> Signer:
        return Signer(self.url, ("k" * 32,))


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    everywhere = "0.0.0.0"  # noqa: S104 - Mailpit comes from a container
    with socket.socket() as free:
        free.bind((everywhere, 0))
        port = free.getsockname()[1]
    here, people = Site(f"http://{_host()}:{port}", {}), People()
    people.all = here.people
    app = served(here.signer, people)

    @app.api_route("/outside/{name}", methods=["GET", "HEAD"])
    async def outside(name: str) -> PlainTextResponse:
        return PlainTextResponse(name, 200 if name in DOCUMENTS else 404)

    config = uvicorn.Config(app, everywhere, port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    yield here
    server.should_exit = True
    await task


def _host() -> str:
    """This machine, as containers see it: the first address, where Docker does not say which."""
    config = "{{with index .IPAM.Config 0}}{{.Subnet}} {{.Gateway}}{{end}}"
    command = ["docker", "network", "inspect", "bridge", "--format", config]
    asked = subprocess.run(command, capture_output=True, text=True, check=True)
    subnet, _, gateway = asked.stdout.strip().partition(" ")
    return gateway or str(ip_network(subnet)[1])


class Mailpit:
    """What it says of a message."""

    def __init__(self, parts: Parts, http: httpx.AsyncClient) -> None:
        self._parts, self._http = parts, http

    async def sent(self, kind: str, language: Language, here: Site) -> str:
        """Send it an e-mail of a kind, whose links lead to `here`; returns its id."""
        now = datetime.now(UTC)
        id_ = f"{kind}.{language}.{now:%f}"
        person = previews.person(language).model_copy(update={"id": id_})
        here.people[id_] = person  # each has pages, which nobody may look at all the time
        example = previews.delivery(kind)
        text = example.model_copy(update={"id": id_}).model_dump_json()
        delivery = type(example).model_validate_json(text.replace(OUTSIDE, f"{here.url}/outside"))
        sender = Mailbox("", "look@example.org")
        email = render(delivery, person, sender, now, previews.names(), here.signer)
        with smtplib.SMTP(self._parts.smtp_host, self._parts.smtp_port) as server:
            server.sendmail(email.sender, [email.recipient], email.content)
        found: list[dict[str, Any]] = []

        async def arrived() -> bool:
            query = {"query": f"message-id:{delivery.id}@example.org"}
            found[:] = (await self._http.get("/search", params=query)).json()["messages"]
            return bool(found)

        await eventually(arrived)
        return str(found[0]["ID"])

    async def says(self, check: str, message: str) -> dict[str, Any]:
        """A check of a message."""
        answer = await self._http.get(f"/message/{message}/{check}")
        return dict(answer.raise_for_status().json())


@asynccontextmanager
async def looked_at(parts: Parts) -> AsyncIterator[tuple[Mailpit, Site]]:
    """Mailpit, and the server that links lead to."""
    api = parts.messages.removesuffix("/messages")
    async with httpx.AsyncClient(base_url=api, timeout=60) as http, site() as here:
        yield Mailpit(parts, http), here


@pytest.mark.parametrize("language", LANGUAGES)
async def test_mail_clients_show_nearly_all_of_an_e_mail_and_no_link_is_broken(
    parts: Parts, language: Language
) -> None:
    documents = set[str]()
    async with looked_at(parts) as (mailpit, here):
        for kind in KINDS:
            message = await mailpit.sent(kind, language, here)
            html = await mailpit.says("html-check", message)
            assert html["Total"]["Supported"] >= 95, kind
            assert [warning["Title"] for warning in html["Warnings"]] == [UNAVOIDABLE], kind

            links = await mailpit.says("link-check", message)
            found = {one["URL"]: one["StatusCode"] for one in links["Links"]}
            assert links["Errors"] == 0, (kind, found)
            assert set(found.values()) == {200}, (kind, found)
            assert any(url.startswith(f"{here.url}/page/") for url in found), kind
            outside = f"{here.url}/outside/"
            documents |= {one.removeprefix(outside) for one in found if one.startswith(outside)}
            assert all(one.startswith(here.url) for one in found), "nothing leads elsewhere"
    assert documents == DOCUMENTS, "each document that an example names is linked"


async def test_a_broken_link_would_be_found(parts: Parts) -> None:
    async with looked_at(parts) as (mailpit, here):
        message = await mailpit.sent("CitySigned", "en", here)
        here.people.clear()
        assert (await mailpit.says("link-check", message))["Errors"] > 0
