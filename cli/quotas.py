"""How many bytes a second Kafka takes of whom, as the table of rights has it.

Neither aiokafka nor librdkafka has the request, so it stands here: KIP-546, its first version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.kafka.connection import Connection

_ALTER_CLIENT_QUOTAS: Final = 49
_ENTITY: Final = Array(("entity_type", String("utf-8")), ("entity_name", String("utf-8")))
_USER: Final = "user"
_RATE: Final = "producer_byte_rate"


class QuotasNotSet(Exception):
    """Kafka did not set them; the message says why."""


class _Altered(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY = _ALTER_CLIENT_QUOTAS
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(
                ("error_code", Int16),
                ("error_message", String("utf-8")),
                ("entity", _ENTITY),
            ),
        ),
    )


class _Alter0(RequestStruct):  # type: ignore[misc]  # likewise
    API_KEY = _ALTER_CLIENT_QUOTAS
    API_VERSION = 0
    RESPONSE_TYPE = _Altered
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", _ENTITY),
                ("ops", Array(("key", String("utf-8")), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _Alter(Request[_Alter0]):  # type: ignore[misc]  # likewise
    API_KEY = _ALTER_CLIENT_QUOTAS

    def __init__(self, entries: list[Any]) -> None:
        self._entries = entries

    def build(self, request_struct_class: type[_Alter0]) -> _Alter0:
        return request_struct_class(self._entries, False)  # noqa: FBT003 - aiokafka's are by place


async def apply(kafka: Connection, quotas: Mapping[str, int | None]) -> None:
    """Set the quotas of users, and take away those of the users that are to have none.

    Args:
        kafka: reached as an administrator.
        quotas: by user, in bytes a second; None is no limit.

    Raises:
        QuotasNotSet: Kafka does not do it.
    """
    entries = [
        ([(_USER, user)], [(_RATE, float(quota or 0), quota is None)])
        for user, quota in sorted(quotas.items())
    ]
    if not entries:
        return
    async with kafka.raw_client() as client:
        answer = await client.send(client.get_random_node(), _Alter(entries))
    for code, message, entity in answer.entries:
        if code:
            raise QuotasNotSet(f"the quota of {entity[0][1]}: {message or f'error {code}'}")
