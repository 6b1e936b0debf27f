"""Kafka: who may do what, as one table; ACLs, users and topics of an installation are made of it.

Only an owner writes its events and what it rejects, and only the service itself its self topic. A
publisher writes its own inboxes and reads what the services publish. Nothing else is granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from shared.contracts import catalogue
from shared.publishers import NOBODY, Publishers

if TYPE_CHECKING:
    from shared.kafka.connection import Connection
    from shared.manifest import Manifest

Operation = Literal["Read", "Write", "Describe", "DescribeConfigs"]
Kind = Literal["topic", "group", "transactional-id"]

OPERATOR: Final = "operator"
ANYBODY: Final = "*"
"""Who has logged in, whoever it is."""


class Right(NamedTuple):
    """One line of the table; Kafka itself has Read and Write include Describe.

    Attributes:
        principal: the user's name at Kafka.
        kind: of the resource.
        name: of the resource, as this installation calls it.
        prefixed: whether it stands for all whose names begin so.
    """

    principal: str
    operation: Operation
    kind: Kind
    name: str
    prefixed: bool = False


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights in one installation.

    Args:
        kafka: names its topics, groups and users.
        manifests: its services.
        publishers: those who have an inbox of their own.
    """

    kafka: Connection
    manifests: Iterable[Manifest]
    publishers: Publishers = NOBODY

    @property
    def topics(self) -> tuple[str, ...]:
        """All topics."""
        return tuple(topic for manifest in self.manifests for topic in self.topics_of(manifest))

    def topics_of(self, manifest: Manifest) -> tuple[str, ...]:
        """The topics of a service."""
        names = (*catalogue.topics(manifest.name), *manifest.inboxes(self.publishers))
        return tuple(map(self.kafka.topic, names))

    @property
    def users(self) -> tuple[str, ...]:
        """All who log in."""
        named = [self.user(manifest.name) for manifest in self.manifests]
        publishers = [self.publisher(one.name) for one in self.publishers]
        return (*named, self.user(OPERATOR), *publishers)

    @property
    def quotas(self) -> Mapping[str, int]:
        """The bytes that a user may produce in a second, where that is limited."""
        return {self.publisher(one.name): one.quota for one in self.publishers if one.quota}

    def user(self, name: str) -> str:
        """The user of a service or of the operators."""
        return f"{self.kafka.prefix}.{name}"

    def publisher(self, name: str) -> str:
        """The user of a publisher; its groups and transactional ids begin with it and a dot."""
        return f"{self.kafka.prefix}.publisher.{name}"

    def table(self) -> tuple[Right, ...]:
        """All that is granted, each once."""
        rights = [*self._operator(), *self._plain()]
        for manifest in self.manifests:
            rights += self._service(manifest)
        for one in self.publishers:
            rights += self._publisher(one.name)
        return tuple(dict.fromkeys(rights))

    def _service(self, manifest: Manifest) -> Iterator[Right]:
        user, service = self.user(manifest.name), manifest.name
        for source in manifest.sources(self.publishers):
            yield self._topic(user, "Read", source.topic)
            yield self._topic(user, "DescribeConfigs", source.topic)
        inboxes = (catalogue.inbox(service), *manifest.inboxes(self.publishers))  # HTTP fills them
        written = (catalogue.self_topic(service), catalogue.events(service))
        for topic in (*written, catalogue.rejected(service), *inboxes):
            yield self._topic(user, "Write", topic)
        yield Right(user, "Read", "group", self.kafka.group(service))

    def _operator(self) -> Iterator[Right]:
        user = self.user(OPERATOR)
        for manifest in self.manifests:
            for topic in self.topics_of(manifest):
                yield self._topic(user, "Read", topic)
                yield self._topic(user, "DescribeConfigs", topic)
            yield self._topic(user, "Write", catalogue.inbox(manifest.name))
            yield Right(user, "Describe", "group", self.kafka.group(manifest.name))

    def _publisher(self, name: str) -> Iterator[Right]:
        user = self.publisher(name)
        for manifest in self.manifests:
            yield self._topic(user, "Read", catalogue.events(manifest.name))
            for inbox, publisher in manifest.inboxes(self.publishers).items():
                if publisher.name == name:
                    yield self._topic(user, "Write", inbox)
        yield Right(user, "Read", "group", f"{user}.", prefixed=True)
        yield Right(user, "Write", "transactional-id", f"{user}.", prefixed=True)

    def _plain(self) -> Iterator[Right]:
        """Without publishers, whoever has logged in writes the inboxes; so it was always."""
        if self.publishers.publisher:
            return
        for manifest in self.manifests:
            if manifest.inbox:
                yield self._topic(ANYBODY, "Write", catalogue.inbox(manifest.name))

    def _topic(self, user: str, operation: Operation, topic: str) -> Right:
        return Right(user, operation, "topic", self.kafka.topic(topic))
