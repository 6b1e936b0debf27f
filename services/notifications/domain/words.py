"""In which words people are told about an event: a headline, and what else is worth telling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.notifications.domain import about_membership, about_plans
from services.notifications.domain.telling import isolated
from shared.contracts.base import MemberRef
from shared.contracts.notifications import Detail
from shared.contracts.plans import Commitment

if TYPE_CHECKING:
    from services.notifications.domain.telling import Words
    from shared.contracts.base import Event

WORDS: Final[dict[type[Event], Words]] = {**about_membership.WORDS, **about_plans.WORDS}
"""The words for each kind of event."""
TOLD_ABOUT: Final[tuple[type[Event], ...]] = tuple(WORDS)
"""The events that people can be told about."""
NOBODY_IS_TOLD: Final[dict[type[Event], str]] = {**about_membership.NOBODY, **about_plans.NOBODY}
"""The events that nobody is told about, and why."""
_LINE: Final = 300
_PARAGRAPH: Final = 4000
"""Characters of a headline and of a detail at most."""


def headline(event: Event) -> str:
    """One line that says what happened."""
    return WORDS[type(event)].headline.format_map(_Said(event))[:_LINE]


def details(event: Event) -> tuple[Detail, ...]:
    """What else is worth telling, as labels and texts; what the event does not say is left out."""
    rows = ((label, _text(_of(event, f))) for label, f in WORDS[type(event)].details.items())
    return tuple(Detail(label=label, text=text[:_PARAGRAPH]) for label, text in rows if text)


class _Said(dict[str, str]):
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
    match value:
        case None:
            return ""
        case MemberRef():
            return value.name or value.key
        case Commitment():
            return f"{value.point}. {value.title}"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return "\n".join(_text(one) for one in value)
        case _:
            return str(value)
