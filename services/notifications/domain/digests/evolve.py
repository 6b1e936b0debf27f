"""What published events make of a person's digests; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.domain.digests.state import Digests

if TYPE_CHECKING:
    from shared.contracts.notifications import DigestQueued


def queued(digests: Digests | None, event: DigestQueued) -> Digests:
    """A digest tells of what waited.

    What is marked as told in the store is remembered there: only what still seemed to wait, and
    what is new, has to be remembered here.
    """
    dates = digests.dates if digests else {}
    return Digests(
        id=event.subscription,
        dates=dates if event.requested else {**dates, event.frequency: event.date},
        listed=event.listed + event.notifications,
    )
