"""What changed because of an event: when, and for whom; read off its contract."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.names import references
from services.notifications.domain.rules import Facts, urgency_of
from shared.contracts import membership, plans
from shared.contracts.catalogue import called
from shared.contracts.dates import PATTERN, PATTERNS
from shared.contracts.strict import schema_of, within

if TYPE_CHECKING:
    from shared.contracts.base import Event

_OTHERWISE_DATED: Final[dict[type[Event], str]] = {
    plans.ReportFellDue: "due",
    plans.ReportFellOverdue: "by",
    membership.ConferenceChanged: "changed",
}
"""Events that say when they happened in another field than their first date."""
_NOT_WHEN: Final = frozenset({"until", "ends", "due", "by", "overdue_report"})
"""Dates that say until when, or by when."""
_DATE: Final = re.compile(PATTERN)


def when(event: Event) -> str | None:
    """The date of what happened, as precise as its source; None for what has no date.

    A correction stands beside what it corrects: where that was recorded.
    """
    if event.type.split(".")[2].endswith("Corrected"):
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
        and within(schema["properties"][field], schema).get("pattern") in PATTERNS
    )


def concerned(event: Event) -> tuple[str, ...]:
    """The ids of the members that an event names, each once; and the id that leads to one by it."""
    alias: str | None = getattr(event, "alias", None)
    ids = (*(reference.key for reference in references(event)), *filter(None, (alias,)))
    return tuple(dict.fromkeys(ids))


def facts(event: Event) -> Facts:
    """What rules look at of an event."""
    kind = called(event.type)
    coalitions = (getattr(event, "coalition", None), getattr(event, "coalition_before", None))
    named = tuple(references(event))
    point = getattr(event, "point", None)
    return Facts(
        kind,
        urgency_of(kind),
        frozenset(one for one in coalitions if one),
        frozenset(one.country for one in named if one.country),
        frozenset(one.key for one in named),
        frozenset([point] if isinstance(point, int) else _numbers(event)),
        _whose_turn(event),
    )


def _whose_turn(event: Event) -> frozenset[str]:
    """Whom it is for: of what is overdue, those whose turn it is, and those before them."""
    if not isinstance(event, plans.ReportChased | plans.LocalPlanChased):
        return frozenset()
    last = plans.CHASED.index(event.to) if event.to in plans.CHASED else len(plans.CHASED)
    return frozenset(plans.CHASED[: last + 1])


def _numbers(event: Event) -> tuple[int, ...]:
    """The points that an event names, be it many."""
    points = getattr(event, "points", None)
    if not isinstance(points, tuple):
        return ()
    return tuple(point for point in points if isinstance(point, int))
