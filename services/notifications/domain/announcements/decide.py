"""What may be done with an announcement, and to whom it goes out."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from services.notifications.domain.announcements import evolve
from services.notifications.domain.announcements.state import (
    ALL_COALITIONS,
    ALL_HOMES,
    Coalitions,
    Homes,
)
from services.notifications.domain.notifications.decide import parts
from services.notifications.domain.notifications.state import ALL_SUBSCRIPTIONS, Interests
from services.notifications.domain.preferences import Told, quiet_until
from services.notifications.domain.rules import Facts
from shared.cloudevents import derived_id
from shared.contracts.catalogue import called
from shared.contracts.notifications import AnnouncementQueued
from shared.domain.dates import refuse_future
from shared.domain.decider import Refused
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.notifications.domain.announcements.state import Announcement
    from services.notifications.domain.notifications.state import Interest
    from services.notifications.domain.rules import Scope
    from shared.contracts.base import Event
    from shared.contracts.notifications import (
        AnnouncementCancelled,
        AnnouncementDrafted,
        AnnouncementEvent,
        AnnouncementFellDue,
        AnnouncementReleased,
        AnnouncementTested,
    )
    from shared.domain.decider import Context

TO_TAKE_BACK: Final = timedelta(minutes=10)
"""How long a released announcement can be cancelled, at the least."""
BY_ANNOUNCEMENT: Final = "announcement"
"""What stands where others have the rule by which somebody is told."""


def draft(
    announcement: Announcement | None, event: AnnouncementDrafted, context: Context
) -> Sequence[Event]:
    """Write an announcement, or write it anew.

    Raises:
        Refused: it was released, drafted on a day to come, or is for a coalition that is not there.
    """
    refuse_future(event.drafted, context.now)
    _refuse_unknown(event, context)
    if announcement is None:
        return [event.model_copy(update={"edition": 1})]
    _refuse_sent(announcement)
    if announcement.state == "released":
        raise Refused(f"{announcement.id} is released: cancel it, and draft it anew")
    anew = event.model_copy(update={"edition": announcement.edition})
    if evolve.drafted(announcement, anew) == announcement:
        return []
    return [event.model_copy(update={"edition": announcement.edition + 1})]


def test(
    announcement: Announcement | None, event: AnnouncementTested, context: Context
) -> Sequence[Event]:
    """Send it to one subscription.

    Raises:
        Refused: it went out or was cancelled, or there is no such subscription.
    """
    announcement = _existing(announcement, event)
    _refuse_sent(announcement)
    _refuse_cancelled(announcement)
    if not any(one.id == event.subscription for one in _interests(context)):
        raise Refused(f"there is no subscription {event.subscription!r}")
    more = {"test": derived_id(*context.cause), "tested": context.now}
    return [event.model_copy(update={**_said(announcement), **more})]


def release(
    announcement: Announcement | None, event: AnnouncementReleased, context: Context
) -> Sequence[Event]:
    """Have it go out, in ten minutes; twice is once.

    Raises:
        Refused: it was cancelled, or drafted anew since whoever releases it saw it.
    """
    announcement = _existing(announcement, event)
    if event.edition and event.edition != announcement.edition:
        raise Refused(
            f"{announcement.id} was drafted anew: its edition is {announcement.edition},"
            f" not {event.edition}"
        )
    _refuse_cancelled(announcement)
    if announcement.state != "draft":
        return []
    more = {"edition": announcement.edition, "goes_out": context.now + TO_TAKE_BACK}
    return [event.model_copy(update=more)]


def cancel(
    announcement: Announcement | None, event: AnnouncementCancelled, context: Context
) -> Sequence[Event]:
    """Take it back, as long as it has not gone out.

    Raises:
        Refused: it went out.
    """
    del context
    announcement = _existing(announcement, event)
    _refuse_sent(announcement)
    return [] if announcement.state == "cancelled" else [event]


def fall_due(
    announcement: Announcement | None, event: AnnouncementFellDue, context: Context
) -> Sequence[Event]:
    """Have it go out to those whom it is for then, if it was not cancelled and its time has come.

    Cancelling is decided in the same stream, so one of the two comes first: none is sent, or all.
    """
    del event
    if announcement is None or announcement.state != "released":
        return []
    if announcement.goes_out is None or context.now < announcement.goes_out:
        return []
    matching: dict[Told, list[str]] = defaultdict(list)
    homes = context.find(ALL_HOMES, Homes) or Homes()
    for one in audience(announcement, _interests(context), homes, context.now):
        matching[Told("at once", BY_ANNOUNCEMENT, quiet_until(one, context.now))].append(one.id)
    about = {"announcement": announcement.id, "edition": announcement.edition}
    return [
        AnnouncementQueued(**about, **_said(announcement), decided=context.now, recipients=part)
        for part in [*parts(matching)] or [()]
    ]


def audience(
    announcement: Announcement, interests: Sequence[Interest], homes: Homes, now: datetime
) -> list[Interest]:
    """Those whom an announcement is for: by role and coalition, unless they want none.

    Whoever's own member belongs to a coalition is of it, named or not. A rule of their own that
    says never is a wish for none; one that says daily or weekly is not, since an announcement goes
    out once. What their role says is not asked.
    """
    facts = Facts(called(AnnouncementQueued.type), "normal", frozenset(announcement.coalitions))
    of_role = [one for one in interests if not announcement.roles or one.role in announcement.roles]
    scopes = ((one, _scope(one, facts, homes)) for one in of_role if not one.is_silent(now))
    return [one for one, at in scopes if at.coalition and not _wants_none(one, facts, at)]


def _scope(interest: Interest, facts: Facts, homes: Homes) -> Scope:
    scope = interest.scope(facts)
    at_home = any(homes.of.get(member) in facts.coalitions for member in interest.members)
    return scope._replace(coalition=scope.coalition or at_home)


def _wants_none(interest: Interest, facts: Facts, scope: Scope) -> bool:
    first = next((rule for rule in interest.rules if rule.matches(facts, scope)), None)
    return first is not None and first.how == "never"


def _said(announcement: Announcement) -> dict[str, Any]:
    return {field: getattr(announcement, field) for field in ("office", "titles", "texts")}


def _interests(context: Context) -> Sequence[Interest]:
    found = context.find(ALL_SUBSCRIPTIONS, Interests)
    return found.all if found else ()


def _existing(announcement: Announcement | None, event: AnnouncementEvent) -> Announcement:
    if announcement is None:
        raise Refused(f"no announcement {event.announcement!r} was drafted")
    return announcement


def _refuse_unknown(event: AnnouncementDrafted, context: Context) -> None:
    """Refuse what would go to nobody, since no coalition is called so."""
    there = (context.find(ALL_COALITIONS, Coalitions) or Coalitions()).ids
    for name in event.coalitions:
        if name not in there:
            raise Refused(f"notifications has read of no coalition {name!r}: {meant(name, there)}")


def _refuse_sent(announcement: Announcement) -> None:
    if announcement.state == "sent":
        raise Refused(f"{announcement.id} went out to {announcement.recipients} people")


def _refuse_cancelled(announcement: Announcement) -> None:
    if announcement.state == "cancelled":
        raise Refused(f"{announcement.id} was cancelled: draft it anew")
