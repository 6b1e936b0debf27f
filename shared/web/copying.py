"""`GET /<kind>/snapshot.jsonl`: how every aggregate of a kind stands, for whoever keeps a copy.

Each row is read from the journal as it is in that moment. So it has in it whatever was published
before it was asked for, and its `sequence` says which events of its stream a copy has no need of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.responses import StreamingResponse
from pydantic_core import to_json

from shared.pipeline.outbound import sequence_of
from shared.pipeline.repository import Repository
from shared.pipeline.tolerant import UnreadableDocument, reading
from shared.web.routing import Router

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from shared.domain.decider import Decider, S
    from shared.domain.stream import Stream
    from shared.domain.versioned import Versioned
    from shared.journal.store import Journal
    from shared.pipeline.snapshots import Snapshots

_AT_ONCE: Final = 200
"""Aggregates that are read at once: so many are in memory, however many there are."""
_MEDIA: Final = "application/jsonl"


def routes(decider: Decider[S], journal: Journal, snapshots: Snapshots[S]) -> Router:
    """The route of each kind; they stand before `GET /<kind>/{id}`, which takes any id."""
    router = Router(tags=["copies"])
    repository = Repository(decider, journal, snapshots)
    for kind in snapshots.kinds:
        _route(router, kind, repository, journal)
    return router


def _route(router: Router, kind: str, repository: Repository[S], journal: Journal) -> None:
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
        return StreamingResponse(rows(kind, repository, journal), media_type=_MEDIA)


async def rows(kind: str, repository: Repository[S], journal: Journal) -> AsyncIterator[bytes]:
    """The rows of a kind, by id; some at a time."""
    after = ""
    while streams := await journal.streams(kind, after, _AT_ONCE):
        found = await repository.current(set(streams))
        yield b"".join(_row(stream, found[stream]) for stream in streams)
        after = streams[-1].id


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
