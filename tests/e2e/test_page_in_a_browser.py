"""A person's page in a browser: axe finds nothing, the keyboard is enough, Arabic is mirrored."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from services.notifications.domain import LANGUAGES
from services.notifications.signing import Link, Purpose, Signer
from tests.browsing import WIDTHS, chromium, picture, violations, width
from tests.parts import eventually
from tests.visits import People, served

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as here:
        yield here


class Visit:
    """Where pages are served, and whose they are."""

    def __init__(self, **person: Any) -> None:
        known = {"id": "a", "name": "Nour Haddad", "address": "nour@coalition.example"}
        role = {"role": "secretariat", "coalitions": ("europe",), "zone": "Europe/Berlin"}
        self.people = People({**known, **role, **person})
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.signer = Signer(f"http://127.0.0.1:{self.port}", ("k" * 32,))

    def address(self, purpose: Purpose = Purpose.PAGE) -> str:
        link = Link(subscription="a", revision=self.people.all["a"].links)
        return self.signer.address(purpose, link)


@asynccontextmanager
async def visiting(**person: Any) -> AsyncIterator[Visit]:
    visit = Visit(**person)
    app = served(visit.signer, visit.people)
    # Loggers stay as they are: other tests look at what is logged.
    config = uvicorn.Config(app, port=visit.port, log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    try:
        yield visit
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def opened(
    browser: Browser, visit: Visit, width: int = 1280, **more: Any
) -> AsyncIterator[Page]:
    """A page of a width; whatever it would load, run or say as an error fails."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, **more)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            wrong.append(asked.url)
            if asked.resource_type != "document" and not asked.url.endswith("/favicon.ico")
            else None
        ),
    )
    await page.goto(visit.address())
    yield page
    await context.close()
    assert [one for one in wrong if "favicon" not in one and "404" not in one] == []


def cases() -> Iterator[tuple[str, str, str]]:
    return ((tag, width, "light") for tag in LANGUAGES for width in WIDTHS)


@pytest.mark.parametrize(("language", "screen", "scheme"), [*cases(), ("ar", "phone", "dark")])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, language: str, screen: str, scheme: Any
) -> None:
    async with (
        visiting(language=language) as visit,
        opened(browser, visit, WIDTHS[screen], color_scheme=scheme, bypass_csp=True) as page,
    ):
        assert await violations(page) == []
        assert await width(page) <= WIDTHS[screen]
        assert await page.evaluate("document.documentElement.dir") == (
            "rtl" if language == "ar" else "ltr"
        )
        await picture(page, f"page-{language}-{screen}{'-dark' if scheme == 'dark' else ''}")


async def test_arabic_is_mirrored(browser: Browser) -> None:
    places = {}
    for language in ("en", "ar"):
        async with visiting(language=language) as visit, opened(browser, visit) as page:
            box = await page.locator("#drop-1, #language").first.bounding_box()
            assert box
            places[language] = box["x"]
    assert places["ar"] > 640 > places["en"]


async def test_the_pages_that_only_say_something_are_as_accessible(browser: Browser) -> None:
    async with (
        visiting(language="ar") as visit,
        opened(browser, visit, 320, bypass_csp=True) as page,
    ):
        await page.goto(visit.address(Purpose.UNSUBSCRIBE))
        assert await violations(page) == []
        await page.get_by_role("button").press("Enter")
        assert await violations(page) == []
        await page.goto(f"{visit.signer.base}/page/no-link")
        assert await violations(page) == []


async def focused(page: Page) -> str:
    seen = (
        "document.activeElement.id || document.activeElement.value || document.activeElement.href"
    )
    return str(await page.evaluate(seen) or "")


async def tab_to(page: Page, wanted: str) -> None:
    """Go on with the Tab key until something is focused, and see that the focus is seen."""
    for _ in range(200):
        await page.keyboard.press("Tab")
        if await focused(page) == wanted:
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert await page.evaluate(outline) != "none", wanted
            return
    pytest.fail(f"{wanted} is not reached by the Tab key")


async def test_all_is_done_with_the_keyboard_alone_in_a_minute(browser: Browser) -> None:
    async with visiting() as visit, opened(browser, visit) as page:
        begun = datetime.now(UTC)
        await tab_to(page, "rule-1")
        await page.keyboard.type("in a daily")
        await tab_to(page, "language")
        await page.keyboard.type("fr")
        await tab_to(page, "save")
        await page.keyboard.press("Enter")
        await page.get_by_role("status").wait_for()
        person = visit.people.all["a"]
        assert (person.language, person.rules[0].how) == ("fr", "daily")
        assert await page.get_by_role("status").inner_text() == "Enregistré."
        await tab_to(page, "stop")
        await page.keyboard.press("Enter")
        await page.locator("section.message").wait_for()
        assert visit.people.all["a"].is_silent(begun)
        await tab_to(page, "resume")
        await page.keyboard.press("Enter")
        await page.locator("#pause").wait_for()
        assert not visit.people.all["a"].is_silent(begun)


async def test_new_links_lead_on_to_the_new_page(browser: Browser) -> None:
    async with visiting() as visit, opened(browser, visit) as page:
        before = page.url
        await page.get_by_role("button", name="Make new links").press("Enter")
        await page.get_by_role("status").wait_for()
        assert page.url != before
        await page.goto(before)
        assert "not valid any more" in await page.title()
