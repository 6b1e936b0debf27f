"""How the store is asked, and how what it answers is read."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import ReadPreference
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConfigurationError,
    DuplicateKeyError,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WriteConcernError,
    WriteError,
    WTimeoutError,
)

from shared import mongo
from shared.mongo import is_transient, read

SECRET = "Mayor Jane Doe"
HOST = "mongodb://u:p%3F@one:1,two:2/coalition"


async def options(uri: str) -> Any:
    async with mongo.connect(uri, "test") as client:
        return client.options


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://one",
        f"{HOST}?replicaSet=rs0",
        f"{HOST}?w=majority&journal=true&readPreference=primary&readConcernLevel=majority",
        f"{HOST}?retryWrites=false;authSource=admin",
    ],
)
async def test_whatever_the_uri_says_writes_last_and_reads_cannot_be_rolled_back(uri: str) -> None:
    found = await options(uri)
    document = found.write_concern.document
    assert (document["w"], document["j"]) == ("majority", True)
    assert document["wtimeout"] > 0
    assert found.read_concern.level == "majority"
    assert found.read_preference == ReadPreference.PRIMARY


@pytest.mark.parametrize(
    "option",
    [
        "w=0",
        "w=1",
        "w=2",
        "journal=false",
        "readConcernLevel=local",
        "readPreference=secondaryPreferred",
        "READPREFERENCE=nearest",
        "socketTimeoutMS=0",
        "connectTimeoutMS=0",
        "wTimeoutMS=0",
        "waitQueueTimeoutMS=0",
        "timeoutMS=0",
    ],
)
async def test_a_uri_that_asks_for_less_or_for_ever_is_refused_by_name(option: str) -> None:
    with pytest.raises((ConfigurationError, ValueError), match=rf"(?i){option.partition('=')[0]}"):
        mongo.connect(f"{HOST}?replicaSet=rs0&{option}", "test")


async def test_no_wait_is_endless_and_an_operators_own_time_outs_are_kept() -> None:
    pool = (await options(f"{HOST}?socketTimeoutMS=7000")).pool_options
    assert pool.socket_timeout == 7
    assert pool.connect_timeout
    assert pool.wait_queue_timeout
    assert (await options(HOST)).pool_options.socket_timeout


def bulk(*write_errors: dict[str, Any], concern: dict[str, Any] | None = None) -> BulkWriteError:
    document = {"_id": 1, "name": SECRET}
    return BulkWriteError(
        {
            "writeErrors": [{"op": document, "errmsg": "x", **one} for one in write_errors],
            "writeConcernErrors": [{"errmsg": "y", **concern}] if concern else [],
        }
    )


TAKEN = {"index": 3, "code": 11000}
AGAIN = [11600, 11602, 91, 189, 64, 10107, 13435]
LABELLED = {"code": 1, "errorLabels": ["RetryableWriteError", "NoWritesPerformed"]}


@pytest.mark.parametrize(
    ("error", "duplicates", "transient", "fatal"),
    [
        (bulk(TAKEN, {"index": 1, "code": 11000}), (1, 3), 0, 0),
        (bulk(), (), 0, 1),
        *((bulk(concern={"code": code}), (), 1, 0) for code in AGAIN),
        *((bulk({"index": 0, "code": code}), (), 1, 0) for code in AGAIN),
        *((WriteConcernError("x", code, {"code": code}), (), 1, 0) for code in AGAIN),
        *((WriteError("x", code, {"code": code}), (), 1, 0) for code in AGAIN),
        *((OperationFailure("x", code, {"code": code}), (), 1, 0) for code in AGAIN),
        (bulk(TAKEN, concern={"code": 11602}), (3,), 1, 0),
        (bulk(TAKEN, {"index": 4, "code": 121}, concern={"code": 91}), (3,), 1, 1),
        (bulk(concern=LABELLED), (), 1, 0),
        (bulk(concern={"code": 100}), (), 0, 1),
        (WriteConcernError("x", 1, LABELLED), (), 1, 0),
        (WTimeoutError("x", 64, {"code": 64, "errInfo": {"wtimeout": True}}), (), 1, 0),
        (DuplicateKeyError("x", 11000, {"code": 11000, "index": 0}), (0,), 0, 0),
        (DuplicateKeyError("x", 11000, {"code": 11000}), (0,), 0, 0),
        (NotPrimaryError("x", {"code": 10107, "errorLabels": ["RetryableWriteError"]}), (), 1, 0),
        (AutoReconnect("x"), (), 1, 0),
        (NetworkTimeout("x"), (), 1, 0),
        (ServerSelectionTimeoutError("x"), (), 1, 0),
        (OperationFailure("x", 13, {"code": 13}), (), 0, 1),
        (OperationFailure("x"), (), 0, 1),
        (InvalidOperation("x"), (), 0, 1),
    ],
)
def test_both_kinds_of_error_are_read_wherever_they_are(
    error: PyMongoError, duplicates: tuple[int, ...], transient: int, fatal: int
) -> None:
    failure = read(error)
    assert failure.duplicates == duplicates
    assert (len(failure.transient), len(failure.fatal)) == (transient, fatal)
    assert is_transient(error) == (transient > 0 and fatal == 0)


def test_other_errors_are_not_the_stores() -> None:
    assert not is_transient(ValueError("x"))


def test_what_is_said_of_an_error_holds_no_document() -> None:
    failure = read(bulk({"index": 0, "code": 121, "errmsg": "x" * 10_000}, concern={"code": 91}))
    said = str(mongo.WriteFailed(failure))
    assert SECRET not in said
    assert len(said) < 300
    assert "121" in said


async def test_what_has_nothing_to_write_asks_no_store() -> None:
    nowhere: Any = None
    assert await mongo.insert(nowhere, []) == 0
    assert await mongo.bulk_write(nowhere, []) == []
    await mongo.bulk_upsert(nowhere, [])
