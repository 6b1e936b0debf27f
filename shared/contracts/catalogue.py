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


def typed(service: str, name: str) -> str:
    """The type that a name means where its service is known.

    `CitySigned` is the first version for good, `CitySigned.v2` the second; a whole type is itself.
    """
    if name.startswith("coalition."):
        return name
    return f"coalition.{service}.{name}" if "." in name else f"coalition.{service}.{name}.v1"


def called(type_: str) -> str:
    """What a type is called where its service is known: see `typed`; another's is called whole."""
    if not type_.startswith("coalition."):
        return type_
    return ".".join(type_.split(".")[2:]).removesuffix(".v1")


def is_first(name: str) -> bool:
    """Whether it is what the first version of a type is called."""
    return "." not in name


def inbox(service: str) -> str:
    """The topic on which others send events to a service."""
    return f"coalition.{service}.inbox.v1"


def publisher_inbox(service: str, publisher: str) -> str:
    """The topic on which one publisher sends events to a service, and nobody else."""
    return f"{inbox(service)}.{publisher}"


def self_topic(service: str) -> str:
    """The topic on which a service speaks to itself, and nobody else."""
    return f"coalition.{service}.self.v1"


def source(service: str) -> str:
    """The CloudEvents source of what a service says."""
    return f"/coalition/{service}"


def events(service: str) -> str:
    """The topic on which a service publishes what it accepted."""
    return f"coalition.{service}.events.v1"


def rejected(service: str) -> str:
    """The topic that keeps what a service could not accept, with the reason."""
    return f"coalition.{service}.rejected.v1"


def topics(service: str) -> tuple[str, ...]:
    """The topics that every service has."""
    return inbox(service), self_topic(service), events(service), rejected(service)
