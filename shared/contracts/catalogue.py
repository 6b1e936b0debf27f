"""Event types by name, and what the topics of a service are called."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from shared.contracts.base import EVENT_TYPES, Event

if TYPE_CHECKING:
    from collections.abc import Mapping

E = TypeVar("E", bound=Event)


def declared(base: type[E], module: str) -> tuple[type[E], ...]:
    """The event types under a base that a module declares, or those within it, in their order.

    To be a contract is enough to be listed: nobody can declare a type and forget to add it.
    """
    return tuple(
        event
        for event in EVENT_TYPES.values()
        if issubclass(event, base) and f"{event.__module__}.".startswith(f"{module}.")
    )


def by_type(*events: type[Event]) -> Mapping[str, type[Event]]:
    """Index event models by the CloudEvents `type` they are sent under."""
    return MappingProxyType({event.type: event for event in events})


def inbox(service: str) -> str:
    """The topic on which others send events to a service."""
    return f"coalition.{service}.inbox.v1"


def events(service: str) -> str:
    """The topic on which a service publishes what it accepted."""
    return f"coalition.{service}.events.v1"


def rejected(service: str) -> str:
    """The topic that keeps what a service could not accept, with the reason."""
    return f"coalition.{service}.rejected.v1"
