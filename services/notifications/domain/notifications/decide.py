"""Who is notified of an event, and how each of them is told."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from services.notifications.domain.changes import facts, when
from services.notifications.domain.content.siblings import says_more
from services.notifications.domain.content.texts import details, headline
from services.notifications.domain.notifications.state import (
    ALL_SUBSCRIPTIONS,
    Interests,
    Notification,
)
from services.notifications.domain.preferences import Told, choice, is_old, timely
from services.notifications.domain.rules import urgency_of
from shared.cloudevents import derived_id
from shared.contracts.notifications import NotificationQueued, Recipients

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from services.notifications.domain.notifications.state import Interest
    from services.notifications.domain.rules import Facts
    from shared.contracts.base import Event
    from shared.contracts.notifications import How
    from shared.domain.decider import Context

MAX_IN_PART: Final = 2_000
"""Subscriptions that one published event names at most."""
MAX_PART: Final = 128 * 1024
"""Bytes of their ids and of how they are told, at most."""
MAX_CONTENT: Final = 112 * 1024
"""Bytes of details and data at most, so that with a part of the ids an event can be read again."""
_TOLD: Final = 160
"""Bytes, at most, in which is said how some are told."""
HOWS: Final[tuple[How, ...]] = ("at once", "daily", "weekly", "never")
"""The soonest first."""


def queue(notification: Notification | None, event: Event, context: Context) -> Sequence[Event]:
    """Match the event against the subscriptions; the journal makes the answer final.

    Who is told of another event about the same, which says more, is not told of this one.

    Where many match, the answer is in several parts, each whole in itself.
    """
    interests = context.find(ALL_SUBSCRIPTIONS, Interests)
    if interests is None or notification is not None:
        return []
    found, dated = facts(event), when(event)
    matching = _matching(interests, found, says_more(event), dated, context.now)
    if not matching:
        return []
    content = {
        "notification": derived_id(*context.cause),
        "about": event.subject,
        "kind": found.kind,
        "event_type": event.type,
        "coalition": getattr(event, "coalition", None),
        "dated": dated,
        "decided": context.now,
        "urgency": found.urgency,
        "headline": headline(event),
        "details": details(event),
    }
    data = event.model_dump(mode="json", exclude_none=True)
    if len(to_json(data)) + len(to_json(content["details"])) <= MAX_CONTENT:
        content["data"] = data
    return [NotificationQueued(recipients=part, **content) for part in parts(matching)]


def pass_over(notification: Notification | None, event: Event, context: Context) -> Sequence[Event]:
    """Notify nobody: it is no news."""
    del notification, event, context
    return []


def _matching(
    interests: Interests, found: Facts, more: str | None, dated: str | None, now: datetime
) -> Mapping[Told, Sequence[str]]:
    """Who is told, by how they are told; decided once for all who want the same."""
    old = is_old(dated, now)
    own = {id_ for member in found.members for id_ in interests.of_member.get(member, ())}
    matching: dict[Told, list[str]] = defaultdict(list)
    for alike in interests.candidates.of(found):
        for one, ids in _by_own(alike, own):
            if (how := _told(one, found, more, old, now)).how != "never":
                matching[how] += ids
    return matching


def _by_own(
    alike: Sequence[Interest], own: AbstractSet[str]
) -> Iterator[tuple[Interest, list[str]]]:
    """Those whose own member an event concerns, and the others; one of them speaks for each."""
    concerned = [one for one in alike if one.id in own] if own else []
    others = [one for one in alike if one.id not in own] if concerned else alike
    return ((those[0], [one.id for one in those]) for those in (concerned, others) if those)


def _told(one: Interest, found: Facts, more: str | None, old: bool, now: datetime) -> Told:  # noqa: FBT001 - a fact
    """How a person is told; not, where an event about the same that says more is told as soon."""
    scope = one.scope(found)
    rule, how, passes = choice(one, found, scope)
    if more:
        fuller = found._replace(kind=more, urgency=urgency_of(more))
        if HOWS.index(choice(one, fuller, scope)[1]) <= HOWS.index(how):
            return Told("never", rule)
    return timely(Told(how, rule), one, now, is_old=old, passes=passes)


def parts(matching: Mapping[Told, Iterable[str]]) -> Iterator[tuple[Recipients, ...]]:
    """Whom one event can name, in parts; the same make the same parts."""
    part: dict[Told, list[str]] = {}
    size = count = 0
    for told, ids in matching.items():
        for id_ in ids:
            length = len(id_.encode()) + len('"",') + (0 if told in part else _TOLD)
            if part and (count == MAX_IN_PART or size + length > MAX_PART):
                yield _recipients(part)
                part, size, count = {}, 0, 0
                length += _TOLD
            part.setdefault(told, []).append(id_)
            size, count = size + length, count + 1
    if part:
        yield _recipients(part)


def _recipients(part: Mapping[Told, Sequence[str]]) -> tuple[Recipients, ...]:
    return tuple(
        Recipients(how=how, rule=rule, due=due, subscriptions=tuple(ids))
        for (how, rule, due), ids in part.items()
    )
