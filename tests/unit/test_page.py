"""What the links in e-mails lead to: a page, unsubscribing, a calendar; and who has no link."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from icalendar import Calendar
from markupsafe import escape

from services.notifications import letters, previews
from services.notifications.domain import LANGUAGES, Named, Names, Reader, asked
from services.notifications.page import PER_MINUTE
from services.notifications.signing import Link, Purpose
from services.notifications.subscription import SubscriptionChange, changed
from tests.visits import SIGNER, People, Visit, served

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.notifications.delivery import Delivery
    from shared.contracts.base import Event

NOW = datetime.now(UTC)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_page_is_whole_in_each_language_and_loads_nothing(language: str) -> None:
    visit = Visit(language=language)
    answer = await visit.get()
    assert answer.status_code == 200
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in answer.text
    assert "<script" not in answer.text
    assert not re.search(r"\b(src|srcset|style|on\w+)=", answer.text)
    assert not re.search(r"url\(|@import", answer.text)
    assert "nour@" not in answer.text
    assert "n\u2026@coalition.example" in answer.text
    for heading in re.findall(r"<h2[^>]*>([^<]+)</h2>", answer.text):
        assert language == "en" or heading not in ENGLISH


ENGLISH = re.findall(
    r'<h2[^>]*>{{ phrase\("([^"]+)"\) }}',
    (resources.files("services.notifications") / "templates/page/page.html").read_text(),
)


class OneEvent:
    """Somebody was sent one e-mail."""

    async def sent_to(self, *_: Any) -> list[Delivery]:
        return [previews.delivery("CommitmentsAwaited")]


class Book:
    """Knows by name what was looked up, and nothing else."""

    def __init__(self) -> None:
        self._found: dict[str, Named | None] = {}
        self.names = Names(self._found)

    async def look_up(self, events: Iterable[Event], others: Iterable[str] = ()) -> Names:
        for key in {key for event in events for key in asked(event)}.union(others):
            self._found[key] = previews.names().known.get(key)
        return self.names


async def test_what_somebody_was_sent_is_named_there_and_so_in_the_e_mail_that_follows() -> None:
    people, book = People({"id": "a", "name": "N", "address": "n@coalition.example"}), Book()
    transport = httpx.ASGITransport(served(SIGNER, people, sent=OneEvent(), book=book))
    path = SIGNER.address(Purpose.PAGE, Link(subscription="a", revision=1))
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.get(path)
    subject = previews.letter("CommitmentsAwaited", "en")[0].subject
    delivery, person = previews.delivery("CommitmentsAwaited"), previews.person("en")
    assert letters.letter(delivery, person, Reader("en", book.names)).subject == subject
    assert f"<strong>{escape(subject)}</strong>" in answer.text


async def test_a_browser_and_a_proxy_are_told_to_keep_and_run_nothing() -> None:
    answer = await Visit().get()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


async def test_what_somebody_chooses_is_what_they_get() -> None:
    visit = Visit()
    first = visit.person.ruled[0][0]
    chosen = {
        "language": "ar",
        "zone": "Africa/Dakar",
        "digest_hour": 18,
        "digest_weekdays": ["friday", "monday"],
        "quiet_start": "22:00",
        "quiet_end": "06:00",
        "kind": "CitySigned",
        "how": "at once",
        f"rule.{first}": "daily",
    }
    before = visit.person
    await visit.do("save", **visit.filled())
    assert visit.person == before.model_copy(update={"version": before.version + 1}), "as it stood"
    answer = await visit.do("save", **visit.filled(**chosen))
    assert "تم الحفظ." in answer.text
    person = visit.person
    assert (person.language, person.zone, person.digest_hour) == ("ar", "Africa/Dakar", 18)
    assert person.digest_weekdays == ("monday", "friday")
    assert person.quiet_hours
    assert (person.quiet_hours.start, person.quiet_hours.end) == ("22:00", "06:00")
    assert [(rule.kinds, rule.how) for rule in person.rules] == [
        (("CitySigned",), "at once"),
        ((), "daily"),
    ]
    await visit.do("save", **visit.filled(drop=person.ruled[0][0]))
    assert [rule.how for rule in visit.person.rules] == ["daily"]
    assert visit.person.quiet_hours is None


async def test_a_line_that_is_added_again_replaces_the_one_before() -> None:
    visit = Visit()
    for how in ("never", "never", "daily"):
        await visit.do("save", **visit.filled(kind="CitySigned", how=how))
        assert [rule.how for rule in visit.person.rules] == [how]
        changed(visit.person, SubscriptionChange(name="Another"))


async def test_the_page_takes_as_many_rules_as_can_be_changed_over_http() -> None:
    visit = Visit(rules=[{"points": [1], "members": [f"m{n}"], "how": "never"} for n in range(50)])
    answer = await visit.do("save", **visit.filled(kind="CitySigned", how="never"))
    assert "Nothing was changed" in answer.text
    changed(visit.person, SubscriptionChange(name="Another"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "de"},
        {"zone": "Mars/Olympus"},
        {"digest_hour": "24"},
        {"digest_hour": ""},
        {"digest_weekdays": []},
        {"digest_weekdays": ["noday"]},
        {"quiet_start": "25:00", "quiet_end": "06:00"},
        {"quiet_start": "06:00", "quiet_end": ""},
        {"kind": "NoSuchEvent"},
        {"how": "sometimes"},
    ],
)
async def test_what_cannot_be_is_not_saved(wrong: dict[str, Any]) -> None:
    visit = Visit()
    before = visit.person
    answer = await visit.do("save", **visit.filled(**wrong))
    assert "Nothing was changed" in answer.text
    assert visit.person == before


async def test_pause_and_resume_and_stop() -> None:
    visit = Visit()
    day = (NOW.date() + timedelta(days=14)).isoformat()
    assert "paused" in (await visit.do("pause", until=day)).text
    assert visit.person.silent_until == day
    assert visit.person.is_silent(NOW)
    assert not visit.person.is_silent(NOW + timedelta(days=15))
    await visit.do("resume")
    assert not visit.person.is_silent(NOW)
    assert "All e-mails are stopped." in (await visit.do("stop")).text
    assert visit.person.is_silent(NOW + timedelta(days=10_000))


@pytest.mark.parametrize("until", ["", "2020-01-01", "9998-01-01", "tomorrow", "2026-13-01"])
async def test_a_pause_has_an_end_that_lies_ahead(until: str) -> None:
    visit = Visit()
    assert "Nothing was changed" in (await visit.do("pause", until=until)).text
    assert visit.person.silent_until is None


async def test_two_who_change_at_once_do_not_overwrite_each_other() -> None:
    visit = Visit()
    answer = await visit.do("stop", version=visit.person.version - 1)
    assert "changed meanwhile" in answer.text
    assert visit.person.silent_until is None


async def test_new_links_make_those_before_invalid() -> None:
    visit = Visit()
    before = [visit.path(purpose) for purpose in Purpose]
    answer = await visit.do("renew")
    assert answer.status_code == 200
    assert answer.url.path == visit.path(Purpose.PAGE)
    for path in before:
        assert (await visit.client.get(path)).status_code == 404
        assert (await visit.get()).status_code == 200


async def test_who_has_no_link_or_was_erased_learns_nothing_in_their_language() -> None:
    visit = Visit()
    token = visit.path(Purpose.PAGE).rpartition("/")[2]
    erased = SIGNER.token(Purpose.PAGE, Link(subscription="erased", revision=1))
    for path in (
        f"/page/{erased}",
        f"/page/{token}x",
        "/page/x",
        f"/unsubscribe/{token}",
        f"/calendar/{token}.ics",
    ):
        answer = await visit.client.get(path, headers={"Accept-Language": "fr-CH, en;q=0.5"})
        assert answer.status_code == 404
        assert "Ce lien n’est plus valable" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


async def test_the_links_of_one_person_are_not_used_all_the_time() -> None:
    visit = Visit()
    path = visit.path(Purpose.UNSUBSCRIBE)
    answers = [(await visit.client.get(path)).status_code for _ in range(PER_MINUTE + 5)]
    assert answers[0] == 200
    assert answers[-1] == 429


async def test_a_calendar_has_what_concerns_its_person() -> None:
    visit = Visit()
    answer = await visit.get(Purpose.CALENDAR)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert answer.headers["Cache-Control"] == "no-store"
    events = Calendar.from_ical(answer.text).events
    assert [str(event["uid"]).partition("@")[0] for event in events] == ["c", "r"]


async def test_a_calendar_names_whose_report_it_is_as_its_reader_does() -> None:
    people = People({"id": "a", "name": "N", "address": "n@x.example"})
    transport = httpx.ASGITransport(served(SIGNER, people, book=Book()))
    path = SIGNER.address(Purpose.CALENDAR, Link(subscription="a", revision=1))
    async with httpx.AsyncClient(transport=transport) as client:
        answer = await client.get(path)
    *_, report = Calendar.from_ical(answer.text).events
    assert "Nuremberg" in str(report["summary"])


async def test_without_a_public_address_there_are_no_pages() -> None:
    transport = httpx.ASGITransport(served(None, People()))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/page/x")).status_code == 404
