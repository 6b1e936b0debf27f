"""Errors over HTTP: problem+json as RFC 9457 has it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pymongo.errors import ConnectionFailure
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from shared import cloudevents
from shared.contracts.reasons import reason
from shared.kafka.producer import NotDelivered
from shared.pipeline.tolerant import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

log = structlog.get_logger()

PROBLEM: Final = "application/problem+json"


RETRY_SECONDS: Final = 10
"""When to try again what an outage, and nobody\'s mistake, was in the way of."""


class Problem(HTTPException):
    """An error that is answered as problem+json, with a reason for the honest.

    Args:
        status: of HTTP.
        detail: the reason, for people.
        headers: to answer with.
        more: what else programs can read in the answer, such as `code`.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(status, detail, headers)
        self.more = more


def later(detail: str, seconds: int = RETRY_SECONDS) -> Problem:
    """An error that is over by itself: when to try again."""
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, {"Retry-After": str(seconds)})


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


async def _on_http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _not_so(request)
    more = error.more if isinstance(error, Problem) else {}
    answer = problem(error.status_code, str(error.detail), **more)
    answer.headers.update(error.headers or {})
    return answer


def _not_so(request: Request) -> Response:
    """Say which methods a path takes, over all of its routes; the first one knows only its own."""
    path = request.scope["path"]
    matching = [r for r in iter_route_contexts(request.app.routes) if r.path_regex.match(path)]
    # `/members/import` is also a `/members/{id}`, but as that it is not meant.
    alike = [set(r.methods or ()) for r in matching if r.path == matching[0].path]
    found = set[str]().union(*alike)
    allowed = ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))
    detail = f"{request.method} is not done here, but {allowed}"
    answer = problem(HTTPStatus.METHOD_NOT_ALLOWED, detail)
    answer.headers["Allow"] = allowed
    return answer


async def _on_bad_request(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    wrong = [{"where": ".".join(map(str, e["loc"])), "reason": reason(e)} for e in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request is not valid", errors=wrong)


async def _on_no_event(_: Request, error: Exception) -> Response:
    if not isinstance(error, cloudevents.Unreadable):
        raise error
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.reason, code=error.code)


async def _on_disconnect(request: Request, _: Exception) -> Response:
    """Nobody reads this: who asked has gone, or was too slow, and that is no defect."""
    log.info("client_gone", method=request.method)
    return problem(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive whole")


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
    app.add_exception_handler(cloudevents.Unreadable, _on_no_event)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    app.add_exception_handler(Unreadable, _on_unreadable)
    app.add_exception_handler(Exception, _on_defect)
