"""What Mailpit says of e-mails: what mail clients make of their HTML, and whether links lead on."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from services.notifications import previews
from services.notifications.emails import render
from shared.addresses import Mailbox
from tests.containers import docker_answers
from tests.parts import eventually

if TYPE_CHECKING:
    from services.notifications.domain import Language
    from tests.parts import Parts

KINDS: Final = ("CitySigned", "CommitmentUpdated", "LocalPlanAdopted", "Digest", "Welcome")
UNAVOIDABLE: Final = "<body> element"
"""A client that shows a message within a page has a body of its own: docs/notifications.md."""

pytestmark = pytest.mark.skipif(not docker_answers(), reason="Mailpit runs in a container")


async def checked(parts: Parts, kind: str, language: Language) -> dict[str, Any]:
    """What Mailpit says of the HTML of an example that was sent there."""
    now = datetime.now(UTC)
    delivery = previews.delivery(kind).model_copy(update={"id": f"{kind}.{language}.{now:%f}"})
    person = previews.person(language)
    email = render(delivery, person, Mailbox("", "look@example.org"), now, previews.names())
    with smtplib.SMTP(parts.smtp_host, parts.smtp_port) as server:
        server.sendmail(email.sender, [email.recipient], email.content)
    api = parts.messages.removesuffix("/messages")
    found: list[dict[str, Any]] = []

    async with httpx.AsyncClient(base_url=api) as http:

        async def arrived() -> bool:
            query = {"query": f"message-id:{delivery.id}@example.org"}
            found[:] = (await http.get("/search", params=query)).json()["messages"]
            return bool(found)

        await eventually(arrived)
        answer = await http.get(f"/message/{found[0]['ID']}/html-check")
    return dict(answer.json())


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
@pytest.mark.parametrize("kind", KINDS)
async def test_mail_clients_show_nearly_all_of_an_e_mail(
    parts: Parts, kind: str, language: Language
) -> None:
    found = await checked(parts, kind, language)
    assert found["Total"]["Supported"] >= 95
    assert [warning["Title"] for warning in found["Warnings"]] == [UNAVOIDABLE]
