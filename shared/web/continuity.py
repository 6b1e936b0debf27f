"""HTTP for operators: what becomes of offsets that do not fit the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.access.scopes import Scope
from shared.contracts.base import Model
from shared.kafka.group import GroupIsActive
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.pipeline.continuity import Continuity
    from shared.pipeline.installation import Offsets


class ReadOn(Model):
    """Where a service reads on: the offset of the next record, by `topic/partition`."""

    offsets: dict[str, int]


def routes(continuity: Continuity) -> Router:
    """The routes by which an operator ends such a halt; both need the scope `operate`."""
    router = Router(
        prefix="/consumer",
        tags=["operating"],
        dependencies=[needs(Scope.OPERATE)],
        responses={409: failure("There is no such halt, or others read with the group.")},
    )

    @router.post("/skip-unread")
    async def skip_unread() -> ReadOn:
        """Take Kafka's offsets and topics as they are; what is passed over by that is given up."""
        return await _end_halt(continuity, continuity.skip_unread)

    @router.post("/reread")
    async def reread() -> ReadOn:
        """Read again all that this store has not read, as far as it is still there."""
        return await _end_halt(continuity, continuity.reread)

    return router


async def _end_halt(continuity: Continuity, act: Callable[[], Awaitable[Offsets]]) -> ReadOn:
    if continuity.halt is None:
        raise Problem(HTTPStatus.CONFLICT, "the offsets fit the store: there is nothing to do")
    try:
        offsets = await act()
    except GroupIsActive as error:
        reason = f"{error}: end every other instance, and the other installation, first"
        raise Problem(HTTPStatus.CONFLICT, reason) from error
    return ReadOn(offsets={f"{tp.topic}/{tp.partition}": at for tp, at in offsets.items()})
