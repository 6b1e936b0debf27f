"""Notifications' rules: who is told about which event, in which words; no addresses here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from shared.cloudevents import derived_id
from shared.contracts import membership, plans
from shared.contracts.base import Model, Slug
from shared.contracts.notifications import Detail, EventKind, NotificationQueued
from shared.decider import Route, Situation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

ALL_SUBSCRIPTIONS: Final = "subscriptions/all"
TOLD_ABOUT: Final[tuple[type[Event], ...]] = (
    *membership.EVENTS,
    plans.PlanPublished,
    plans.CommitmentsAwaited,
    plans.CommitmentsOpened,
    plans.CommitmentUpdated,
)
"""The events that people can be told about."""


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


class Notifications:
    """Decides who is told."""

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """Each event is an aggregate of its own, and looks at the subscriptions."""
        del event
        return Route(f"notifications/{derived_id(*cause)}", (ALL_SUBSCRIPTIONS,))

    def decide(self, event: Event, situation: Situation[State]) -> Sequence[Event]:
        """Match the event against the subscriptions; the journal makes the answer final."""
        interests = situation.others.get(ALL_SUBSCRIPTIONS)
        if not isinstance(interests, Interests) or situation.state is not None:
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
                headline=headline(event)[:300],
                details=details(event),
                subscriptions=told,
                notification=derived_id(*situation.cause),
            )
        ]

    def evolve(self, state: State | None, event: Event) -> State | None:
        """Fold one published event."""
        if isinstance(event, NotificationQueued):
            return Notification(id=event.notification, queued=event)
        return state


def headline(event: Event) -> str:  # noqa: PLR0911 - one line for each kind of event
    """One line that says what happened."""
    match event:
        case membership.CoalitionFounded():
            return f"{event.name}: founded, or in creation"
        case membership.CoalitionLaunched():
            return f"{event.coalition_name or event.coalition}: launched"
        case membership.LeadCityDesignated():
            return f"{event.city.name} leads {event.coalition_name or event.coalition}"
        case membership.MemberEvent():
            verb = _VERBS.get(type(event), "has news")
            return f"{event.member.name or event.subject} {verb}"
        case plans.PlanPublished():
            return f"Ten-Point Plan of {event.coalition}, version {event.version}: published"
        case plans.CommitmentsOpened():
            return f"{event.member.name}: ten commitments are open"
        case plans.CommitmentsAwaited():
            return f"{event.member.name}: waits for the plan of {event.coalition}"
        case plans.CommitmentUpdated():
            return f"{event.member.name}, commitment {event.point}: {event.status}"
        case _:
            return type(event).__name__


def details(event: Event) -> tuple[Detail, ...]:
    """What else is worth telling, as labels and texts."""
    match event:
        case membership.MemberEvent():
            rows = {
                "Coalition": event.coalition_name or event.coalition,
                "Country": event.member.country,
                "Kind": event.member.kind,
                "Date": event.date,
                "State now": event.state,
                "Reason": getattr(event, "reason", None),
            }
        case membership.CoalitionLaunched():
            rows = {"Date": event.launched, "Place": event.place, "Occasion": event.occasion}
        case membership.LeadCityDesignated():
            rows = {"Since": event.since, "Until": event.until, "Area": event.area}
        case plans.PlanPublished():
            rows = {str(n): title for n, title in enumerate(event.commitments, 1)}
        case plans.CommitmentUpdated():
            rows = {
                "Commitment": event.title,
                "Before": event.previous,
                "Now": event.status,
                "As of": event.as_of,
                "Note": event.note,
            }
        case _:
            rows = {"Coalition": getattr(event, "coalition", None)}
    return tuple(Detail(label=label, text=text) for label, text in rows.items() if text)


_VERBS: Final[dict[type[Event], str]] = {
    membership.MemberApplied: "stated its intent to join",
    membership.CityDecided: "decided in council to join",
    membership.CitySigned: "signed",
    membership.MemberAdmitted: "was admitted",
    membership.MemberSuspended: "was suspended",
    membership.MemberReinstated: "was reinstated",
    membership.MemberWithdrawn: "withdrew",
}
