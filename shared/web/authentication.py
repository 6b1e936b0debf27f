"""Who may do what over HTTP: seen to before a body is read, and said in OpenAPI."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.access.callers import Callers
from shared.access.oidc import IssuerAway
from shared.access.scopes import Caller, Scope
from shared.web.problems import Problem, later
from shared.web.rates import Rate

if TYPE_CHECKING:
    from shared.settings import Settings

_BEARER: Final = HTTPBearer(
    auto_error=False,
    description="A token of the operator's file, or of the OpenID Connect issuer; the scope that "
    "an operation needs stands beside it.",
)
BEARER: Final = _BEARER.scheme_name
"""What OpenAPI calls how callers say who they are."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who calls, and how often each may; it is the application's `state.access`."""

    callers: Callers
    rate: Rate

    @classmethod
    def of(cls, service: str, settings: Settings) -> Access:
        """As the settings say."""
        return cls(Callers.of(service, settings), Rate(settings.http_per_minute_per_token))


class Check:
    """What a route sees to before it reads a body; stands among its dependencies."""

    async def check(self, request: Request) -> None:
        """See to it.

        Raises:
            Problem: the request may not go on.
        """
        raise NotImplementedError


class Needs(Check):
    """Sees that the caller has a scope.

    Args:
        scope: that is needed.
        or_: that does as well.
        anybody: whether those may not who publish as one publisher only.
    """

    def __init__(self, scope: Scope, *, or_: Scope | None = None, anybody: bool = False) -> None:
        self.scope, self.or_, self._anybody = scope, or_, anybody

    async def __call__(
        self, given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> None:
        """Say in OpenAPI what is needed; `check` has seen to it before."""

    async def check(self, request: Request) -> None:
        """Find out who calls, and whether they may; `caller_of` tells it afterwards."""
        request.state.private = True
        caller = await _caller(request)
        if caller.scopes.isdisjoint({self.scope, self.or_}):
            raise Problem(
                HTTPStatus.FORBIDDEN,
                f"the token {caller.name!r} has not the scope {self.scope} here",
                _challenge("insufficient_scope", scope=self.scope),
            )
        if self._anybody and caller.publishers is not None:
            raise Problem(
                HTTPStatus.FORBIDDEN,
                f"the token {caller.name!r} publishes as {', '.join(sorted(caller.publishers))} "
                "only, with `POST /events`; this needs one that publishes as anybody",
                _challenge("insufficient_scope", scope=self.scope),
            )
        request.state.caller = caller


def needs(scope: Scope, *, or_: Scope | None = None, anybody: bool = False) -> Any:  # noqa: ANN401 - as FastAPI's Depends
    """The dependency of a route that is only for callers with a scope; see `Needs`."""
    return Security(Needs(scope, or_=or_, anybody=anybody), scopes=[scope.value])


def caller_of(request: Request) -> Caller:
    """Who makes a request to a route that needs a scope."""
    caller: Caller = request.state.caller
    return caller


async def _caller(request: Request) -> Caller:
    access: Access = request.app.state.access
    if not access.callers:
        raise Problem(HTTPStatus.FORBIDDEN, "this is off: no token and no issuer are configured")
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Problem(HTTPStatus.UNAUTHORIZED, "a bearer token is needed", _challenge())
    try:
        caller = await access.callers.find(token.strip())
    except IssuerAway:
        raise later("the issuer of tokens does not answer") from None
    if caller is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            "the bearer token is not valid here, or its time is over",
            _challenge("invalid_token"),
        )
    if seconds := access.rate.wait(caller.name):
        reason = f"the token {caller.name!r} asks too often: again in {seconds} s"
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, reason, {"Retry-After": str(seconds)})
    return caller


def _challenge(error: str = "", **more: str) -> dict[str, str]:
    """What RFC 6750 has an answer say."""
    fields = {"realm": "coalition"} | ({"error": error} if error else {}) | more
    return {"WWW-Authenticate": "Bearer " + ", ".join(f'{k}="{v}"' for k, v in fields.items())}
