"""Who is notified of an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.siblings import says_more
from services.notifications.domain.content.texts import details, headline
from services.notifications.domain.notifications.state import (
    ALL_SUBSCRIPTIONS,
    Interests,
    Notification,
)
from shared.cloudevents import derived_id
from shared.contracts.notifications import NotificationQueued

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from shared.contracts.base import Event
    from shared.domain.decider import Context

MAX_IN_PART: Final = 2_000
"""Subscriptions that one published event names at most."""
MAX_PART: Final = 96 * 1024
"""Bytes of their ids at most, so that with the details the event can be read again."""


def queue(notification: Notification | None, event: Event, context: Context) -> Sequence[Event]:
    """Match the event against the subscriptions; the journal makes the answer final.

    Who is notified of another event about the same, which says more, is not notified of this one.

    Where many match, the answer is in several parts, each whole in itself.
    """
    interests = context.find(ALL_SUBSCRIPTIONS, Interests)
    if interests is None or notification is not None:
        return []
    kind, region = type(event).__name__, getattr(event, "coalition", None)
    regions = {one for one in (region, getattr(event, "coalition_before", None)) if one}
    more = says_more(event)
    matching = [
        interest.id
        for interest in interests.all
        if interest.matches(kind, regions) and not (more and interest.matches(more, regions))
    ]
    if not matching:
        return []
    content = {"headline": headline(event), "details": details(event)}
    return [
        NotificationQueued(
            notification=derived_id(*context.cause),
            about=event.subject,
            kind=kind,
            coalition=region,
            subscriptions=part,
            **content,
        )
        for part in parts(matching)
    ]


def pass_over(notification: Notification | None, event: Event, context: Context) -> Sequence[Event]:
    """Notify nobody: it is no news."""
    del notification, event, context
    return []


def parts(subscriptions: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Ids in parts that one event can name; the same ids make the same parts."""
    part: list[str] = []
    size = 0
    for id_ in subscriptions:
        length = len(id_.encode()) + len('"",')
        if part and (len(part) == MAX_IN_PART or size + length > MAX_PART):
            yield tuple(part)
            part, size = [], 0
        part.append(id_)
        size += length
    if part:
        yield tuple(part)
