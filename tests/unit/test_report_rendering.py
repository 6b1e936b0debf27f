"""A report as a document: whatever it holds is shown as text, in Markdown and in HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from services.plans.domain.reports.document import ReportDocument
from services.plans.rendering import markdown, rendered
from shared.contracts.base import MemberRef

NASTY = [
    "<script>alert(1)</script>",
    "# no heading",
    "1. no list",
    "- no list",
    "+ no list",
    "> no quotation",
    "*no stress* and _none_ and ~~none~~ and `no code`",
    "[no link](https://example.org) ![no image](x)",
    "<https://example.org> &lt; &amp;",
    "| no | table |",
    "=== x",
    "--- x",
    "a\\*b",
    "\\",
    "    no code block",
    "[x]: https://example.org",
    "~~~",
    "```",
    "1986) It began",
]


def document(text: str = "Text", **more: Any) -> ReportDocument:
    section = {
        "point": 3,
        "title": "A point",
        "taken_up": True,
        "status": "planned",
        "text": text,
        "written": True,
    }
    fields = {
        "member": MemberRef(name="Montevideo", country="UY", kind="city"),
        "coalition": "latin",
        "due": "2020-10-25",
        "state": "submitted",
        "is_draft": False,
        "submitted": "2020-10-20",
        "contents": {"plan_version": 1, "sections": [section]},
    }
    return ReportDocument.model_validate({**fields, **more})


def shown(text: str) -> str:
    """The text that a reader of some Markdown sees, where all of it is one paragraph."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    assert [one.type for one in tokens] in (["paragraph_open", "inline", "paragraph_close"], [])
    inline = [child for one in tokens for child in one.children or ()]
    assert {one.type for one in inline} <= {"text", "text_special"}, inline
    return "".join(one.content for one in inline)


@pytest.mark.parametrize("text", NASTY)
def test_markdown_shows_a_line_as_it_is(text: str) -> None:
    assert shown(markdown(text)) == text.strip()


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=60))
def test_markdown_shows_any_line_as_it_is(text: str) -> None:
    assert shown(markdown(text)) == text.strip()


class Tags(HTMLParser):
    """What a browser sees of a page: its tags, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags = list[str]()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("text", NASTY)
def test_html_shows_what_is_in_a_report_as_text_wherever_it_stands(text: str) -> None:
    line = " ".join(text.split())
    everywhere = document(
        text,
        title=line,
        note=text,
        reviewer=line,
        feedback=text,
        comments=[{"point": 3, "text": text}],
    )
    page, plain = Tags(rendered(everywhere, "html")), Tags(rendered(document(), "html"))
    assert set(page.tags) - {"blockquote"} == set(plain.tags)
    assert page.text.count(line) >= 5


def test_the_document_of_a_report_in_markdown() -> None:
    of = document(
        "The centre *advises*\nin two languages.",
        title="Second report",
        document="https://example.org/a_(b)?c=d&e",
        note="In short",
        reviewer="Secretariat",
        feedback="Well done",
        comments=[{"point": 3, "text": "How many\ncame again?"}],
    )
    assert rendered(of, "markdown") == (
        "# Montevideo: Second report\n\n"
        "Due on 2020-10-25, submitted 2020-10-20.\n\n"
        "The document: <https://example.org/a_(b)?c=d&e>\n\n"
        "In short\n\n"
        "## 3\\. A point\n\n"
        "*Nothing is recorded of this commitment yet.*\n\n"
        "The centre \\*advises\\*  \nin two languages.\n\n"
        "> Secretariat: How many came again?\n\n"
        "## The review\n\n"
        "Secretariat: Well done"
    )


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_draft_says_that_it_is_one(form: Any) -> None:
    draft = document(is_draft=True, submitted=None, state="due")
    assert "Draft of the report due on 2020-10-25. It is not submitted." in rendered(draft, form)
