"""The ways in which a store may answer a write, and what it did then."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from tests.wire import refused, unsure

UNSURE = [
    unsure(11600, "InterruptedAtShutdown"),
    unsure(11602, "InterruptedDueToReplStateChange"),
    unsure(91, "ShutdownInProgress"),
    unsure(189, "PrimarySteppedDown"),
    unsure(64, "WriteConcernTimeout"),
    {
        "writeConcernError": {"code": 1, "errmsg": "labelled"},
        "errorLabels": ["RetryableWriteError"],
    },
]
REFUSED = [refused(10107), refused(13435), refused(11602), refused(189), refused(11600)]


class Way(NamedTuple):
    """How a command fails; see `Fault`."""

    answer: dict[str, Any] | None
    done: bool | int


WAYS: Final = [
    *(Way(answer, done) for answer in (*UNSURE, None) for done in (True, 7, False)),
    *(Way(answer, done=False) for answer in REFUSED),
]
