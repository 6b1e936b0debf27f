"""What people read of an event: a headline, and the details worth reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from services.notifications.domain.content import (
    about_local_plans,
    about_membership,
    about_plans,
)
from services.notifications.domain.content.names import Named, Names
from services.notifications.domain.content.reader import Reader
from services.notifications.domain.content.shown import shown
from services.notifications.domain.content.wording import shortened
from shared.contracts.notifications import Detail
from shared.contracts.sources import SourcedEvent

if TYPE_CHECKING:
    from services.notifications.domain.content.wording import Wording
    from shared.contracts.base import Event

_MODULES: Final = (about_membership, about_plans, about_local_plans)
WORDINGS: Final[dict[type[Event], Wording]] = {
    event: wording for module in _MODULES for event, wording in module.WORDINGS.items()
}
"""The wording for each type of event."""
NOTIFIED: Final[tuple[type[Event], ...]] = tuple(WORDINGS)
"""The events that people can be notified of."""
NOT_NOTIFIED: Final[dict[type[Event], str]] = {
    event: reason for module in _MODULES for event, reason in module.WITHOUT.items()
}
"""The events of which nobody is notified, and why."""
ONLY_LISTED: Final[dict[type[Event], Wording]] = {
    event: wording for module in _MODULES for event, wording in module.ONLY_LISTED.items()
}
"""The wording for what is no news, and listed among what changed."""
ALL: Final = {**WORDINGS, **ONLY_LISTED}
OF_SOURCES: Final = (("Source", "source"), ("Another source says", "also_claimed"))
"""Labels and fields of every event that has a source."""
_LINE: Final = 300
_PARAGRAPH: Final = 4000
"""Characters of a headline and of a detail at most."""
_ALL_DETAILS: Final = 96 * 1024
"""Bytes of all details at most, as JSON, so that every event with them can be read again."""
_BYTES_PER_CHARACTER: Final = 4
"""Of JSON, at most: texts hold no control characters, which would be written with more."""
ENGLISH: Final = Reader()


def headline(event: Event, reader: Reader = ENGLISH) -> str:
    """One line that says what happened, in the reader's language."""
    wording = ALL[type(event)]
    pattern = reader.phrase(wording.headline)
    if wording.counted:
        count = getattr(event, wording.counted)
        pattern = reader.phrases(wording.headline, wording.several, count)
    return shortened(pattern.format_map(_Fields(event, reader)), _LINE)


def details(event: Event, reader: Reader = ENGLISH) -> tuple[Detail, ...]:
    """What else is worth reading, as labels and texts; fields that are empty are left out.

    Should all of them together be too much, each is cut to the same length.
    """
    of_sources = OF_SOURCES if isinstance(event, SourcedEvent) else ()
    fields = (*ALL[type(event)].details.items(), *of_sources)
    rows = [(label, text) for label, name in fields if (text := shown(event, name, reader))]
    rows = [(reader.phrase(label), shortened(text, _PARAGRAPH)) for label, text in rows]
    if len(to_json(rows)) > _ALL_DETAILS:
        share = _ALL_DETAILS // (_BYTES_PER_CHARACTER * len(rows))
        rows = [(label, shortened(text, share)) for label, text in rows]
    return tuple(Detail(label=label, text=text) for label, text in rows)


def asked(event: Event) -> frozenset[str]:
    """What has to be known by name to put an event into words: `members/de-city-bonn`."""
    asking = _Asked()
    if type(event) not in ALL:  # an announcement says all itself
        return frozenset()
    reader = Reader(names=Names(asking))
    headline(event, reader)
    details(event, reader)
    return frozenset(asking.keys())


class _Asked(dict[str, Named | None]):
    """Knows no name, and which it was asked for."""

    def get(self, key: str, default: Named | None = None) -> Named | None:  # type: ignore[override]  # dict has it in two forms
        self[key] = default
        return default


class _Fields(dict[str, str]):
    """What a headline can name of an event; a text that runs the other way keeps its place."""

    def __init__(self, event: Event, reader: Reader) -> None:
        super().__init__()
        self._event, self._reader = event, reader

    def __missing__(self, field: str) -> str:
        return self._reader.isolated(shown(self._event, field, self._reader))
