"""Who reads: their language, and how it says a message, a date, a country and a number."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

from services.notifications.domain.content.languages import catalogue, locale
from services.notifications.domain.content.names import NO_NAMES, Names
from services.notifications.domain.content.wording import isolated
from shared.contracts.dates import earliest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.domain.content.languages import Language

_TO_THE_YEAR: Final = len("2006")
_BETWEEN: Final = {"ar": "\u060c "}
"""What stands between things in one line, where that is another comma. Babel's lists of three kinds
lack some languages, and say the last of two twice."""
_TO_THE_MONTH: Final = len("2006-08")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader of one language, who knows some things by their names."""

    language: Language = "en"
    names: Names = NO_NAMES

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as HTML says it."""
        return locale(self.language).text_direction

    def phrase(self, message: str, context: str | None = None) -> str:
        """A message in the reader's language; the context says which of several is meant."""
        messages = catalogue(self.language)
        if context:
            return str(messages.pgettext(context, message))
        return messages.gettext(message)

    def phrases(self, one: str, several: str, count: int) -> str:
        """A message in the form that the language has for so many."""
        return catalogue(self.language).ngettext(one, several, count)

    def date(self, value: str) -> str:
        """A date in words, no more precise than it is known (EDTF level 0)."""
        if len(value) == _TO_THE_YEAR:
            return value
        if len(value) == _TO_THE_MONTH:
            return format_skeleton("yMMMM", earliest(value), locale=locale(self.language))
        return format_date(earliest(value), "long", locale=locale(self.language))

    def country(self, code: str) -> str:
        """A country by its name."""
        return str(locale(self.language).territories.get(code, code))

    def tongue(self, tag: str) -> str:
        """A language by its name."""
        return str(locale(self.language).languages.get(tag.replace("-", "_"), tag))

    def weekday(self, day: int) -> str:
        """A day of the week, from 0 for Monday."""
        return str(locale(self.language).days["format"]["wide"][day])

    def number(self, value: float | Decimal) -> str:
        """A number with the separators of the language."""
        return format_decimal(value, locale=locale(self.language), decimal_quantization=False)

    def percent(self, value: int) -> str:
        """So many percent."""
        return format_percent(Decimal(value) / 100, locale=locale(self.language))

    def listed(self, items: Sequence[str]) -> str:
        """Some things in one line."""
        return _BETWEEN.get(self.language, ", ").join(items)

    def isolated(self, text: str) -> str:
        """A text that turns nothing around it, whichever way it runs."""
        return isolated(text, self.direction)
