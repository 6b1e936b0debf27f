"""Every message that a wording needs: what a catalogue has to have of each type of event."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Final, NamedTuple, get_args

from services.notifications.domain.content import values
from services.notifications.domain.content.texts import ALL, OF_SOURCES
from shared.contracts.notifications import How, Role, Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator

_OF_RULES: Final = {
    "how": get_args(How),
    "role": get_args(Role),
    "urgency": get_args(Urgency),
}
_LISTED: Final = tuple(
    (context, value) for context, all_ in {**values.CONTEXTS, **_OF_RULES}.items() for value in all_
)


class Message(NamedTuple):
    """A message in English, as gettext knows it.

    Attributes:
        several: its form for more than one, or "".
        context: which of several alike is meant, or "".
        about: what it is for, to whoever translates it.
    """

    text: str
    several: str = ""
    context: str = ""
    about: str = ""


def messages() -> Iterator[Message]:
    """The messages of all wordings: headlines and labels, and the values that contracts list."""
    for event, wording in ALL.items():
        yield Message(wording.headline, wording.several, about=f"headline of {event.__name__}")
        for label in wording.details:
            yield Message(label, about="label")
    for label, _ in OF_SOURCES:
        yield Message(label, about="label")
    for context, value in _LISTED:
        yield Message(value, context=context, about="value")


def fields(text: str) -> frozenset[str]:
    """What a message names in braces."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
