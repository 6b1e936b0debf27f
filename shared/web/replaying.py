"""HTTP for operators: a rejected record is tried again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from shared.access.scopes import Scope
from shared.contracts.base import Model
from shared.journal.entry import Origin
from shared.pipeline.replay import NotReplayed
from shared.web.authentication import needs
from shared.web.openapi import failure
from shared.web.problems import Problem
from shared.web.routing import Router

if TYPE_CHECKING:
    from shared.pipeline.replay import Replay


class Rejected(Model):
    """Where a rejected record was read."""

    topic: Annotated[str, Field(min_length=1, max_length=249)]
    partition: Annotated[int, Field(ge=0, le=1_000_000)]
    offset: Annotated[int, Field(ge=0, le=2**53)]


def routes(replay: Replay) -> Router:
    """The route by which an operator has a record decided anew."""
    router = Router(tags=["operating"], dependencies=[needs(Scope.OPERATE)])

    @router.post(
        "/rejected/replay",
        status_code=HTTPStatus.ACCEPTED,
        responses={409: failure("This service has not rejected it, or it is not to be had.")},
    )
    async def again(rejected: Rejected) -> Rejected:
        """Decide a rejected record anew, judged as where it was first read; twice is harmless."""
        try:
            topic, _, generation = rejected.topic.partition("@")
            again = int(generation) if generation.isascii() and generation.isdigit() else 0
            await replay.send(Origin(topic, rejected.partition, rejected.offset, again))
        except NotReplayed as error:
            raise Problem(HTTPStatus.CONFLICT, str(error)) from None
        return rejected

    return router
