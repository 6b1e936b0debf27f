"""What changed because of an event: when, and for whom; read off its contract."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from shared.contracts import membership, plans
from shared.contracts.base import MemberRef
from shared.contracts.dates import PATTERN
from shared.contracts.strict import schema_of, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.contracts.base import Event

_OTHERWISE_DATED: Final[dict[type[Event], str]] = {
    plans.ReportFellDue: "due",
    plans.ReportFellOverdue: "by",
    membership.ConferenceChanged: "changed",
}
"""Events that say when they happened in another field than their first date."""
_NOT_WHEN: Final = frozenset({"until", "ends", "due", "by", "overdue"})
"""Dates that say until when, or by when."""
_DATE: Final = re.compile(PATTERN)


def when(event: Event) -> str | None:
    """The date of what happened, as precise as its source; None for what has no date.

    A correction stands beside what it corrects: where that was recorded.
    """
    if type(event).__name__.endswith("Corrected"):
        recorded = str(getattr(event, "recorded", ""))
        return recorded if _DATE.fullmatch(recorded) else None
    dates = (getattr(event, field) for field in _dates(type(event)))
    return next((date for date in dates if date), None)


@cache
def _dates(kind: type[Event]) -> tuple[str, ...]:
    """The fields that may say when, those of the event before those that all of its kind have."""
    if field := _OTHERWISE_DATED.get(kind):
        return (field,)
    schema = schema_of(kind)
    own = sorted(kind.model_fields, key=lambda field: field not in kind.__annotations__)
    return tuple(
        field
        for field in own
        if field not in _NOT_WHEN
        and within(schema["properties"][field], schema).get("pattern") == PATTERN
    )


def concerned(event: Event) -> tuple[str, ...]:
    """The ids of the members that an event names, each once; and the id that leads to one by it."""
    alias: str | None = getattr(event, "alias", None)
    ids = (*(reference.key for reference in _references(event)), *filter(None, (alias,)))
    return tuple(dict.fromkeys(ids))


def _references(event: Event) -> Iterator[MemberRef]:
    for field in type(event).model_fields:
        value = getattr(event, field)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, MemberRef):
                yield one
