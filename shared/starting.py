"""How a service starts: its settings are tried, then what must be there is made."""

from __future__ import annotations

import asyncio
import errno
import socket
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from pymongo.errors import OperationFailure
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential_jitter

from shared import mongo
from shared.checks.fault import Fault, NotUsable, found_by, until_usable, variable
from shared.checks.kafka import KafkaCheck
from shared.checks.store import StoreCheck
from shared.checks.topics import others_topics
from shared.kafka import topics
from shared.silence import Silent, StorePulse, end_when_silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.checks.fault import Check
    from shared.domain.decider import S
    from shared.kafka.connection import Connection
    from shared.pipeline.installation import Installation
    from shared.service import Parts, Service
    from shared.settings import Settings

log = structlog.get_logger()

START_SECONDS: Final = 60
"""How long a starting service waits for Kafka and its store before it gives up."""
_LOOK_SECONDS: Final = 30
_UNAUTHORIZED: Final = 13


async def prepare(
    service: Service[S], parts: Parts[Settings], kafka: Connection, installation: Installation
) -> None:
    """Have Kafka, the store and all that must be in them; whatever is not up yet is waited for.

    Raises:
        NotUsable: a setting is wrong, or what it names is not there in time.
    """
    manifest, settings = service.manifest, parts.settings
    end = asyncio.get_running_loop().time() + START_SECONDS
    await until_usable(
        START_SECONDS,
        partial(_port, settings),
        KafkaCheck(settings, kafka.client),
        StoreCheck(settings, f"coalition_{manifest.name}"),
    )
    try:
        async with asyncio.timeout_at(end):
            await _make(service, parts, kafka, installation)
        await make_indexes(service, parts)
    except TimeoutError:
        both = variable("kafka", "mongodb")
        reason = f"no answer of Kafka or the store in {START_SECONDS} s"
        raise NotUsable([Fault(both, reason, passes=True)]) from None
    except Silent as silent:
        raise NotUsable([Fault(variable("mongodb"), str(silent), passes=True)]) from None
    except (
        TopicAuthorizationFailedError,
        GroupAuthorizationFailedError,
        OperationFailure,
    ) as error:
        raise NotUsable([_forbidden(error)]) from error
    except topics.NotCreated as error:
        raise NotUsable([Fault(variable("kafka_username"), str(error))]) from None
    left = max(0.0, end - asyncio.get_running_loop().time())
    await until_usable(left, partial(others_topics, kafka, manifest))


async def watch_others(checks: Sequence[Check], stopping: asyncio.Event) -> None:
    """Say what is wrong with what the service runs without, until it is right once."""
    looking = asyncio.create_task(_look(checks))
    await stopping.wait()
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking


async def _look(checks: Sequence[Check]) -> None:
    logged: list[Fault] = []
    while faults := await found_by(*checks):
        for fault in [fault for fault in faults if fault not in logged]:
            log.error("not_usable", setting=fault.setting, reason=fault.reason)
        logged = faults
        await asyncio.sleep(_LOOK_SECONDS)


async def _port(settings: Settings) -> list[Fault]:
    """Whether HTTP can listen where it is to."""
    host, port = settings.http_host, settings.http_port
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(address)
    except OSError as error:
        reason = f"HTTP cannot listen at {host}:{port}: {error.strerror}"
        passes = error.errno == errno.EADDRINUSE  # of whoever is about to end
        return [Fault(variable("http_host", "http_port"), reason, passes)]
    return []


def _forbidden(error: Exception) -> Fault:
    if isinstance(error, OperationFailure):
        if error.code != _UNAUTHORIZED:
            raise error
        reason = "the store's user may not make indexes: it needs readWrite on the database"
        return Fault(variable("mongodb"), reason)
    reason = f"Kafka does not let this user do what it must ({error!r:.200}): "
    return Fault(variable("kafka_username"), f"{reason}`coalition acls --apply` grants it")


def _comes_up(error: BaseException) -> bool:
    if isinstance(error, (TopicAuthorizationFailedError, GroupAuthorizationFailedError)):
        return False
    return isinstance(error, KafkaError) or mongo.is_transient(error)


_once_both_are_up = retry(
    retry=retry_if_exception(_comes_up),
    wait=wait_exponential_jitter(multiplier=0.2, max=3),
    stop=stop_after_delay(START_SECONDS),
    reraise=True,
)


@_once_both_are_up
async def _make(
    service: Service[S], parts: Parts[Settings], kafka: Connection, installation: Installation
) -> None:
    manifest = service.manifest
    own = [*manifest.inboxes(parts.settings.publishers)]
    await topics.create_topics(kafka, [manifest.name], parts.settings.replication, own)
    await installation.prepare()
    await parts.publisher.start()


async def make_indexes(service: Service[S], parts: Parts[Settings]) -> None:
    """Make the indexes: where much is stored it takes minutes, in which the store still answers.

    Raises:
        Silent: it does not.
    """
    pulse, never = StorePulse(parts.database), asyncio.Event()
    asking = asyncio.create_task(pulse.run(never))
    silent = asyncio.create_task(end_when_silent("the store", pulse.age, START_SECONDS, never))
    making = asyncio.create_task(_index_all(service, parts))
    try:
        await asyncio.wait({making, silent}, return_when=asyncio.FIRST_COMPLETED)
        await (making if making.done() else silent)
    finally:
        for task in (making, silent, asking):  # a ping that has no answer is not waited for
            task.cancel()
        await asyncio.gather(asking, silent, making, return_exceptions=True)


async def _index_all(service: Service[S], parts: Parts[Settings]) -> None:
    prepared = (projection.prepare for projection in service.projections)
    for prepare_one in (
        parts.journal.prepare,
        service.snapshots.prepare,
        *prepared,
        *service.preparing,
    ):
        await _once_both_are_up(prepare_one)()
