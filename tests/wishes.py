"""People who want to be told of something, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from services.notifications.domain import Interest, Interests
from services.notifications.domain.rules import Rule
from services.notifications.subscription import NewSubscription

if TYPE_CHECKING:
    from shared.contracts.notifications import How, NotificationQueued


ALL: Final = (Rule(how="at once"),)
"""Everything, at once."""


def wants(
    id_: str = "a",
    *kinds: str,
    coalitions: tuple[str, ...] = (),
    how: How = "at once",
    **more: Any,
) -> Interest:
    """Somebody who is told of these kinds in these coalitions, or of all, and of nothing else."""
    rules = (Rule(kinds=kinds, coalitions=coalitions, how=how), Rule(how="never"))
    return Interest.model_validate({"id": id_, "rules": rules, **more})


def all_of(*interests: Interest) -> Interests:
    """All subscriptions that there are."""
    return Interests(all=interests)


def newcomer(address: str, name: Any = "Somebody", how: How = "at once") -> NewSubscription:
    """A new subscription to everything; its name and address are not looked at."""
    known = NewSubscription.model_validate(
        {"name": "N", "address": "n@example.org", "role": "observer", "rules": [{"how": how}]}
    )
    return known.model_copy(update={"name": name, "address": address})


def subscriptions_of(queued: NotificationQueued) -> tuple[str, ...]:
    """All who are told."""
    return tuple(id_ for told in queued.recipients for id_ in told.subscriptions)
