"""The languages that people read, and the catalogue of each: messages as gettext has them."""

from __future__ import annotations

from functools import cache
from importlib import resources
from io import BytesIO
from typing import Final, Literal, get_args

from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

Language = Literal["en", "fr", "es", "ar"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
SOURCE: Final[Language] = "en"
"""The language in which the code says its messages; its catalogue may say them better."""
LOCALE: Final = resources.files("services.notifications") / "locale"
DOMAIN: Final = "notifications"


def known(language: str) -> Language:
    """A language of ours, else that of the source."""
    return next((one for one in LANGUAGES if one == language), SOURCE)


@cache
def catalogue(language: Language) -> Translations:
    """The messages in a language.

    They are compiled when first needed (a tenth of a second), so that a wheel holds the one file
    that translators change, and none that could be older.
    """
    compiled = BytesIO()
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def locale(language: Language) -> Locale:
    """What CLDR says of a language."""
    return Locale.parse(language)
