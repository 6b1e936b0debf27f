"""No line of a log holds a document or personal data, whoever writes it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
import structlog
from bson.errors import InvalidDocument
from pydantic import TypeAdapter, ValidationError
from pymongo.errors import BulkWriteError, DuplicateKeyError

from shared.telemetry import (
    MAX_TEXT,
    MAX_TRACE,
    configure_logging,
    described,
    without_addresses,
)
from tests.logs import LONGEST_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator


PERSON: Final = "nobody@example.org"
DOCUMENT: Final = {"_id": 1, "address": PERSON, "text": "x" * 1_000_000}


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def of_the_store() -> BulkWriteError:
    failed = {"index": 0, "code": 11000, "errmsg": f"dup key: {PERSON}", "op": DOCUMENT}
    return BulkWriteError({"writeErrors": [failed] * 3, "writeConcernErrors": []})


def invalid() -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, int]).validate_python(DOCUMENT)
    return caught.value


HOLDING_DOCUMENTS: Final = [
    pytest.param(of_the_store(), id="BulkWriteError"),
    pytest.param(DuplicateKeyError(f"dup key {DOCUMENT}", 11000, DOCUMENT), id="DuplicateKeyError"),
    pytest.param(InvalidDocument(f"Invalid document {DOCUMENT}"), id="InvalidDocument"),
    pytest.param(invalid(), id="ValidationError"),
]


def caused_by(error: BaseException) -> Exception:
    try:
        try:
            raise error
        except type(error) as cause:
            raise RuntimeError("the batch failed") from cause
    except RuntimeError as outer:
        return outer


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    printed = capsys.readouterr()
    assert not printed.err
    return [json.loads(line) for line in printed.out.splitlines()]


@pytest.mark.parametrize("error", HOLDING_DOCUMENTS)
@pytest.mark.parametrize("how", ["itself", "its cause", "one of a group", "a library's"])
def test_an_error_is_logged_without_the_document_that_it_holds(
    error: Exception, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("test")
    match how:
        case "itself":
            structlog.get_logger().error("failed", exc_info=error)
        case "its cause":
            structlog.get_logger().error("failed", exc_info=caused_by(error))
        case "one of a group":
            group = ExceptionGroup("workers", [ValueError("first"), caused_by(error)])
            structlog.get_logger().error("failed", exc_info=group)
        case _:
            logging.getLogger("aiokafka").error("failed", exc_info=error)
    [line] = lines(capsys)
    assert line["service"] == "test"
    assert type(error).__name__ in line["exception"]
    text = json.dumps(line)
    assert PERSON not in text
    assert "xxxx" not in text
    assert len(text) < LONGEST_LINE


@pytest.mark.parametrize(
    "value",
    ["x" * 1_000_000, b"x" * 1_000_000, [DOCUMENT] * 3, {"all": DOCUMENT}, ("x" * 9_999,)],
    ids=lambda value: type(value).__name__,
)
def test_a_field_is_cut_at_its_bound(value: Any, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("test")
    structlog.get_logger().warning("x" * 100_000, what=value, count=3, none=None, few=["a"])
    [line] = lines(capsys)
    assert len(line["what"]) <= MAX_TEXT
    assert len(line["event"]) <= MAX_TEXT
    assert "characters left out" in line["what"]
    assert (line["count"], line["none"], line["few"]) == (3, None, ["a"])


def test_a_trace_says_where_and_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("test")

    def deeper(level: int) -> None:
        if level == 0:
            raise ValueError("y" * 100_000)
        deeper(level - 1)

    error: Exception | None = None
    for _ in range(20):
        try:
            deeper(50)
        except ValueError as caught:
            caught.__cause__ = error
            error = caught
    structlog.get_logger().error("failed", exc_info=error)
    [line] = lines(capsys)
    assert __file__ in line["exception"]
    assert "in deeper" in line["exception"]
    assert len(line["exception"]) <= MAX_TRACE


@pytest.mark.parametrize(
    "name", ["uvicorn.error", "aiokafka.consumer", "pymongo", "faststream", "x"]
)
def test_what_libraries_say_is_bounded_and_in_the_same_form(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("test")
    logging.getLogger(name).warning("could not send %s", DOCUMENT)
    [line] = lines(capsys)
    assert (line["service"], line["logger"], line["level"]) == ("test", name, "warning")
    assert len(line["event"]) <= MAX_TEXT


def test_what_ends_the_process_is_logged_and_not_printed() -> None:
    program = """
import sys
from shared.telemetry import configure_logging
from pymongo.errors import BulkWriteError
configure_logging("test")
failed = {"index": 0, "code": 8000, "op": {"text": "x" * 1_000_000}}
raise BulkWriteError({"writeErrors": [failed], "writeConcernErrors": []})
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert not ended.stderr
    line = json.loads(ended.stdout)
    assert (line["level"], line["service"]) == ("critical", "test")
    assert "BulkWriteError: 1 writes failed, code 8000" in line["exception"]
    assert len(ended.stdout) < LONGEST_LINE


ADDRESSES: Final = [
    PERSON,
    f"mailto:{PERSON}",
    f"Nobody <{PERSON}>",
    f"https://x.example/?who={PERSON}&n=1",
    "https://x.example/nobody%40example.org/1",
    "nobody.ö@bücher.example",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", ["we", "a library", "an error"])
def test_no_address_is_in_a_line_whoever_wrote_it(
    address: str, who: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging("test")
    log = structlog.get_logger()
    match who:
        case "we":
            log.info("rejected", id=address, type=address, some=[address], more={address: 1})
        case "a library":
            logging.getLogger("aiosmtplib").warning("said %s", address)
        case _:
            log.error("failed", exc_info=ValueError(address))
    [line] = lines(capsys)
    text = json.dumps(line, ensure_ascii=False)
    assert "<address>" in text
    assert "nobody" not in text


@pytest.mark.parametrize("text", ["coalition.plans.inbox.v1@2/0/55", "a @ b.c", "python@3.11/lib"])
def test_what_is_no_address_is_left(text: str) -> None:
    assert without_addresses(text) == text


ONCE: Final = ["x" * 1_000_000 + "@", "%40" * 300_000, "a%40" * 200_000, "%2B@" * 200_000]


@pytest.mark.parametrize("text", ONCE, ids=lambda text: text[-5:])
def test_a_long_text_without_an_address_is_looked_through_at_once(text: str) -> None:
    """However a stranger writes an id; each rejected event is logged with its own."""
    began = time.process_time()
    assert without_addresses(text) == text
    assert time.process_time() - began < 2


def test_an_ordinary_error_keeps_its_message() -> None:
    assert described(KeyError("signed")) == "KeyError: 'signed'"
    assert described(RuntimeError()) == "RuntimeError"
