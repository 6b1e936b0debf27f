"""How each kind of e-mail looks in each language is as it was, unless somebody saw the change."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from cli import messages
from services.notifications import previews
from services.notifications.domain import LANGUAGES, Language

_IDS = re.compile(r"\b(europe|de-city-[a-z]+|europe-2009-toulouse|potsdam-2008)(?![-\w])")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_e_mail_looks_as_it_was_last_seen(language: Language) -> None:
    for name, snapshot in messages.snapshots(language).items():
        kept = (messages.SNAPSHOTS / name).read_text("utf-8")
        assert kept == snapshot, f"{name} changed: run `make messages`, and look at the difference"


class _Page(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))


@pytest.mark.parametrize("kind", previews.kinds())
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_its_language_and_direction_and_loads_nothing(
    kind: str, language: Language
) -> None:
    page = previews.html(kind, language)
    elements = _Page(page).elements
    html = dict(elements)["html"]
    assert html["lang"] == language
    assert html["dir"] == ("rtl" if language == "ar" else "ltr")
    headings = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))
    assert not {"img", "script", "link", "iframe"} & {tag for tag, _ in elements}
    for tag, attributes in elements:
        if tag == "th":
            assert attributes["scope"] == "row"
        if attributes.get("role") == "img":
            assert attributes["aria-label"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_e_mail_shows_an_id_where_the_name_is_told(language: Language) -> None:
    for kind in previews.kinds():
        for line in previews.plain(kind, language).splitlines():
            assert not _IDS.search(line), kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_text_says_what_the_html_says(language: Language) -> None:
    for kind in previews.kinds():
        page = previews.html(kind, language)
        markup = re.compile("<title>.*?</title>|<style>.*?</style>|<[^>]*>", re.DOTALL)
        drawn = unescape(markup.sub("", page))
        assert _letters(previews.plain(kind, language)) == _letters(drawn), kind


def _letters(text: str) -> str:
    """A text without what only sets it out."""
    return re.sub(r"[\W_]", "", text)
