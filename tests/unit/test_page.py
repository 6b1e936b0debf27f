"""What the links in e-mails lead to: a page, unsubscribing, a calendar; and who has no link."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest
from icalendar import Calendar
from markupsafe import escape

from services.notifications import forms, letters, previews
from services.notifications.domain import LANGUAGES, Named, Names, Reader, asked
from services.notifications.page import PER_MINUTE
from services.notifications.signing import Link, Purpose, Signer
from services.notifications.subscription import SubscriptionChange, changed
from tests.visits import People, served

if TYPE_CHECKING:
    from collections.abc import Iterable

    from services.notifications.delivery import Delivery
    from services.notifications.subscription import Subscription
    from shared.contracts.base import Event

SIGNER = Signer("http://coalition.example", ("k" * 32,))
EVIL = "<script>alert(1)</script>\"'&"
NOW = datetime.now(UTC)


class Visit:
    """Somebody with a browser, and what is kept of them."""

    def __init__(self, **person: Any) -> None:
        known = {"id": "a", "name": EVIL, "address": "nour@coalition.example"}
        wanted = {"role": "observer", "regions": ("europe",), **known, **person}
        self.people = People(wanted)
        app = served(SIGNER, self.people, headline=EVIL)
        transport = httpx.ASGITransport(app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://coalition.example")

    @property
    def person(self) -> Subscription:
        return self.people.all["a"]

    def path(self, purpose: Purpose, rule: str | None = None) -> str:
        link = Link(subscription="a", revision=self.person.links, rule=rule)
        return SIGNER.address(purpose, link).removeprefix(SIGNER.base)

    async def get(self, purpose: Purpose = Purpose.PAGE, **headers: str) -> httpx.Response:
        return await self.client.get(self.path(purpose), headers=headers)

    async def do(self, deed: str, **more: Any) -> httpx.Response:
        """Send a form, and look at what is shown then."""
        body = urlencode({"do": deed, "version": self.person.version, **more}, doseq=True)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        path = self.path(Purpose.PAGE)
        return await self.client.post(path, content=body, headers=kind, follow_redirects=True)

    def filled(self, **more: Any) -> dict[str, Any]:
        """The form as the page shows it, with something else filled in."""
        person = self.person
        return {
            "language": person.language,
            "zone": person.zone,
            "digest_hour": person.digest_hour,
            "digest_weekdays": list(person.digest_weekdays),
            "quiet_start": "",
            "quiet_end": "",
            "kind": "",
            "how": "never",
            **{f"rule.{id_}": rule.how for id_, rule in person.ruled},
            **more,
        }


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


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
async def test_one_click_unsubscribes_without_a_cookie_or_a_redirect(kind: str) -> None:
    visit = Visit()
    rule = visit.person.ruled[0][0]
    how: dict[str, Any] = {"data": {"List-Unsubscribe": "One-Click"}}
    if kind == "multipart":
        how = {"files": {"List-Unsubscribe": (None, "One-Click")}}
    for _ in "twice":
        answer = await visit.client.post(visit.path(Purpose.UNSUBSCRIBE, rule), **how)
        assert answer.status_code == 200
        assert [one.how for one in visit.person.rules] == ["never"]


async def test_looking_at_a_link_changes_nothing() -> None:
    visit = Visit()
    before = visit.person
    for rule in (before.ruled[0][0], None):
        for _ in "again":
            answer = await visit.client.get(visit.path(Purpose.UNSUBSCRIBE, rule))
            assert answer.status_code == 200
            assert '<button name="do" value="stop">' in answer.text
    assert visit.person == before


async def test_without_a_rule_all_e_mails_end() -> None:
    visit = Visit()
    answer = await visit.client.post(visit.path(Purpose.UNSUBSCRIBE), data={"do": "stop"})
    assert answer.status_code == 200
    assert visit.person.silent_until == forms.FOR_GOOD.isoformat()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=Two-Clicks", "application/x-www-form-urlencoded"),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (b"List-Unsubscribe=One-Click", ""),
        (b"\xff\xfe=&" * 400, "application/x-www-form-urlencoded"),
        (b"no parts at all", "multipart/form-data; boundary=x"),
        (b"no parts at all", "multipart/form-data"),
    ],
)
async def test_what_is_no_click_unsubscribes_nobody(body: bytes, kind: str) -> None:
    visit = Visit()
    before = visit.person
    path = visit.path(Purpose.UNSUBSCRIBE)
    answer = await visit.client.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert visit.person == before


PARTS = "multipart/form-data; boundary=x"
DEEP = b"Content-Type: message/rfc822\r\n\r\n" * 2000
ODD = b"Content-Disposition: form-data; name\x00*\r\n\r\nx"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--x\r\n" + DEEP + b"\r\n--x--", PARTS),
        (b"--x\r\n" + ODD + b"\r\n--x--", PARTS),
        (b"--x", "multipart/form-data;" + "(" * 4000),
    ],
    ids=["deep", "odd", "nested comments"],
)
async def test_a_form_that_is_made_to_hurt_is_refused_as_any_other(body: bytes, kind: str) -> None:
    visit = Visit()
    path = visit.path(Purpose.UNSUBSCRIBE)
    answer = await visit.client.post(path, content=body, headers={"Content-Type": kind})
    assert answer.status_code == 400


async def test_a_body_is_looked_at_only_of_those_who_have_a_link() -> None:
    answer = await Visit().client.post("/unsubscribe/x", content=b"no form")
    assert answer.status_code == 404


async def test_a_large_body_is_not_read() -> None:
    visit = Visit()
    path = visit.path(Purpose.PAGE)
    answer = await visit.client.post(path, content=b"x" * (forms.MOST_BYTES + 1))
    assert answer.status_code == 413


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
    (event,) = Calendar.from_ical(answer.text).events
    assert event["summary"] == "Ghent"


async def test_without_a_public_address_there_are_no_pages() -> None:
    transport = httpx.ASGITransport(served(None, People()))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/page/x")).status_code == 404
