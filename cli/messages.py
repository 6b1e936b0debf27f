"""`make messages`: what people read, collected from the code and put into each catalogue.

What is new or changed is marked there as such (empty, or `fuzzy`), and the tests fail until it is
translated. In English each message is what it is, unless its catalogue says it better.

It also writes down how each kind of e-mail looks in each language: what a change makes of them is
seen where it is reviewed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from services.notifications import previews
from services.notifications.domain.content.languages import DOMAIN, LANGUAGES, SOURCE
from services.notifications.domain.content.messages import messages

if TYPE_CHECKING:
    from babel.messages.catalog import Message

    from services.notifications.domain import Language

ROOT: Final = Path(__file__).parent.parent
NOTIFICATIONS: Final = ROOT / "services" / "notifications"
SNAPSHOTS: Final = ROOT / "tests" / "contract" / "emails"
REVIEWED: Final = "Reviewed by a native reader:"
"""What a catalogue's first lines say: `no`, or when somebody has read all of it as it is."""
_OF_A_DIRECTION: Final = ("en", "ar")
_METHODS: Final = [("**.py", "python"), ("templates/**", "jinja2")]
_KEYWORDS: Final = {"phrase": None, "phrases": (1, 2)}
_HEADER: Final = f"# What notifications says to people.\n# {REVIEWED} no"
_WIDTH: Final = 100
_STYLES: Final = re.compile(r'<style>.*?</style>\n?| style="[^"]*"', re.DOTALL)


def template() -> Catalog:
    """All messages that there are, without a translation."""
    found = Catalog(domain=DOMAIN, project="coalition", header_comment=_HEADER, charset="utf-8")
    for one in messages():
        of_one = (one.text, one.several) if one.several else one.text
        found.add(of_one, auto_comments=[one.about], context=one.context or None)
    for _, _, text, _, _ in extract_from_dir(NOTIFICATIONS, _METHODS, keywords=_KEYWORDS):
        found.add(text, auto_comments=["phrase"])
    return found


def path(language: str) -> Path:
    """The catalogue of a language."""
    return NOTIFICATIONS / "locale" / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(language: str) -> Catalog:
    """A catalogue as it is; an empty one where there is none."""
    if not path(language).exists():
        return Catalog(language, DOMAIN, header_comment=_HEADER)
    with path(language).open("rb") as file:
        return read_po(file, language, DOMAIN)


def reviewed(language: str) -> str:
    """What a catalogue says of its review: `no`, or a date."""
    comment = str(read(language).header_comment)
    return comment.partition(REVIEWED)[2].partition("\n")[0].strip()


def updated(language: str) -> Catalog:
    """A catalogue with all messages that there are, and no others."""
    catalogue = read(language)
    catalogue.update(template(), no_fuzzy_matching=language == SOURCE)
    catalogue.obsolete.clear()
    for message in catalogue if language == SOURCE else ():
        _say_as_it_is(message)
    return catalogue


def _say_as_it_is(message: Message) -> None:
    if message.id and not any(message.string or ()):
        message.string = message.id


def text(language: str) -> bytes:
    """A catalogue with all messages that there are, as it is written."""
    catalogue = updated(language)
    fixed = datetime(2026, 1, 1, tzinfo=UTC)  # a date of its own would change it at each run
    catalogue.creation_date = catalogue.revision_date = fixed
    catalogue.project, catalogue.version, catalogue.fuzzy = "coalition", "1", False
    catalogue.last_translator, catalogue.language_team = "the project", language
    catalogue.msgid_bugs_address = ""
    written = BytesIO()
    write_po(written, catalogue, width=_WIDTH, no_location=True, sort_output=True)
    return written.getvalue()


def write(language: str) -> None:
    """Put all messages into a catalogue."""
    path(language).parent.mkdir(parents=True, exist_ok=True)
    path(language).write_bytes(text(language))


def snapshots(language: Language) -> dict[str, str]:
    """All kinds of e-mails in a language, by the name of the file: as text, and as HTML.

    HTML is kept of one language for each direction, since another one differs in its words alone,
    which the text has. The styles within the elements are left out: they are the same everywhere.
    """
    plain, html = [], []
    for kind in previews.kinds():
        plain.append(f"######## {kind}\n{previews.plain(kind, language)}")
        page = _STYLES.sub("", previews.html(kind, language))
        html.append(f"<!-- {kind} -->\n{page}\n")
    texts = {f"{language}.txt": "\n".join(plain)}
    return {**texts, f"{language}.html": "\n".join(html)} if language in _OF_A_DIRECTION else texts


if __name__ == "__main__":
    for one in LANGUAGES:
        write(one)
        for name, snapshot in snapshots(one).items():
            SNAPSHOTS.mkdir(exist_ok=True)
            (SNAPSHOTS / name).write_text(snapshot, "utf-8")
