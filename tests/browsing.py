"""Debian's Chromium, what axe finds on a page, and pictures of it for the documentation."""

from __future__ import annotations

import io
import os
import shutil
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

WIDTHS: Final = {"desktop": 1280, "phone": 320}
_PROGRAM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
_SHOTS: Final = os.environ.get("COALITION_TEST_SCREENSHOTS")
"""A folder to put what is seen into: `make screenshots`."""
_KEPT: Final = frozenset(
    {
        *("page-en-desktop", "page-en-phone", "page-ar-desktop", "page-ar-phone"),
        *("page-ar-phone-dark", "digest-en-desktop", "digest-en-phone", "digest-ar-desktop"),
        *("digest-ar-phone", "digest-ar-phone-dark"),
    }
)
"""What the documentation shows."""
_COLOURS: Final = 48


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser; skips where there is none, but never in CI."""
    if _PROGRAM is None:
        if os.environ.get("CI") or os.environ.get("COALITION_REQUIRE_DOCKER"):
            pytest.fail("there is no chromium: .ci/run installs it")
        pytest.skip("there is no chromium")
    async with async_playwright() as started:
        here = await started.chromium.launch(executable_path=_PROGRAM, args=["--no-sandbox"])
        yield here
        await here.close()


async def violations(page: Page) -> list[str]:
    """What axe finds, of any severity; its script is run from outside, past the page's policy."""
    found = await Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


async def width(page: Page) -> int:
    """How wide a page is, in pixels: more than the screen where one has to scroll."""
    return int(await page.evaluate("document.documentElement.scrollWidth"))


async def picture(page: Page, name: str) -> None:
    """Keep what is seen, if pictures are wanted and this is one of the documentation's."""
    if _SHOTS and name in _KEPT:
        with Image.open(io.BytesIO(await page.screenshot())) as seen:
            few = seen.convert("RGB").quantize(_COLOURS)
            few.save(Path(_SHOTS) / f"{name}.png", optimize=True)
