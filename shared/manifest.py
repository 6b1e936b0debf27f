"""What a service is, said once: whatever is listed for each service is made of its manifest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.checks.fault import Check
from shared.contracts import catalogue
from shared.contracts.base import Event
from shared.pipeline.inbound import Source
from shared.publishers import NOBODY, Publisher, Publishers
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Manifest:
    """A service's name, events and place.

    Attributes:
        name: names its topics, its consumer group, its database and its command.
        package: the package with its module `app`.
        takes: the event types that publishers may send to its inbox.
        tells_itself: those that it alone says, on its self topic: by the clock, or because of what
            it accepted.
        publishes: the event types of its events topic.
        reads: the event types that it reads from the events topics of other services, by owner.
        port: of its HTTP, on the machine that Compose runs on.
        settings: what it needs to know about where it runs.
        checks: made of the settings, for what it uses besides Kafka and its store; it runs where
            one fails, too, and says so.
        after_restore: what has to be done with its database, at a time, when it was restored.
    """

    name: str
    package: str
    takes: tuple[type[Event], ...]
    publishes: tuple[type[Event], ...]
    port: int
    tells_itself: tuple[type[Event], ...] = ()
    reads: Mapping[str, tuple[type[Event], ...]] = field(default_factory=dict)
    settings: type[Settings] = Settings
    checks: tuple[Callable[[Any], Check], ...] = ()
    after_restore: Callable[[Any, datetime], Awaitable[None]] | None = None

    @property
    def inbox(self) -> Mapping[str, type[Event]]:
        """What its inbox takes, by CloudEvents type."""
        return catalogue.by_type(*self.takes)

    def sources(self, publishers: Publishers = NOBODY) -> tuple[Source, ...]:
        """The topics that it reads: its own, the inboxes of publishers, and the events of others.

        Args:
            publishers: those who have an inbox of their own.
        """
        own = catalogue.source(self.name)
        all_own = catalogue.by_type(*self.takes, *self.tells_itself)
        return (
            Source(catalogue.self_topic(self.name), all_own, own=True, speaker=own),
            Source(catalogue.inbox(self.name), self.inbox, own=True, publishers=publishers),
            *(
                Source(inbox, self.inbox, own=True, publisher=publisher)
                for inbox, publisher in self.inboxes(publishers).items()
            ),
            *(
                Source(
                    catalogue.events(owner),
                    catalogue.by_type(*types),
                    own=False,
                    speaker=catalogue.source(owner),
                )
                for owner, types in self.reads.items()
            ),
        )

    def inboxes(self, publishers: Publishers) -> Mapping[str, Publisher]:
        """The inboxes of those publishers who may send something that it takes."""
        return {
            catalogue.publisher_inbox(self.name, one.name): one
            for one in publishers
            if not self.inbox.keys().isdisjoint(one.types)
        }
