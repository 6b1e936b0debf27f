"""Who is told about which event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from services.notifications.domain.words import details, headline
from shared.cloudevents import derived_id
from shared.contracts.base import Model, Slug
from shared.contracts.notifications import EventKind, NotificationQueued
from shared.domain.decider import Context, Decider, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

ALL_SUBSCRIPTIONS: Final = "subscriptions/all"


class Interest(Model):
    """What one subscription wants: an empty tuple means everything."""

    id: str
    regions: tuple[Slug, ...] = ()
    kinds: tuple[EventKind, ...] = ()

    def matches(self, kind: str, region: str | None) -> bool:
        """Whether an event of a kind in a region is wanted."""
        wants_kind = not self.kinds or kind in self.kinds
        return wants_kind and (not self.regions or region in self.regions)


class Interests(Model):
    """All subscriptions there are, as far as a decision needs to know them."""

    all: tuple[Interest, ...] = ()


class Notification(Model):
    """An event that somebody is told about."""

    id: str
    queued: NotificationQueued


State: TypeAlias = Notification | Interests


class Notifications(Decider[State]):
    """Decides who is told."""

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """Each event is an aggregate of its own, and looks at the subscriptions."""
        del event
        return Route(f"notifications/{derived_id(*cause)}", (ALL_SUBSCRIPTIONS,))

    def decide(self, state: State | None, event: Event, context: Context) -> Sequence[Event]:
        """Match the event against the subscriptions; the journal makes the answer final."""
        interests = context.others.get(ALL_SUBSCRIPTIONS)
        if not isinstance(interests, Interests) or state is not None:
            return []
        kind, region = type(event).__name__, getattr(event, "coalition", None)
        told = tuple(i.id for i in interests.all if i.matches(kind, region))
        if not told:
            return []
        return [
            NotificationQueued(
                about=event.subject,
                kind=kind,
                coalition=region,
                headline=headline(event),
                details=details(event),
                subscriptions=told,
                notification=derived_id(*context.cause),
            )
        ]

    def evolve(self, state: State | None, event: Event) -> State | None:
        """Fold one published event."""
        if isinstance(event, NotificationQueued):
            return Notification(id=event.notification, queued=event)
        return state
