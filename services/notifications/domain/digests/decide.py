"""Whether a digest is due, and of what it tells."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from services.notifications.domain.clock import local_date
from services.notifications.domain.digests.state import Digests, Item, Waiting, waiting_for
from services.notifications.domain.notifications.state import Interest, interest_of
from services.notifications.domain.preferences import quiet_until, slot
from shared.cloudevents import derived_id
from shared.contracts.notifications import MAX_IN_DIGEST, DigestQueued

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.contracts.notifications import DigestFellDue, DigestRequested
    from shared.domain.decider import Context

SKEW: Final = timedelta(minutes=5)
"""So far may the clock of who says that a digest fell due be ahead of the one here."""
_HOLDS: Final = {"daily": ("daily",), "weekly": ("weekly", "daily")}
"""What each kind of digest tells of: a weekly one spares its reader the daily one of that day."""


def fall_due(digests: Digests | None, event: DigestFellDue, context: Context) -> Sequence[Event]:
    """Tell in one e-mail of all that waits, if it is time, and something has waited for it.

    What came after the hour alone makes no digest, and goes into the next; so does what waited
    through a pause.
    """
    interest = context.find(interest_of(event.subscription), Interest)
    waiting = context.find(waiting_for(event.subscription), Waiting)
    if interest is None or waiting is None or interest.is_silent(context.now):
        return []
    this = slot(interest, event.frequency, date.fromisoformat(event.date))
    if this is None or this.due > context.now + SKEW or _was_there(digests, event):
        return []
    fresh, listed = _fresh(digests, waiting, _HOLDS[event.frequency])
    if not any(item.how == event.frequency and item.decided <= this.due for item in fresh):
        return []
    return [
        DigestQueued(
            digest=derived_id("digest", event.subscription, event.frequency, event.date),
            subscription=event.subscription,
            frequency=event.frequency,
            date=event.date,
            due=quiet_until(interest, context.now) or this.due,
            notifications=tuple(item.notification for item in fresh[:MAX_IN_DIGEST]),
            listed=listed,
        )
    ]


def request(digests: Digests | None, event: DigestRequested, context: Context) -> Sequence[Event]:
    """Tell now, in one e-mail, of all that waits; the digests of the clock come besides."""
    interest = context.find(interest_of(event.subscription), Interest)
    waiting = context.find(waiting_for(event.subscription), Waiting)
    if interest is None or waiting is None or interest.is_silent(context.now):
        return []
    fresh, listed = _fresh(digests, waiting, _HOLDS["weekly"])
    if not fresh:
        return []
    is_daily = any(item.how == "daily" for item in fresh)
    return [
        DigestQueued(
            digest=derived_id("digest", event.subscription, "requested", *context.cause),
            subscription=event.subscription,
            frequency="daily" if is_daily else "weekly",
            date=local_date(context.now, interest.zone).isoformat(),
            due=context.now,
            notifications=tuple(item.notification for item in fresh[:MAX_IN_DIGEST]),
            listed=listed,
            requested=True,
        )
    ]


def _fresh(
    digests: Digests | None, waiting: Waiting, hows: Sequence[str]
) -> tuple[list[Item], tuple[str, ...]]:
    """What no digest tells of yet, and what one does that still seems to wait."""
    seen = {item.notification for item in waiting.items}
    listed = tuple(one for one in digests.listed if one in seen) if digests else ()
    if len(listed) > MAX_IN_DIGEST:
        return [], listed  # the store is that far behind: the next digest tells of what is left
    fresh = [one for one in waiting.items if one.how in hows and one.notification not in listed]
    return fresh, listed


def _was_there(digests: Digests | None, event: DigestFellDue) -> bool:
    """Whether there was the digest of that day, or a later one."""
    return digests is not None and digests.dates.get(event.frequency, "") >= event.date
