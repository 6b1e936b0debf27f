"""Whether the store takes us as its URI says, and keeps what is written as it must."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from shared import mongo
from shared.checks.fault import Fault, variable
from shared.checks.network import Names, fault_of
from shared.environment import hides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pymongo.asynchronous.database import AsyncDatabase

    from shared.settings import Settings

SECONDS: Final = 3
RESTORING: Final = "restoring"
"""The collection that is there while `coalition restore` fills a store."""
_SETTING: Final = "mongodb"
_UNAUTHORIZED: Final = 13
_LOGIN: Final = frozenset({11, 18, 31, 8000})
"""No such user, a wrong password, or neither."""
_NO_MAJORITY: Final = frozenset({64, 100})


class StoreCheck:
    """Finds a primary, logs in, and writes nothing with all that a write asks for.

    Args:
        settings: where the store is.
        name: of the service's database, where the settings name none.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        self._uri = settings.mongodb.get_secret_value()
        self._name = settings.database or name

    async def __call__(self) -> list[Fault]:
        """What is wrong; nothing where the service can write and read."""
        client = mongo.connect(self._uri, "coalition-check", answer_within=SECONDS)
        try:
            if await client[self._name][RESTORING].find_one():
                reason = f"the restore of {self._name!r} is under way, or was not done to its end"
                return [Fault(variable(_SETTING), f"{reason}: do it again", passes=True)]
            await self._try(client[self._name])
        except OperationFailure as error:
            return [self._refused(error)]
        except PyMongoError as error:
            return [await self._unreached(error, client)]
        finally:
            await client.close()
        return []

    async def _try(self, database: AsyncDatabase[dict[str, Any]]) -> None:
        await database.command("ping")
        await database["engine"].find_one({"_id": "installation"}, {"_id": True})
        await database["engine"].update_one({"_id": "check"}, {"$set": {"seen": True}})

    async def _unreached(
        self, error: PyMongoError, client: AsyncMongoClient[dict[str, Any]]
    ) -> Fault:
        setting = variable(_SETTING)
        if isinstance(error, ConfigurationError):
            return Fault(setting, self._shown(str(error)))
        if fault := await self._other_set():
            return fault
        for (host, port), server in client.topology_description.server_descriptions().items():
            if server.error:
                return await _at_server(host, port or 0, str(server.error))
        why = self._shown(str(error))
        reason = f"no primary answers: TLS on one side only, or not up yet: {why}"
        return Fault(setting, reason, passes=True)

    async def _other_set(self) -> Fault | None:
        """Whether a server that answers belongs to another replica set than the URI says."""
        if not self._uri.startswith("mongodb://"):
            return None
        parsed = parse_uri(self._uri)
        options = parsed["options"]
        wanted = options.get("replicaSet")
        tls = {name: value for name, value in options.items() if name.lower().startswith("tls")}
        for host, port in parsed["nodelist"] if wanted else ():
            there = await _set_of(host, port, tls)
            if there and there != wanted:
                reason = f"{host}:{port} belongs to the replica set {there!r}, not to {wanted!r}"
                return Fault(variable(_SETTING), f"{reason}: see replicaSet in the URI")
        return None

    def _refused(self, error: OperationFailure) -> Fault:
        setting, code = variable(_SETTING), error.code or 0
        if code in _LOGIN:
            reason = "the store refuses the login: no such user, another password or authSource"
            return Fault(setting, reason)
        if code == _UNAUTHORIZED:
            reason = f"its user may not read and write the database {self._name!r}: readWrite lacks"
            return Fault(f"{setting}, {variable('database')}", reason)
        if code in _NO_MAJORITY:
            return Fault(
                setting,
                "no majority of the replica set takes writes: start the others",
                passes=True,
            )
        return Fault(setting, self._shown(f"{code}: {error}"), mongo.is_transient(error))

    def _shown(self, text: str) -> str:
        """What the driver says, unless a word of the password is in it."""
        short = text.partition(", full error")[0].partition(", Topology")[0][:200]
        return short if hides(short, self._uri.rpartition("@")[0]) else "it does not answer"


async def _set_of(host: str, port: int, tls: Mapping[str, Any]) -> str:
    """The replica set that a server says it belongs to; empty where it does not answer."""
    wait = SECONDS * 1000
    options: dict[str, Any] = {"serverSelectionTimeoutMS": wait, "connectTimeoutMS": wait, **tls}
    client = AsyncMongoClient[dict[str, Any]](host, port, directConnection=True, **options)
    try:
        return str((await client.admin.command("hello")).get("setName", ""))
    except PyMongoError:
        return ""
    finally:
        await client.close()


async def _at_server(host: str, port: int, said: str) -> Fault:
    """What one server's failure says: the driver keeps no more of it than a text."""
    setting, where = variable(_SETTING), f"{host}:{port}"
    try:
        async with asyncio.timeout(SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as error:  # a TimeoutError is one, too
        return fault_of(error, Names(setting, setting, setting), where)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    if "CERTIFICATE_VERIFY_FAILED" in said:
        whose = "is for another name" if "mismatch" in said else "is not trusted (tlsCAFile)"
        return Fault(setting, f"the certificate of {where} {whose}")
    reason = f"{where} ends the connection: is TLS asked for on one side only (tls=true)?"
    return Fault(setting, reason, passes=True)
