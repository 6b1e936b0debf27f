"""The table of a notification: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.texts import NOTIFIED, ONLY_LISTED
from services.notifications.domain.notifications import decide, evolve
from services.notifications.domain.notifications.state import ALL_SUBSCRIPTIONS, KIND, Notification
from shared.cloudevents import derived_id
from shared.contracts.notifications import NotificationQueued
from shared.domain.decider import Aggregate, Row, on

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from shared.domain.decider import Cause
    from shared.domain.stream import Stream


def _by_cause(event: Event, cause: Cause) -> str:
    """Each event that is read is an aggregate of its own."""
    del event
    return derived_id(*cause)


def _subscriptions(_: Event) -> tuple[Stream, ...]:
    return (ALL_SUBSCRIPTIONS,)


_QUEUED: Final[tuple[Row[Notification], ...]] = tuple(
    on(event, decide=decide.queue, looks_at=_subscriptions) for event in NOTIFIED
)
_PASSED_OVER: Final[tuple[Row[Notification], ...]] = tuple(
    on(event, decide=decide.pass_over) for event in ONLY_LISTED
)
NOTIFICATIONS: Final = Aggregate(
    kind=KIND,
    state=Notification,
    identify=_by_cause,
    rows=(*_QUEUED, *_PASSED_OVER, on(NotificationQueued, evolve=evolve.queued)),
)
