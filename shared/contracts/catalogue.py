"""All event types by name, and which inbox takes which."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from shared.contracts import membership, notifications, plans

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.base import Event


def by_type(*events: type[Event]) -> Mapping[str, type[Event]]:
    """Index event models by the CloudEvents `type` they are sent under."""
    return MappingProxyType({event.type: event for event in events})


ALL: Final = by_type(*membership.EVENTS, *plans.EVENTS, *notifications.EVENTS)

INBOX: Final[Mapping[str, Mapping[str, type[Event]]]] = MappingProxyType(
    {
        "membership": by_type(*membership.EVENTS),
        "plans": by_type(*plans.INBOX),
        "notifications": by_type(),
    },
)
"""What each service accepts from outside."""


def inbox(service: str) -> str:
    """The topic on which others send events to a service."""
    return f"coalition.{service}.inbox.v1"


def events(service: str) -> str:
    """The topic on which a service publishes what it accepted."""
    return f"coalition.{service}.events.v1"


def rejected(service: str) -> str:
    """The topic that keeps what a service could not accept, with the reason."""
    return f"coalition.{service}.rejected.v1"


def inbox_of(event_type: str) -> str | None:
    """The inbox that takes a type of event; None where no service does."""
    return next((inbox(name) for name, types in INBOX.items() if event_type in types), None)
