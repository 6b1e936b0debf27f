"""What a service is made of."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from shared.domain.decider import Decider, S
from shared.journal.store import Journal
from shared.kafka.connection import Connection
from shared.kafka.producer import Publisher
from shared.manifest import Manifest
from shared.pipeline.outbound import Reacts
from shared.pipeline.projections import Keeper, Projection
from shared.pipeline.repository import Lookup
from shared.pipeline.snapshots import Snapshots
from shared.web.health import Condition
from shared.web.metrics import Source
from shared.web.outcomes import Warn

if TYPE_CHECKING:
    from aiokafka import ConsumerRebalanceListener
    from fastapi import APIRouter
    from faststream.kafka import KafkaBroker
    from faststream.kafka.subscriber.usecase import LogicSubscriber
    from pymongo.asynchronous.database import AsyncDatabase

    from shared.publishers import Publishers
    from shared.settings import Settings
    from shared.tracing.spans import Spans

C = TypeVar("C", bound="Settings")

Worker = Callable[[asyncio.Event], Awaitable[None]]
"""Runs beside the engine until the event is set."""
Subscribe = Callable[
    ["KafkaBroker", Connection, "ConsumerRebalanceListener", "Publishers"], "LogicSubscriber[Any]"
]
"""Declares what a service reads; see `services/<name>/subscribers.py`."""


@dataclass(frozen=True, slots=True)
class Parts(Generic[C]):
    """What a service is given to build itself with.

    Attributes:
        publisher: for the engine and what runs beside it; it waits as long as a process may.
        web_publisher: for requests, which are answered within seconds.
        spans: takes what is told of traces, where they are sent anywhere.
    """

    settings: C
    database: AsyncDatabase[dict[str, Any]]
    journal: Journal
    publisher: Publisher
    web_publisher: Publisher
    spans: Spans | None = None


@dataclass(frozen=True, slots=True)
class Service(Generic[S]):
    """One service, wired: what `services/<name>/app.py` builds.

    Attributes:
        manifest: its name and events.
        subscribe: declares that it reads them.
        decider: its rules.
        snapshots: of its aggregates.
        routes: its HTTP, besides what every service has.
        projections: what it keeps for queries besides.
        reactions: what it says to itself because of what it accepted.
        keeper: keeps what it reads of other owners, for queries.
        lookups: reads what its rules look at and no journal has, by the kind of its stream.
        workers: what else runs beside the engine; each has its steps `outlasted`.
        preparing: what else must be done before anything is read or asked.
        conditions: what its parts say of themselves in `/readyz`.
        metrics: what they show in `/metrics`, besides what every service shows.
        warn: what whoever sent an event should look at, where something begins with it.
    """

    manifest: Manifest
    subscribe: Subscribe
    decider: Decider[S]
    snapshots: Snapshots[S]
    routes: APIRouter
    projections: Sequence[Projection[S]] = ()
    reactions: Reacts | None = None
    keeper: Keeper | None = None
    lookups: Mapping[str, Lookup[S]] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    preparing: Sequence[Callable[[], Awaitable[None]]] = ()
    conditions: Sequence[Callable[[], Condition]] = ()
    metrics: Sequence[Source] = ()
    warn: Warn | None = None


Build = Callable[[Parts[Any]], Service[Any]]


def build_of(manifest: Manifest) -> Build:
    """The function that wires a service, imported only now: not everybody needs all of it."""
    build: Build = importlib.import_module(f"{manifest.package}.app").build
    return build
