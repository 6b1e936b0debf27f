"""`GET /<kind>/snapshot.jsonl`: how every aggregate of a kind stands, for whoever keeps a copy.

Each row is read from the journal as it is in that moment. So it has in it whatever was published
before it was asked for, and its `sequence` says which events of its stream a copy has no need of.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Generic

from fastapi.responses import StreamingResponse
from pydantic_core import to_json

from shared.domain.decider import S
from shared.pipeline.outbound import sequence_of
from shared.pipeline.repository import Repository
from shared.pipeline.tolerant import UnreadableDocument, reading
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.domain.decider import Decider
    from shared.domain.stream import Stream
    from shared.domain.versioned import Versioned
    from shared.journal.store import Journal
    from shared.pipeline.snapshots import Snapshots

_AT_ONCE: Final = 50
"""Aggregates that are read at once: so many are in memory, however many there are and ask."""
_MEDIA: Final = "application/jsonl"


def routes(decider: Decider[S], journal: Journal, snapshots: Snapshots[S]) -> Router:
    """The route of each kind; they stand before `GET /<kind>/{id}`, which takes any id."""
    router = Router(tags=["copies"])
    copies = Copies(Repository(decider, journal, snapshots), journal)
    for kind in snapshots.kinds:
        _route(router, kind, copies)
    return router


def _route(router: Router, kind: str, copies: Copies[Any]) -> None:
    @router.get(
        f"/{kind}/snapshot.jsonl",
        response_class=StreamingResponse,
        responses={200: {"content": {_MEDIA: {"schema": {"type": "string"}}}}},
    )
    async def snapshot() -> StreamingResponse:
        """How all of them stand, one a line: `stream`, `sequence` and `state`.

        To keep a copy: note where the events topic ends, read this, then listen from there, and
        pass over events of a `stream` whose `sequence` is not greater than its row's.
        """
        return StreamingResponse(copies.rows(kind), media_type=_MEDIA)


class Copies(Generic[S]):
    """Reads how aggregates stand; those who ask at the same time take turns.

    Args:
        repository: reads the aggregates.
        journal: says which there are.
    """

    def __init__(self, repository: Repository[S], journal: Journal) -> None:
        self._repository, self._journal = repository, journal
        self._reading = asyncio.Lock()

    async def rows(self, kind: str) -> AsyncIterator[bytes]:
        """The rows of a kind, by id; some at a time."""
        after = ""
        while part := await self._part(kind, after):
            after, written = part
            yield written

    async def _part(self, kind: str, after: str) -> tuple[str, bytes] | None:
        """The next rows, and the id of the last of them; None where there are no more."""
        async with self._reading:
            streams = await self._journal.streams(kind, after, _AT_ONCE)
            found = await self._repository.current(set(streams))
            written = b"".join(_row(stream, found[stream]) for stream in streams)
        return (streams[-1].id, written) if streams else None


def _row(stream: Stream, found: Versioned[Any]) -> bytes:
    """One aggregate; nothing where nothing of it was ever accepted."""
    about = {"stream": stream, "sequence": sequence_of(found.version)}
    if found.unreadable:
        return to_json({**about, "unreadable": found.unreadable}) + b"\n"
    if found.state is None:
        return b""
    try:
        with reading(stream.kind, stream.id):
            return to_json({**about, "state": found.state.model_dump(mode="json")}) + b"\n"
    except UnreadableDocument as error:
        return to_json({**about, "unreadable": str(error)}) + b"\n"
