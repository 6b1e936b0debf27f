"""Logs for machines or people: bounded lines, without documents and personal data in them.

What libraries say, and what ends the process, goes the same way: an error of the store holds the
documents that it did not take, and one such line had 35 MB.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any, Final

import structlog
from bson.errors import BSONError
from pydantic import ValidationError
from pymongo.errors import BulkWriteError, OperationFailure

from shared.contracts.reasons import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from structlog.typing import EventDict, ExcInfo, Processor

MAX_TEXT: Final = 2_000
"""Characters of one field of a log line."""
MAX_TRACE: Final = 8_000
"""Characters of the trace of an error, with those of its causes."""
_OUTSIDE: Final = r"""\s@"'<>()\[\],;:/"""
_WITHIN: Final = rf"[^{_OUTSIDE}%]*+(?:%(?!40)[^{_OUTSIDE}%]*+)*+"
_ADDRESS: Final = re.compile(
    rf"(?:(?<![^{_OUTSIDE}])|(?<=%40))(?!@|%40){_WITHIN}(?:@|%40)++"
    rf"(?:[^{_OUTSIDE}%]|%(?!40)){{0,200}}\.[^\W\d_][\w-]*"
)
"""An e-mail address within a text, as far as it can be told; also within a URL.

It is tried once from where a word begins, and neither side has what parts them: however a stranger
writes, the time grows only as the text does.
"""
_MAX_MESSAGE: Final = 300
_FRAMES: Final = 15
_DEPTH: Final = 5
"""Causes of causes that a trace follows, and errors of a group that it shows."""

log = structlog.get_logger()


def configure_logging(service: str, *, level: str = "info", as_json: bool = True) -> None:
    """Send structured logs to standard output, each with the service's name."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_trace),
        bounded,
        anonymous,
    ]
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    _adopt_libraries(processors, renderer)
    sys.excepthook = _at_the_end


def described(error: BaseException) -> str:
    """What went wrong, in one line, without the data that it went wrong with."""
    return _cut(f"{type(error).__name__}: {_message(error)}".removesuffix(": "), _MAX_MESSAGE)


def bounded(_: Any, __: str, event: EventDict) -> EventDict:  # noqa: ANN401 - as structlog calls it
    """Cut whatever is longer than a line of a log may be; a processor of structlog."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _cut(value, MAX_TRACE if key == "exception" else MAX_TEXT)
        elif value is not None and not isinstance(value, int | float):
            text = repr(value)
            event[key] = value if len(text) <= MAX_TEXT else _cut(text, MAX_TEXT)
    return event


def without_addresses(text: str) -> str:
    """A text with a mark in the place of each e-mail address: strangers write them anywhere."""
    if "@" not in text and "%40" not in text:
        return text
    return _ADDRESS.sub("<address>", text)


def anonymous(_: Any, __: str, event: EventDict) -> EventDict:  # noqa: ANN401 - as structlog calls it
    """Leave out whatever looks like a person's address; a processor of structlog."""
    for key, value in event.items():
        text = value if isinstance(value, str) else repr(value)
        if (shown := without_addresses(text)) is not text:
            event[key] = shown
    return event


def _cut(text: str, most: int) -> str:
    """A text with its middle left out: what a trace ends with is the error itself."""
    if len(text) <= most:
        return text
    left_out = f" … {len(text) - most} characters left out … "
    half = (most - len(left_out)) // 2
    return f"{text[:half]}{left_out}{text[-half:]}"


def _message(error: BaseException) -> str:
    match error:
        case ValidationError():
            return explain(error)  # pydantic's own text repeats the input
        case BulkWriteError():
            failed = [
                *error.details.get("writeErrors", ()),
                *error.details.get("writeConcernErrors", ()),
            ]
            codes = sorted({str(one.get("code")) for one in failed})
            return f"{len(failed)} writes failed, code {', '.join(codes)}"
        case OperationFailure():
            details = error.details or {}
            return f"code {error.code} {details.get('codeName', '')}".rstrip()
        case BSONError():
            return ""
        case _:
            return str(error)


def _trace(exc_info: ExcInfo) -> str:
    return "\n".join(_lines(exc_info[1], exc_info[2], _DEPTH))


def _lines(error: BaseException, frames: TracebackType | None, deeper: int) -> Iterator[str]:
    """Where an error was raised and what it says, after the same of what it follows from."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before and deeper:
        yield from _lines(before, before.__traceback__, deeper - 1)
        yield "and from that:"
    for frame in traceback.extract_tb(frames, limit=-_FRAMES):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    yield described(error)
    if isinstance(error, BaseExceptionGroup) and deeper:
        for one in error.exceptions[:_DEPTH]:
            yield "one of the group:"
            yield from _lines(one, one.__traceback__, deeper - 1)


def _adopt_libraries(processors: list[Processor], renderer: Processor) -> None:
    """Have what libraries say through `logging` bounded and rendered as our own lines are."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *processors,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # else a line that cannot be made is printed with all it holds
    for name in ("faststream", "uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)  # these come with handlers of their own
        logger.handlers.clear()
        logger.propagate = True


def _at_the_end(
    kind: type[BaseException], error: BaseException, frames: TracebackType | None
) -> None:
    """Log what ends the process; Python itself would print the error with all that it holds."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, frames)
    else:
        log.critical("ended by an error", exc_info=(kind, error, frames))
