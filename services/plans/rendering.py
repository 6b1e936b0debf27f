"""A report as a document for people: Markdown or HTML, with whatever is in it as text."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from services.plans.domain.reports.contents import in_words, standing
from shared.contracts.plans import ReportedAction, ReportSection

if TYPE_CHECKING:
    from services.plans.domain.reports.document import ReportDocument

Form = Literal["markdown", "html"]
STYLE: Final = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
    ".text{white-space:pre-line;overflow-wrap:anywhere}"
    "blockquote{border-left:.2rem solid;margin-left:0;padding-left:1rem}"
)
_MEANS_SOMETHING: Final = re.compile(r"([\\`*_\[\]<>#|~&$!])")
_IN_LINKS: Final = "%:/?#[]@!$&'()*+,;=~"
_AT_THE_BEGINNING: Final = re.compile(r"^([0-9]{0,9})([-+=.):])")


def markdown(text: str) -> str:
    """A line of text as Markdown that shows it as it is, whatever it holds."""
    escaped = _MEANS_SOMETHING.sub(r"\\\1", text.strip())
    return _AT_THE_BEGINNING.sub(r"\1\\\2", escaped)


def rendered(report: ReportDocument, form: Form) -> str:
    """A report as a document."""
    comments = defaultdict[int, list[str]](list)
    for comment in report.comments:
        comments[comment.point].append(comment.text)
    return (
        _templates()
        .get_template(_NAMES[form])
        .render(
            report=report,
            heading=_heading(report),
            standing=_standing(report),
            sections=report.contents.sections if report.contents else (),
            comments=comments,
            reviewer=report.reviewer or "The reviewers",
            style=Markup(STYLE),  # noqa: S704 - it is ours
        )
    )


_NAMES: Final[dict[Form, str]] = {"markdown": "report.md", "html": "report.html"}


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("services.plans"), autoescape=select_autoescape(["html"])
    )
    templates.filters |= {
        "md": markdown,
        "stands": _stands,
        "does": _does,
        "link": lambda link: quote(link, safe=_IN_LINKS),
        "flat": lambda text: " ".join(text.split()),
    }
    return templates


def _heading(report: ReportDocument) -> str:
    whose = report.member.name or report.member.key
    return f"{whose}: {report.title or f'report due on {report.due}'}"


def _standing(report: ReportDocument) -> str:
    if report.is_draft:
        return f"Draft of the report due on {report.due}. It is not submitted."
    since = report.contents.since if report.contents else None
    parts = [f"Due on {report.due}, submitted {report.submitted}."]
    if report.accepted:
        parts.append(f"Accepted {report.accepted}.")
    if since:
        parts.append(f"The report before was submitted {since}.")
    return " ".join(parts)


def _stands(section: ReportSection) -> str:
    chosen = "" if section.taken_up else " The city has not chosen this commitment."
    return standing(section) + chosen


def _does(action: ReportedAction) -> str:
    return in_words(action)
