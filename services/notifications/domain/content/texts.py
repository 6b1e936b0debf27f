"""What people read of an event: a headline, and the details worth reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json

from services.notifications.domain.content import (
    about_local_plans,
    about_membership,
    about_plans,
)
from services.notifications.domain.content.wording import isolated, shortened
from shared.contracts.base import MemberRef
from shared.contracts.notifications import Detail
from shared.contracts.plans import Commitment, Measure, PointText
from shared.contracts.sources import Claim, Source, SourcedEvent

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
ONLY_LISTED: Final[dict[type[Event], Wording]] = {
    event: wording for module in _MODULES for event, wording in module.ONLY_LISTED.items()
}
"""The wording for what is no news, and listed among what changed."""
_ALL: Final = {**WORDINGS, **ONLY_LISTED}
"""The events of which nobody is notified, and why."""
_OF_SOURCES: Final = (("Source", "source"), ("Another source says", "also_claimed"))
"""Labels and fields of every event that has a source."""
_LINE: Final = 300
_PARAGRAPH: Final = 4000
"""Characters of a headline and of a detail at most."""
_ALL_DETAILS: Final = 96 * 1024
"""Bytes of all details at most, as JSON, so that every event with them can be read again."""
_BYTES_PER_CHARACTER: Final = 4
"""Of JSON, at most: texts hold no control characters, which would be written with more."""


def headline(event: Event) -> str:
    """One line that says what happened."""
    pattern = _ALL[type(event)].headline
    return shortened(pattern.format_map(_Fields(event)), _LINE)


def details(event: Event) -> tuple[Detail, ...]:
    """What else is worth reading, as labels and texts; fields that are empty are left out.

    Should all of them together be too much, each is cut to the same length.
    """
    of_sources = _OF_SOURCES if isinstance(event, SourcedEvent) else ()
    fields = (*_ALL[type(event)].details.items(), *of_sources)
    rows = [(label, text) for label, name in fields if (text := _text(_of(event, name)))]
    rows = [(label, shortened(text, _PARAGRAPH)) for label, text in rows]
    if len(to_json(rows)) > _ALL_DETAILS:
        share = _ALL_DETAILS // (_BYTES_PER_CHARACTER * len(rows))
        rows = [(label, shortened(text, share)) for label, text in rows]
    return tuple(Detail(label=label, text=text) for label, text in rows)


class _Fields(dict[str, str]):
    """What a headline can name of an event; a text from right to left keeps its place in it."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self._event = event

    def __missing__(self, field: str) -> str:
        return isolated(_text(_of(self._event, field)))


def _of(event: Event, field: str) -> Any:  # noqa: ANN401 - any field
    if field == "coalition":
        coalition = getattr(event, "coalition", None)
        return getattr(event, "coalition_name", None) or coalition or "all coalitions"
    name, _, within = field.partition(".")
    value = getattr(event, name)
    return getattr(value, within) if within and value else value


def _text(value: Any) -> str:  # noqa: ANN401 - any field
    if value is None:
        return ""
    if isinstance(value, MemberRef):
        return value.name or value.key
    if isinstance(value, Source | Claim):
        return _of_a_source(value)
    if isinstance(value, Commitment | Measure | PointText):
        return f"{value.point}. {value.text if isinstance(value, PointText) else value.title}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "\n".join(map(_text, value)) if isinstance(value, tuple) else str(value)


def _of_a_source(value: Source | Claim) -> str:
    if isinstance(value, Claim):
        source = f" ({_of_a_source(value.source)})" if value.source else ""
        return f"{value.field}: {value.value}{source}"
    return ", ".join(part for part in (value.title, value.date, value.link) if part)
