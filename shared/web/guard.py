"""What every request and every answer pass: the rate of an address, HEAD, and safe headers."""

from __future__ import annotations

from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

from shared.web.problems import RETRY_SECONDS, problem

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from shared.web.rates import Rate

_PROBES: Final = frozenset({"/healthz", "/readyz"})
"""Are answered whatever else is asked: whoever runs a service must see how it is."""
_LATER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_ONLY_HEADERS: Final = "coalition.only_headers"
"""Marks the scope of a HEAD, which is answered as a GET is."""
_SUBNET: Final = 64
"""Bits of an IPv6 address that one customer has to himself."""


class Guard:
    """The application within, behind what holds for all of it.

    Args:
        app: what answers.
        rate: how often an address may ask.
    """

    def __init__(self, app: ASGIApp, rate: Rate) -> None:
        self._app, self._rate = app, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        answer = _Answer(scope, send)
        seconds = 0 if scope["path"] in _PROBES else self._rate.wait(_address(scope))
        if seconds:
            reason = f"too many requests come from this address: again in {seconds} s"
            refusal = problem(HTTPStatus.TOO_MANY_REQUESTS, reason)
            refusal.headers["Retry-After"] = str(seconds)
            await refusal(scope, receive, answer)
            return
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _ONLY_HEADERS: True}
        await self._app(scope, receive, answer)


class _Answer:
    """Sends an answer on with the headers that all have, and without a body to HEAD."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if message["status"] in _LATER:
                headers.setdefault("Retry-After", str(RETRY_SECONDS))
            if self._scope["state"].get("private"):
                headers["Cache-Control"] = "no-store"
        elif self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)


def only_headers(request: Request) -> bool:
    """Whether a request is a HEAD, which nobody needs to make a body for."""
    return bool(request.scope.get(_ONLY_HEADERS))


def _address(scope: Scope) -> str:
    """Whose requests are counted together; an IPv6 network is one customer's."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, _SUBNET), strict=False))
    return host
