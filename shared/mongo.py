"""MongoDB: a client whose writes last.

A write is acknowledged once a majority has it in its journal, and a read sees only what such a
majority has. So nothing that was acknowledged is rolled back, and no decision rests on something
that will be. That is set here and not in a connection string, which may not weaken it.

A store that steps down or stops answers a write in one of several ways: no answer, "not primary",
`writeErrors`, or `writeConcernError` beside `ok: 1`. The last says that the write was done and may
still be lost. All of them are `is_transient`, and what is written here may be written twice, so
the functions below repeat it for some time. Then they raise: a service ends without a commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import pymongo
import structlog
from pymongo import AsyncMongoClient, IndexModel, ReadPreference
from pymongo.errors import BulkWriteError, ConfigurationError, DuplicateKeyError, PyMongoError
from pymongo.uri_parser import split_options
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential_jitter

from shared.write_failures import (
    Failure,
    TooLarge,
    WriteFailed,
    duplicates,
    is_transient,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo import InsertOne, ReplaceOne, UpdateMany, UpdateOne
    from pymongo.asynchronous.collection import AsyncCollection
    from tenacity import RetryCallState

__all__ = [
    "Failure",
    "TooLarge",
    "WriteFailed",
    "bulk_upsert",
    "bulk_write",
    "connect",
    "index",
    "insert",
    "is_transient",
    "read",
    "retried",
    "retried_upsert",
    "upsert",
]

log = structlog.get_logger()

Document = dict[str, Any]
Write = TypeVar(
    "Write", bound="InsertOne[Document] | ReplaceOne[Document] | UpdateOne | UpdateMany"
)

RETRY_SECONDS: Final = 30
"""How long a write is repeated; a new primary is elected in less."""
_TIMEOUTS: Final = {
    "serverSelectionTimeoutMS": 20_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
    "waitQueueTimeoutMS": 10_000,
    "wTimeoutMS": 10_000,
}
"""What PyMongo waits for; without these, three of the five waits have no end."""
_INDEX_SECONDS: Final = 3600
_REQUIRED: Final = {
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
}


def connect(
    uri: str, appname: str, *, answer_within: float | None = None
) -> AsyncMongoClient[Document]:
    """A client whose writes are durable, whose reads cannot be rolled back, and whose waits end.

    Args:
        uri: what an operator set; its time-outs are kept, but none may be endless.
        appname: how the server names the client in its log.
        answer_within: seconds for each of these waits, for a client that only looks.

    Raises:
        ConfigurationError: the URI asks for less; the message names the option.
    """
    options = split_options(uri.partition("?")[2]) if "=" in uri.partition("?")[2] else {}
    for name, value in _REQUIRED.items():
        if options.get(name.lower(), value) != value:
            raise ConfigurationError(
                f"the MongoDB URI asks for {name}={options[name.lower()]}, but what is stored must "
                f"be durable and read with {name}={str(value).lower()}: leave {name} out of the URI"
            )
    for name in (*_TIMEOUTS, "timeoutMS"):
        if name.lower() in options and not options[name.lower()]:
            raise ConfigurationError(
                f"the MongoDB URI sets {name} to a wait without end: give milliseconds, or leave "
                f"it out (then {_TIMEOUTS.get(name, 'none')})"
            )
    timeouts: Any = {n: value for n, value in _TIMEOUTS.items() if n.lower() not in options}
    if answer_within:
        timeouts = dict.fromkeys(_TIMEOUTS, int(answer_within * 1000))
    return AsyncMongoClient(
        uri,
        appname=appname,
        tz_aware=True,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        read_preference=ReadPreference.PRIMARY,
        **timeouts,
    )


async def index(
    collection: AsyncCollection[Document],
    *keys: str | Sequence[tuple[str, int]],
    **options: Any,  # noqa: ANN401 - as the store's command takes them
) -> None:
    """Create indexes, in one walk over what is stored; harmless when they exist.

    Where much is stored it takes longer than any other answer, so no other time-out holds for it.

    Args:
        collection: what is indexed.
        keys: the field or fields of each index.
        options: of all of them.
    """
    with pymongo.timeout(_INDEX_SECONDS):
        await collection.create_indexes([IndexModel(key, **options) for key in keys])


def _is_transient_for_an_upsert(error: BaseException) -> bool:
    return isinstance(error, DuplicateKeyError) or is_transient(error)


def _warn(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    answer = read(error) if isinstance(error, PyMongoError) else getattr(error, "failure", None)
    problems = answer.transient if answer else ()
    log.warning("write_repeated", attempt=state.attempt_number, problems=problems[:3])


_WAIT: Final = wait_exponential_jitter(multiplier=0.05, max=1, jitter=0.1)
_STOP: Final = stop_after_delay(RETRY_SECONDS)

retried: Final = retry(
    retry=retry_if_exception(is_transient),
    wait=_WAIT,
    stop=_STOP,
    before_sleep=_warn,
    reraise=True,
)
"""Decorates a write that may be done twice: repeats it while the store does not say for certain."""
retried_upsert: Final = retry(
    retry=retry_if_exception(_is_transient_for_an_upsert),
    wait=_WAIT,
    stop=_STOP,
    before_sleep=_warn,
    reraise=True,
)
"""Likewise for an upsert by a unique key alone: whoever meets a duplicate finds it the next time.

The server itself repeats it only in some cases, and other servers in none.
"""


@retried
async def insert(collection: AsyncCollection[Document], documents: Sequence[Document]) -> int:
    """Insert in order, up to the first that meets a duplicate key; none is no write.

    It is repeated as a whole while the store does not say for certain that what it inserted will
    stay; then it meets what is there already as a duplicate. So a caller that meets a duplicate
    asks whose it is.

    Returns:
        how many were inserted for certain: all of them, or the index of the first duplicate.

    Raises:
        WriteFailed: the store refused, or did not say for certain for too long.
    """
    if not documents:
        return 0
    try:
        await collection.insert_many(documents, ordered=True)
    except BulkWriteError as error:
        return duplicates(error)[0]
    return len(documents)


@retried
async def bulk_write(collection: AsyncCollection[Document], writes: Sequence[Write]) -> list[Write]:
    """Write in any order, whatever meets a duplicate key left out; none is no write.

    Repeated as `insert` is, so each write must be one that may be done twice.

    Returns:
        those that met a duplicate key.

    Raises:
        WriteFailed: the store refused, or did not say for certain for too long.
    """
    if not writes:
        return []
    try:
        await collection.bulk_write(list(writes), ordered=False)
    except BulkWriteError as error:
        return [writes[index] for index in duplicates(error)]
    return []


async def bulk_upsert(collection: AsyncCollection[Document], writes: Sequence[Write]) -> None:
    """Write upserts in any order; one that meets a duplicate key is written once more.

    Two that come first race for one insert. The one that lost it finds the document the second
    time; if its filter then leaves that out, as a guard on a version does, it meets a duplicate
    key again, and the document is to stay as it is.
    """
    if raced := await bulk_write(collection, writes):
        await bulk_write(collection, raced)


@retried_upsert
async def upsert(collection: AsyncCollection[Document], id_: str, fields: Document) -> None:
    """Set fields of the document with an id, which may not be there yet."""
    await collection.update_one({"_id": id_}, {"$set": fields}, upsert=True)
