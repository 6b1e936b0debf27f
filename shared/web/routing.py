"""Routes that see to what they can before they read a body: who asks, for what, how much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Final, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute

from shared.bodies import NotJson, read_json
from shared.cloudevents import MAX_BODY
from shared.nearest import meant
from shared.web.authentication import BEARER, Check, Needs
from shared.web.openapi import failure
from shared.web.problems import Problem

if TYPE_CHECKING:
    from starlette.types import Message, Receive

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_SEVERAL: Final = (list, tuple, set, frozenset)


class Route(APIRoute):
    """A route of ours.

    Before its body is read, the checks among its dependencies are made and its query is compared
    with what it takes; of the body it reads no more than `most_bytes`.
    """

    most_bytes: ClassVar[int] = MAX_BODY
    hint: ClassVar[str] = ""
    types: ClassVar[tuple[str, ...]] = ("application/json",)
    """What a body that FastAPI reads may be."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:  # noqa: ANN401 - as FastAPI's
        more["responses"] = {**_failures(path, more), **(more.get("responses") or {})}
        if others := _other_scopes(more):
            more["openapi_extra"] = {**(more.get("openapi_extra") or {}), "security": others}
        super().__init__(path, endpoint, **more)

    def get_route_handler(self) -> Handler:
        """FastAPI's handler, behind our checks."""
        handle = super().get_route_handler()
        asked: list[Any] = [one.dependency for one in self.dependencies]
        checks = [one for one in asked if isinstance(one, Check)]
        taken = _query_of(self)

        async def checked(request: Request) -> Response:
            for one in checks:
                await one.check(request)
            _compare(request, taken)
            if self.body_field:
                _see_type(request, self.types)
            receive = _bounded(request, self.most_bytes, self.hint)
            return await handle(_JsonRequest(request.scope, receive))

        return checked


class Router(APIRouter):
    """A router of our routes."""

    def __init__(self, route_class: type[Route] = Route, **more: Any) -> None:  # noqa: ANN401 - as FastAPI's
        super().__init__(route_class=route_class, **more)


class _JsonRequest(Request):
    """A request whose body is read as JSON by our rules."""

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        try:
            return read_json(await self.body())
        except NotJson as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), code="body") from None


def _failures(path: str, more: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The errors that a route answers because of what it is."""
    found = dict[int | str, dict[str, Any]]()
    asked: list[Any] = [one.dependency for one in more.get("dependencies") or ()]
    if any(isinstance(one, Needs) for one in asked):
        found[401] = failure("The bearer token is missing or not valid.")
        found[403] = failure("The token has not the scope that is needed.")
    if "{" in path:
        found[404] = failure("There is no such thing.")
    if {"POST", "PUT", "PATCH"} & set(more.get("methods") or ()):
        found[413] = failure("The body is too large.")
        found[415] = failure("The body is of a type that is not read here.")
    return found


def _other_scopes(more: dict[str, Any]) -> list[dict[str, list[str]]]:
    """What does as well as the scope that a route needs; FastAPI has only that in OpenAPI."""
    asked: list[Any] = [one.dependency for one in more.get("dependencies") or ()]
    found = [one.or_ for one in asked if isinstance(one, Needs) and one.or_]
    return [{BEARER: [scope.value]} for scope in found]


def _query_of(route: APIRoute) -> dict[str, bool]:
    """The query parameters that a route takes, and whether each may be given several times."""
    fields = [f for f in get_flat_params(route.dependant) if isinstance(f.field_info, Query)]
    return {f.alias: get_origin(f.field_info.annotation) in _SEVERAL for f in fields}


def _compare(request: Request, taken: dict[str, bool]) -> None:
    """See that a query has nothing that would be passed over without a word."""
    given = Counter(name for name, _ in request.query_params.multi_items())
    errors = []
    for name, count in given.items():
        if name not in taken:
            hint = meant(name[:80], [*taken]) if taken else "none is taken here"
            errors.append({"where": f"query.{name[:80]}", "reason": f"no such parameter; {hint}"})
        elif count > 1 and not taken[name]:
            errors.append({"where": f"query.{name}", "reason": "given more than once"})
    if errors:
        reason = f"the query is not valid: {errors[0]['where']}: {errors[0]['reason']}"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason, errors=errors[:10])


def _see_type(request: Request, types: tuple[str, ...]) -> None:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media not in types:
        reason = f"Content-Type is one of {', '.join(types)}"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, reason)


def _bounded(request: Request, most: int, hint: str) -> Receive:
    """What a request receives, no further than a bound.

    Raises:
        Problem: the body is larger, or says so.
    """
    reason = f"a body has at most {most} bytes here{hint}"
    large = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason)
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most:
        raise large
    count = 0

    async def receive() -> Message:
        nonlocal count
        message = await request.receive()
        count += len(message.get("body", b""))
        if count > most:
            raise large
        return message

    return receive
