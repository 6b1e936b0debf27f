"""What PyMongo's errors say of a write: whether it may be repeated, and what will never succeed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    OperationFailure,
    PyMongoError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
_TOO_LARGE: Final = {10334, 17419, 17420}
"""A document is larger than any may be, whether it is inserted or replaces another."""
_TRANSIENT_LABELS: Final = frozenset({"RetryableWriteError", "RetryableError"})
_MAX_TEXT: Final = 200


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


class TooLarge(WriteFailed):
    """Documents of a write were larger than the store takes; whatever else was in it is written."""


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


def duplicates(error: BulkWriteError) -> tuple[int, ...]:
    """Which writes of a bulk met a duplicate key, by index.

    Raises:
        WriteFailed: something else went wrong as well.
    """
    failure = read(error)
    if failure.transient or failure.fatal:
        raise (TooLarge if _is_too_large(error) else WriteFailed)(failure) from None
    return failure.duplicates


def _is_too_large(error: BulkWriteError) -> bool:
    return {problem.get("code") for problem in _problems(error)} <= {_DUPLICATE_KEY, *_TOO_LARGE}
