"""Errors over HTTP: problem+json as RFC 9457 has it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pymongo.errors import ConnectionFailure
from starlette.exceptions import HTTPException

from shared.contracts.reasons import reason
from shared.kafka.producer import NotDelivered
from shared.pipeline.tolerant import Unreadable
from shared.web.openapi import PROBLEM

if TYPE_CHECKING:
    from fastapi import FastAPI

log = structlog.get_logger()


RETRY_SECONDS: Final = 10
"""When to try again what Kafka or the store did not answer."""


class Problem(HTTPException):
    """An error that is answered as problem+json, with a reason for the honest."""


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse({**body, "detail": detail, **more}, status, media_type=PROBLEM)


def undelivered(error: NotDelivered, **more: object) -> JSONResponse:
    """Kafka did not take what it was sent, or did not say so: whether it may have, and when to try.

    `taken` is `no`, or `unknown` where some or all may be on their way nevertheless.
    """
    taken = "unknown" if error.unsure else "no"
    then = "it may have been taken" if error.unsure else "nothing of it was taken"
    if error.delivered:
        then = f"the first {error.delivered} events were taken, of the others " + (
            "some may have been" if error.unsure else "none"
        )
    detail = f"{error.args[0]}; {then}. Send the same again: what was taken is known by its id"
    more |= {"taken": taken, "delivered": error.delivered}
    return _later(problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, **more))


def _later(answer: JSONResponse) -> JSONResponse:
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


async def _on_undelivered(_: Request, error: Exception) -> Response:
    if not isinstance(error, NotDelivered):
        raise error
    return undelivered(error)


async def _on_store_away(_: Request, error: Exception) -> Response:
    log.warning("store_silent", error=type(error).__name__)
    return _later(problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store does not answer"))


async def _on_http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _on_bad_request(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = [{"where": ".".join(map(str, e["loc"])), "reason": reason(e)} for e in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", errors=wrong)


async def _on_unreadable(_: Request, error: Exception) -> Response:
    """One aggregate, and nothing else, cannot be shown: say which."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}: a defect; the log has the details")


async def _on_defect(request: Request, error: Exception) -> Response:
    """Whatever nobody expected; it is raised on afterwards, so that the log has its trace."""
    del error
    what = f"{request.method} {request.url.path}"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{what}: a defect; the log has the details")


def register(app: FastAPI) -> None:
    """Have the application answer each error as problem+json."""
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(NotDelivered, _on_undelivered)
    app.add_exception_handler(ConnectionFailure, _on_store_away)
    app.add_exception_handler(Unreadable, _on_unreadable)
    app.add_exception_handler(Exception, _on_defect)
