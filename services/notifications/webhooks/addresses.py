"""Where webhooks may be sent to: pure. Nothing inside of the installation's own networks."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final, TypeAlias

import httpx

from shared import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network

    Network: TypeAlias = IPv4Network | IPv6Network

Address: TypeAlias = IPv4Address | IPv6Address
MAX_URL: Final = 500
"""Characters of an address at most."""
_TRANSLATED: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
"""IPv6 addresses that a translator makes of IPv4's (RFC 6052, RFC 8215)."""
_COMPATIBLE: Final = ip_network("::/96")


def check(url: str, *, http: bool, networks: Sequence[Network]) -> str:
    """See that something may be sent to an address, as far as it says so itself.

    Args:
        url: the address.
        http: whether it may be without TLS.
        networks: that are allowed besides public ones.

    Raises:
        ValueError: it may not; the message says why.
    """
    if len(url) > MAX_URL:
        raise ValueError(f"an address has at most {MAX_URL} characters")
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise ValueError("it is no address of the web, such as https://example.org/hook") from None
    if parsed.scheme != "https" and not (http and parsed.scheme == "http"):
        also = " or http://" if http else ""
        raise ValueError(f"an address begins with https://{also}")
    if parsed.userinfo or parsed.fragment:
        raise ValueError("an address has no login and no fragment: what is sent is signed")
    addresses.host(parsed.host)
    if (literal := _literal(parsed.host)) and not is_allowed(literal, networks):
        raise ValueError(forbidden(literal))
    return str(parsed)


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Whether something may be sent to an address that a name stands for."""
    return all(
        any(one.version == each.version and one in each for each in networks) or _is_public(one)
        for one in _meanings(address)
    )


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast


def forbidden(address: Address) -> str:
    """What is said of an address to which nothing may be sent."""
    return f"{address} is no public address, and in none of COALITION_WEBHOOK_NETWORKS"


def _meanings(address: Address) -> Iterator[Address]:
    """An address, and the one of IPv4 that it leads to; of a mapped one that alone."""
    if isinstance(address, IPv4Address):
        yield address
        return
    last = IPv4Address(int(address) & 0xFFFF_FFFF)
    if address.ipv4_mapped:
        yield address.ipv4_mapped
        return
    yield address
    if any(address in network for network in _TRANSLATED) or (
        address in _COMPATIBLE and int(address) > 1
    ):
        yield last
    if address.sixtofour:
        yield address.sixtofour
    if address.teredo:
        yield from address.teredo


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None
