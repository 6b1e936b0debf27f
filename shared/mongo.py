"""MongoDB: a client whose writes last, and what the errors of a write say.

A write is acknowledged once a majority has it in its journal, and a read sees only what such a
majority has. So nothing that was acknowledged is rolled back, and no decision rests on something
that will be. That is set here and not in a connection string, which may not weaken it.

A store that steps down or stops answers a write in one of several ways: no answer, "not primary",
`writeErrors`, or `writeConcernError` beside `ok: 1`. The last says that the write was done and may
still be lost. All of them are `is_transient`, and what is written here may be written twice, so
the functions below repeat it for some time. Then they raise: a service ends without a commit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import structlog
from pymongo import AsyncMongoClient, ReadPreference
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)
from pymongo.uri_parser import split_options
from tenacity import retry, retry_if_exception, stop_after_delay, wait_exponential_jitter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pymongo import InsertOne, ReplaceOne, UpdateMany, UpdateOne
    from pymongo.asynchronous.collection import AsyncCollection
    from tenacity import RetryCallState

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
_REQUIRED: Final = {
    "w": "majority",
    "journal": True,
    "readConcernLevel": "majority",
    "readPreference": "primary",
}
_DUPLICATE_KEY: Final = 11000
_TRANSIENT: Final = {
    6: "HostUnreachable",
    7: "HostNotFound",
    24: "LockTimeout",
    50: "MaxTimeMSExpired",
    64: "WriteConcernTimeout",
    89: "NetworkTimeout",
    91: "ShutdownInProgress",
    112: "WriteConflict",
    133: "FailedToSatisfyReadPreference",
    134: "ReadConcernMajorityNotAvailableYet",
    189: "PrimarySteppedDown",
    262: "ExceededTimeLimit",
    9001: "SocketException",
    10058: "LegacyNotPrimary",
    10107: "NotWritablePrimary",
    11600: "InterruptedAtShutdown",
    11601: "Interrupted",
    11602: "InterruptedDueToReplStateChange",
    13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
}
_TRANSIENT_LABELS: Final = frozenset({"RetryableWriteError", "RetryableError"})
_MAX_TEXT: Final = 200


def connect(uri: str, appname: str) -> AsyncMongoClient[Document]:
    """A client whose writes are durable, whose reads cannot be rolled back, and whose waits end.

    Args:
        uri: what an operator set; its time-outs are kept, but none may be endless.
        appname: how the server names the client in its log.

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


class Failure(NamedTuple):
    """What an error of PyMongo says of a write.

    Attributes:
        duplicates: which of the writes met a duplicate key, by index.
        transient: what else went wrong and ends by itself; all of the write is to be repeated,
            since even what was done may be rolled back.
        fatal: what else went wrong and will again.
    """

    duplicates: tuple[int, ...]
    transient: tuple[str, ...]
    fatal: tuple[str, ...]


class WriteFailed(Exception):
    """A write failed otherwise than by a duplicate key.

    Unlike PyMongo's error, it says no document.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__("; ".join(failure.fatal or failure.transient))
        self.failure = failure


def read(error: PyMongoError) -> Failure:
    """Read an error of any write, wherever PyMongo put what the server said.

    A bulk has its `writeErrors` and `writeConcernErrors` in `details`, and either may be empty; a
    single write raises the one or the other; a command that failed as a whole (`ok: 0`) raises by
    its code; a lost connection has none.
    """
    if isinstance(error, ConnectionFailure):
        return Failure((), (_short(f"{type(error).__name__}: {_message(error)}"),), ())
    duplicates, transient, fatal = list[int](), list[str](), list[str]()
    for problem in _problems(error):
        code = problem.get("code", 0)
        if code == _DUPLICATE_KEY:
            duplicates.append(problem.get("index", 0))
            continue
        ends = code in _TRANSIENT or _TRANSIENT_LABELS & set(problem.get("errorLabels", ()))
        name = problem.get("codeName") or _TRANSIENT.get(code, "")
        text = _short(f"{code} {name}: {problem.get('errmsg', '')}")
        (transient if ends else fatal).append(text)
    if not (duplicates or transient or fatal):
        fatal.append(f"{type(error).__name__} without a reason")
    return Failure(tuple(sorted(duplicates)), tuple(transient), tuple(fatal))


def _problems(error: PyMongoError) -> Iterator[Mapping[str, Any]]:
    if isinstance(error, BulkWriteError):
        yield from error.details.get("writeErrors", ())
        yield from error.details.get("writeConcernErrors", ())
    elif isinstance(error, OperationFailure):
        labels = [label for label in _TRANSIENT_LABELS if error.has_error_label(label)]
        details = error.details or {"errmsg": _message(error)}
        yield {**details, "code": error.code or 0, "errorLabels": labels}
    else:
        yield {"errmsg": f"{type(error).__name__}: {_message(error)}"}


def _message(error: PyMongoError) -> str:
    return str(error).partition(", full error: ")[0]


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def is_transient(error: BaseException) -> bool:
    """Whether a write that failed so shall be repeated."""
    if isinstance(error, WriteFailed):
        return not error.failure.fatal
    if isinstance(error, PyMongoError):
        failure = read(error)
        return bool(failure.transient) and not failure.fatal
    return False


def _is_transient_for_an_upsert(error: BaseException) -> bool:
    return isinstance(error, DuplicateKeyError) or is_transient(error)


def _warn(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    said = read(error) if isinstance(error, PyMongoError) else getattr(error, "failure", None)
    problems = said.transient if said else ()
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
    """Insert in order, up to the first that meets a duplicate key.

    It is repeated as a whole while the store does not say for certain that what it inserted will
    stay; then it meets what is there already as a duplicate. So a caller that meets a duplicate
    asks whose it is.

    Returns:
        how many were inserted for certain: all of them, or the index of the first duplicate.

    Raises:
        WriteFailed: the store refused, or did not say for certain for too long.
    """
    try:
        await collection.insert_many(documents, ordered=True)
    except BulkWriteError as error:
        return _duplicates(error)[0]
    return len(documents)


@retried
async def bulk_write(collection: AsyncCollection[Document], writes: Sequence[Write]) -> list[Write]:
    """Write in any order, whatever meets a duplicate key left out.

    Repeated as `insert` is, so each write must be one that may be done twice.

    Returns:
        those that met a duplicate key.

    Raises:
        WriteFailed: the store refused, or did not say for certain for too long.
    """
    try:
        await collection.bulk_write(list(writes), ordered=False)
    except BulkWriteError as error:
        return [writes[index] for index in _duplicates(error)]
    return []


async def bulk_upsert(collection: AsyncCollection[Document], writes: Sequence[Write]) -> None:
    """Write upserts in any order; one that meets a duplicate key is written once more.

    Two that come first race for one insert. The one that lost it finds the document the second
    time; if its filter then leaves that out, as a guard on a version does, it meets a duplicate
    key again, and the document is to stay as it is.
    """
    if raced := await bulk_write(collection, writes):
        await bulk_write(collection, raced)


def _duplicates(error: BulkWriteError) -> tuple[int, ...]:
    failure = read(error)
    if failure.transient or failure.fatal:
        raise WriteFailed(failure) from None
    return failure.duplicates


@retried_upsert
async def upsert(collection: AsyncCollection[Document], id_: str, fields: Document) -> None:
    """Set fields of the document with an id, which may not be there yet."""
    await collection.update_one({"_id": id_}, {"$set": fields}, upsert=True)
