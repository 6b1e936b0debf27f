"""What has a day comes with its e-mail as an attachment, the same one as in the feed."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from services.notifications import previews
from services.notifications.delivery import Delivery
from services.notifications.domain.calendars import Occasion
from services.notifications.emails import render
from services.notifications.signing import Link, Purpose, Signer
from shared.addresses import Mailbox
from tests.visits import Days, People, served

NOW = datetime(2026, 11, 26, tzinfo=UTC)
SENDER = Mailbox("Coalition", "news@sender.example")
SIGNER = Signer("https://coalition.example/people", ("k" * 32,))


async def conference() -> Occasion:
    """The one that stands in the feed."""
    return (await Days().since(NOW.date(), lambda one: one.coalition == "europe"))[0]


def message(*, signer: Signer | None = SIGNER, **more: Any) -> Any:
    """An e-mail of a conference, as Python reads it."""
    delivery = previews.delivery("ConferenceAnnounced").model_copy(update=more)
    content = render(delivery, previews.person("fr"), SENDER, NOW, signer=signer).content
    return message_from_bytes(content, policy=policy.default)


def attached(email: Any) -> Any:
    """The calendar that is attached, and its one event."""
    (part,) = email.iter_attachments()
    return Calendar.from_ical(part.get_content())


async def test_an_e_mail_of_a_conference_has_its_text_its_html_and_its_calendar() -> None:
    email = message(occasion=await conference())
    assert not [defect for part in email.walk() for defect in part.defects]
    assert [part.get_content_type() for part in email.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    (part,) = email.iter_attachments()
    assert part.get_filename() == "coalition.ics"
    assert part["Content-Type"].params["method"] == "PUBLISH"
    calendar = attached(email)
    assert calendar["method"] == "PUBLISH"
    assert [str(event["summary"]) for event in calendar.events] == ["Ghent"]


async def test_an_e_mail_without_a_day_has_no_attachment() -> None:
    assert message().get_content_type() == "multipart/alternative"


async def test_a_digest_has_one_calendar_of_all_that_has_a_day() -> None:
    item = previews.delivery("Digest").items[0].model_copy(update={"occasion": await conference()})
    other = item.occasion.model_copy(update={"id": "d"}) if item.occasion else None
    items = (item, item.model_copy(update={"occasion": other}))
    delivery = Delivery.model_validate({**previews.delivery("Digest").model_dump(), "items": items})
    content = render(delivery, previews.person("en"), SENDER, NOW, signer=SIGNER).content
    email: Any = message_from_bytes(content, policy=policy.default)
    assert len(attached(email).events) == 2


@pytest.mark.parametrize("signer", [SIGNER, Signer("https://other.example", ("k" * 32,))])
async def test_the_feed_and_the_e_mail_have_one_uid_and_sequence(signer: Signer) -> None:
    (mailed,) = attached(message(signer=signer, occasion=await conference())).events
    app = served(signer, People({"id": "a", "name": "N", "address": "n@x.example"}))
    path = signer.address(Purpose.CALENDAR, Link(subscription="a", revision=1))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        answer = await client.get(path.replace("/people/", "/"))
    fed, *_ = Calendar.from_ical(answer.text).events
    assert (mailed["uid"], mailed["sequence"]) == (fed["uid"], fed["sequence"])


async def test_a_link_below_a_path_of_the_public_address_is_whole() -> None:
    email = message()
    link = Link(subscription="example", revision=1)
    address = SIGNER.address(Purpose.PAGE, link)
    assert address.startswith("https://coalition.example/people/page/")
    assert f": {address}" in email.get_body(("plain",)).get_content()
    assert f'href="{address}"' in email.get_body(("html",)).get_content()
    assert (
        email["List-Unsubscribe"]
        .strip()
        .startswith("<https://coalition.example/people/unsubscribe/")
    )
