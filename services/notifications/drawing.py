"""A letter as HTML and as plain text, with slots for what is each recipient's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Final

import css_inline
from jinja2 import Environment, PackageLoader, select_autoescape

from services.notifications import headers, links
from services.notifications.domain import Reader, known

if TYPE_CHECKING:
    from services.notifications.domain import Letter
    from shared.contracts.notifications import Detail

SLOTS: Final = ("why", "change")
"""What is each recipient's own: why they get it, and where they change that."""
OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
"""Around the name of a slot; for private use, so that no text of people has it."""
SLOT: Final = re.compile(f"{OPEN}({'|'.join(SLOTS)}){CLOSE}")
_inliner: Final = css_inline.CSSInliner(load_remote_stylesheets=False)
"""Many clients read no style sheet, so styles stand within the elements."""


def html(letter: Letter, reader: Reader) -> str:
    """A letter as HTML, its styles within the elements."""
    rendered = (
        _templates()
        .get_template("email.html")
        .render(
            letter=letter,
            reader=reader,
            phrase=reader.phrase,
            slot=slot,
            start="left" if reader.direction == "ltr" else "right",
            texts=lambda detail: _texts(detail, reader),
            unlinked=links.unlinked,
            breakable=links.breakable,
        )
    )
    lines = (line for line in _one_lines(rendered) if line.strip())
    return _inliner.inline("\n".join(lines))


def plain(letter: Letter, reader: Reader) -> str:
    """A letter as plain text, which says all that the HTML says."""
    return "\n".join(_one_lines("\n".join(_plain(letter, reader))))


def filled(text: str, own: Mapping[str, str], *, escaped: bool) -> str:
    """A text with what is a recipient's own."""
    return SLOT.sub(lambda found: escape(own[found[1]]) if escaped else own[found[1]], text)


def slot(name: str) -> str:
    """A place for what is each recipient's own."""
    return f"{OPEN}{name}{CLOSE}"


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("services.notifications"),
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _one_lines(text: str) -> Iterator[str]:
    return (headers.one_line(line) for line in text.split("\n"))


def _plain(letter: Letter, reader: Reader) -> Iterator[str]:
    yield from (links.unlinked(letter.subject), "")
    for paragraph in letter.opening:
        yield from (links.unlinked(paragraph), "")
    for section in letter.sections:
        yield from _heading(section.heading, "=")
        for group in section.groups:
            yield from _heading(group.heading, "-")
            for line in group.lines:
                if line.text:
                    yield f"* {links.unlinked(line.text)}"
                for detail in line.details:
                    yield _row(detail, reader)
            yield ""
    yield "-- "
    yield reader.phrase("International Coalition of Cities against Racism")
    yield from map(slot, SLOTS)
    yield ""


def _heading(text: str, underline: str) -> Sequence[str]:
    return (links.unlinked(text), underline * min(len(text), 60), "") if text else ()


def _row(detail: Detail, reader: Reader) -> str:
    found = _texts(detail, reader)
    texts = [text if is_link else reader.isolated(text) for text, is_link in found]
    between = "\n  " if len(texts) > 1 else " "
    return f"{detail.label}:{between}{between.join(texts)}"


def _texts(detail: Detail, reader: Reader) -> Sequence[tuple[str, bool]]:
    """The lines of a detail, and which of them are links; in the others nothing is one."""
    return links.lines(detail.text, may_link=detail.label in _linked(reader.language))


@cache
def _linked(language: str) -> frozenset[str]:
    """The labels of what is a link, in a language and in English, in which it may be recorded."""
    reader = Reader(known(language))
    return links.LINKED | {reader.phrase(label) for label in links.LINKED}
