"""E-mails in a browser, as mail programs show them: axe finds nothing, and Arabic is mirrored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

from services.notifications import previews
from services.notifications.domain import LANGUAGES
from tests.browsing import WIDTHS, chromium, picture, violations, width

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from services.notifications.domain import Language

KINDS: Final = ("AnnouncementQueued", "CommitmentUpdated", "Digest", "LocalPlanAdopted", "Welcome")
"""Of each look one."""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as here:
        yield here


@asynccontextmanager
async def blank(browser: Browser, screen: str, scheme: Any = "light") -> AsyncIterator[Page]:
    """A page of a width, which loads nothing."""
    size: Any = {"width": WIDTHS[screen], "height": 800}
    context = await browser.new_context(viewport=size, color_scheme=scheme, offline=True)
    asked: list[str] = []
    page = await context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    yield page
    await context.close()
    assert asked == []


def shown(kind: str, language: Language) -> str:
    """As `GET /previews/{kind}` shows it."""
    return previews.as_page(previews.html(kind, language))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_in_an_e_mail_and_it_is_no_wider_than_the_screen(
    browser: Browser, language: Language, screen: str, scheme: str
) -> None:
    async with blank(browser, screen, scheme) as page:
        for kind in KINDS:
            await page.set_content(shown(kind, language))
            assert await violations(page) == [], kind
            assert await width(page) <= WIDTHS[screen], kind
            dark = "-dark" if scheme == "dark" else ""
            await picture(page, f"{kind.lower()}-{language}-{screen}{dark}")


async def test_no_kind_of_e_mail_is_wider_than_a_phone_or_wrong_in_arabic(browser: Browser) -> None:
    async with blank(browser, "phone") as page:
        for kind in previews.kinds():
            await page.set_content(shown(kind, "ar"))
            assert await violations(page) == [], kind
            assert await width(page) <= WIDTHS["phone"], kind


async def test_an_e_mail_in_arabic_is_mirrored(browser: Browser) -> None:
    places = {}
    async with blank(browser, "desktop") as page:
        for language in ("en", "ar"):
            await page.set_content(shown("CommitmentUpdated", language))
            box = await page.locator("th").first.bounding_box()
            assert box
            places[language] = box["x"]
    assert places["ar"] > 640 > places["en"]
