"""Whether Kafka takes us as the settings say: each address, TLS, the login, where it sends us."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from aiokafka.conn import create_conn
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest
from faststream.kafka.security import parse_security

from shared.checks.fault import Fault, variable
from shared.checks.network import SECONDS, Names, fault_of
from shared.kafka.security import MECHANISM

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiokafka.conn import AIOKafkaConnection

    from shared.kafka.security import KafkaSettings

_LOGIN: Final = ("kafka_username", "kafka_password")


class KafkaCheck:
    """Connects to each server that the settings name, and to each that Kafka names then.

    One server that answers is enough: clients need no more to begin with.
    """

    def __init__(self, settings: KafkaSettings, client: str = "coalition-check") -> None:
        self._servers = settings.kafka.split(",")
        self._security = settings.security
        self._options = {
            "client_id": client,
            "request_timeout_ms": SECONDS * 1000,
            **_options(settings),
        }
        trust = "kafka_ca" if settings.kafka_ca or not settings.kafka_insecure else "kafka"
        self._names = Names(variable("kafka"), variable(trust), _tls(settings))

    async def __call__(self) -> list[Fault]:
        """What is wrong; nothing where one server, and all that it names, take us."""
        found = await asyncio.gather(*map(self._ask, self._servers))
        named = next((brokers for brokers, fault in found if not fault), None)
        if named is None:
            return list(dict.fromkeys(fault for _, fault in found if fault))
        others = sorted(named - set(self._servers))
        reached = await asyncio.gather(*map(self._ask, others))
        return [
            _sent(server, fault)
            for server, (_, fault) in zip(others, reached, strict=True)
            if fault
        ]

    async def _ask(self, server: str) -> tuple[set[str], Fault | None]:
        """The addresses of the brokers, or why a server does not say them."""
        try:
            async with asyncio.timeout(2 * SECONDS), self._connected(server) as connection:
                answer = await connection.send(MetadataRequest([]))
        except (KafkaError, OSError, TimeoutError, EOFError) as error:
            return set(), self._fault(error, server)
        return {_address(host, port) for _, host, port, *_ in answer.brokers}, None

    @asynccontextmanager
    async def _connected(self, server: str) -> AsyncIterator[AIOKafkaConnection]:
        host, _, port = server.rpartition(":")
        connection = await create_conn(host.strip("[]"), int(port), **self._options)
        try:
            yield connection
        finally:
            with suppress(Exception):
                connection.close()

    def _fault(self, error: BaseException, server: str) -> Fault:
        user = self._security.username
        if isinstance(error, SaslAuthenticationFailed):
            reason = f"Kafka refuses the login of {user!r}: no such user, or another password"
            return Fault(variable(*_LOGIN), reason)
        if isinstance(error, UnsupportedSaslMechanismError):
            reason = f"{server} takes no login by {MECHANISM}, which is the only one made here"
            return Fault(variable("kafka", "kafka_username"), reason)
        if isinstance(error, IllegalSaslStateError):
            reason = f"{server} asks for no login: leave it out, or name the port that does"
            return Fault(variable("kafka", "kafka_username"), reason)
        if isinstance(error, KafkaConnectionError):
            return self._ended(server)
        if isinstance(error, KafkaError):
            return Fault(self._names.address, f"{server} is no Kafka of ours: {error!r:.200}")
        return fault_of(error, self._names, server)

    def _ended(self, server: str) -> Fault:
        """It was reached, and ended the connection at our first request."""
        if self._security.username:
            reason = f"{server} ends the connection: is it encrypted on one side only?"
            return Fault(self._names.with_tls, reason, passes=True)
        reason = f"{server} ends the connection: does it ask for a login, or for TLS?"
        return Fault(variable("kafka", "kafka_username", "kafka_ca"), reason, passes=True)


def _options(settings: KafkaSettings) -> dict[str, Any]:
    options: dict[str, Any] = parse_security(settings.security.faststream())
    return options


def _tls(settings: KafkaSettings) -> str:
    return variable("kafka_insecure" if settings.kafka_username else "kafka_ca")


def _sent(server: str, fault: Fault) -> Fault:
    """Kafka itself has named an address that does not do."""
    return fault._replace(
        reason=f"{fault.reason}; Kafka names {server} as its address (advertised.listeners)"
    )


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
