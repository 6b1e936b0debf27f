"""A webhook: which events are sent, and whether they are; where and signed how is no event."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from services.notifications.domain.rules import Rule, Scope
from shared.contracts.catalogue import is_first
from shared.domain.state import State

if TYPE_CHECKING:
    from services.notifications.domain.rules import Facts

KIND: Final = "webhooks"
WebhookState = Literal["active", "paused", "stopped", "removed"]
_ANYBODYS: Final = Scope(member=False, coalition=False)


class Webhook(State):
    """What is sent to a host.

    Attributes:
        kinds: of events; none means the first version of all. No coalitions or members: any.
        connections: requests at a time.
        per_second: requests a second at most.
        registered: events that were recorded before are not sent, unless they are replayed.
        since: from when on it is what it is now.
        reason: why it was stopped; empty where it was not.
    """

    id: str
    host: str
    kinds: tuple[str, ...] = ()
    coalitions: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    connections: int = 4
    per_second: float = 50.0
    state: WebhookState = "active"
    registered: datetime | None = None
    since: datetime | None = None
    reason: str = ""

    def wants(self, facts: Facts) -> bool:
        """Whether an event is to be sent; one of no coalition is for every coalition."""
        # Whoever names none, or had a webhook before there was another version, gets each once.
        is_meant = bool(self.kinds) or is_first(facts.kind)
        return is_meant and self._rule.matches(facts, _ANYBODYS)

    @cached_property
    def _rule(self) -> Rule:
        return Rule(
            how="at once", kinds=self.kinds, coalitions=self.coalitions, members=self.members
        )
