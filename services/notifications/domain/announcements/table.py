"""The table of an announcement: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.announcements import decide, evolve
from services.notifications.domain.announcements.state import (
    ALL_COALITIONS,
    ALL_HOMES,
    KIND,
    Announcement,
)
from services.notifications.domain.notifications.state import ALL_SUBSCRIPTIONS
from shared.contracts.notifications import (
    AnnouncementCancelled,
    AnnouncementDrafted,
    AnnouncementFellDue,
    AnnouncementQueued,
    AnnouncementReleased,
    AnnouncementTested,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on, unchanged

if TYPE_CHECKING:
    from shared.contracts.base import Event
    from shared.domain.stream import Stream


def _subscriptions(_: Event) -> tuple[Stream, ...]:
    return (ALL_SUBSCRIPTIONS,)


def _coalitions(_: Event) -> tuple[Stream, ...]:
    return (ALL_COALITIONS,)


def _subscriptions_and_homes(_: Event) -> tuple[Stream, ...]:
    return (ALL_SUBSCRIPTIONS, ALL_HOMES)


ANNOUNCEMENTS: Final[Aggregate[Announcement]] = Aggregate(
    kind=KIND,
    state=Announcement,
    identify=by_subject,
    rows=(
        on(
            AnnouncementDrafted,
            decide=decide.draft,
            evolve=evolve.drafted,
            looks_at=_coalitions,
        ),
        on(
            AnnouncementTested,
            decide=decide.test,
            evolve=unchanged,
            looks_at=_subscriptions,
        ),
        on(AnnouncementReleased, decide=decide.release, evolve=if_exists(evolve.released)),
        on(AnnouncementCancelled, decide=decide.cancel, evolve=if_exists(evolve.cancelled)),
        on(
            AnnouncementFellDue,
            decide=decide.fall_due,
            looks_at=_subscriptions_and_homes,
        ),
        on(AnnouncementQueued, evolve=if_exists(evolve.queued)),
    ),
)
