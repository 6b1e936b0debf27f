"""Errors over HTTP: problem+json as RFC 9457 has it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from shared.pipeline.tolerant import Unreadable
from shared.web.openapi import PROBLEM

if TYPE_CHECKING:
    from fastapi import FastAPI


class Problem(HTTPException):
    """An error that is answered as problem+json, with a reason for the honest."""


def problem(status: int, detail: str, **more: object) -> JSONResponse:
    """An RFC 9457 answer."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return JSONResponse({**body, "detail": detail, **more}, status, media_type=PROBLEM)


async def _on_http_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _on_bad_request(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    reasons = [{"where": ".".join(map(str, e["loc"])), "reason": e["msg"]} for e in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", errors=reasons)


async def _on_unreadable(_: Request, error: Exception) -> Response:
    """One aggregate, and nothing else, cannot be shown: say which."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}: a defect; the log has the details")


def register(app: FastAPI) -> None:
    """Have the application answer each error as problem+json."""
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_bad_request)
    app.add_exception_handler(Unreadable, _on_unreadable)
