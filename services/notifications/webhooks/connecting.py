"""The way to a receiver: to the addresses that were looked at, and to no other.

A name is looked up for each request, and the connection is made to the address that was found and
allowed: a name that stands for another one a moment later changes nothing. TLS is checked against
the name. Of one receiver one look-up is under way at a time, however many requests wait for it: a
name server that hangs takes one thread from all others, and there are enough.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Protocol

import certifi
import httpx

from services.notifications.webhooks.addresses import forbidden, is_allowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.notifications.webhooks.addresses import Address, Network

CONNECT_SECONDS: Final = 5
_KEEP_SECONDS: Final = 20
_MOST_ADDRESSES: Final = 4
"""Of one name, that are tried one after the other."""
_LOOKING_UP: Final = ThreadPoolExecutor(64, thread_name_prefix="webhook-names")
"""Of their own, and more than there are webhooks; a thread is made when one is needed."""


class Forbidden(httpx.TransportError):
    """A name stands for an address to which nothing may be sent."""


class LookUp(Protocol):
    """Finds the addresses that a name stands for."""

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        """The addresses, the best first."""


async def look_up(host: str, port: int) -> Sequence[Address]:
    """Ask the system.

    Raises:
        httpx.ConnectError: it knows none.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(
            _LOOKING_UP, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"the name {host} cannot be resolved") from error
    return [*dict.fromkeys(ip_address(str(one[4][0]).partition("%")[0]) for one in found)]


@cache
def tls() -> ssl.SSLContext:
    """The authorities that the system trusts, and those that browsers do."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class OnlyAllowed(httpx.AsyncBaseTransport):
    """Sends requests to allowed addresses alone; for one receiver, since it keeps connections.

    Args:
        networks: that are allowed besides public ones.
        connections: at a time.
        names: finds addresses.
        context: of TLS.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        connections: int,
        names: LookUp = look_up,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._networks, self._names = networks, names
        self._looking_up: asyncio.Future[Sequence[Address]] | None = None
        limits = httpx.Limits(
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_SECONDS,
        )
        self._way = httpx.AsyncHTTPTransport(
            verify=context or tls(), trust_env=False, limits=limits
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first of the addresses that can be reached.

        Raises:
            Forbidden: one of the addresses is none to which something may be sent.
        """
        host = request.url.host
        last: httpx.TransportError = httpx.ConnectError("the name stands for no address")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        found = await self._found(host, port)
        for address in found:
            if not is_allowed(address, self._networks):
                raise Forbidden(forbidden(address), request=request)
        for address in found[:_MOST_ADDRESSES]:
            there = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,  # with the name as `Host`
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._way.handle_async_request(there)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                last = error
        raise last

    async def _found(self, host: str, port: int) -> Sequence[Address]:
        """What the name stands for; who asks while that is being looked up waits for the same.

        It goes on where the request is given up: the thread could not be told to stop.
        """
        if self._looking_up is None or self._looking_up.done():
            self._looking_up = asyncio.ensure_future(self._names(host, port))
        return await asyncio.shield(self._looking_up)

    async def aclose(self) -> None:
        """Close all connections."""
        with contextlib.suppress(httpx.TransportError):
            await self._way.aclose()
