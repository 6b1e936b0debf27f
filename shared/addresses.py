"""Addresses as people write them in settings: hosts, servers, mailboxes; in ASCII afterwards."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple

import idna
from email_validator import EmailNotValidError, validate_email

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE | re.ASCII)
_PORT: Final = re.compile(r"[0-9]{1,5}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NAME_LENGTH: Final = 253
_HIGHEST_PORT: Final = 65535


class Mailbox(NamedTuple):
    """Whom an e-mail is from.

    Attributes:
        name: in any script; empty where there is none.
        address: in ASCII.
    """

    name: str
    address: str


def host(text: str) -> str:
    """A host's name or IP address; an international name in its ASCII form, IPv6 without brackets.

    Raises:
        ValueError: it is neither; the message says what is wrong.
    """
    bracketed = text.startswith("[") and text.endswith("]")
    try:
        return str(ipaddress.ip_address(text[1:-1] if bracketed else text))
    except ValueError:
        name = _ascii(text.removesuffix("."))
    labels = name.split(".")
    if len(name) > _NAME_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("neither the name of a host nor an IP address")
    if labels[-1].isdigit():
        raise ValueError("neither an IP address nor the name of a host, which ends in no number")
    return name


def is_loopback(host: str) -> bool:
    """Whether a host, as `host` gives it, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError("a host's name that has no form in ASCII") from None


def servers(text: str) -> str:
    """Servers as `host:port` with commas between; IPv6 stands in brackets.

    Raises:
        ValueError: one of them is none; the message says which and why.
    """
    return ",".join(
        _server(part.strip(), place) for place, part in enumerate(text.split(","), start=1)
    )


def _server(text: str, place: int) -> str:
    name, colon, port = text.rpartition(":")
    if "://" in text:
        raise ValueError(f"server {place} has a scheme: give host:port only")
    if not colon or not _PORT.fullmatch(port) or not 1 <= int(port) <= _HIGHEST_PORT:
        raise ValueError(f"server {place} is not host:port with a port from 1 to {_HIGHEST_PORT}")
    if ":" in name and not name.startswith("["):
        raise ValueError(f"server {place} is not host:port; IPv6 stands in brackets, as [::1]:9092")
    try:
        checked = host(name)
    except ValueError as error:
        raise ValueError(f"server {place}: {error}") from None
    return f"[{checked}]:{port}" if ":" in checked else f"{checked}:{port}"


def mailbox(text: str) -> Mailbox:
    """A mailbox as `address` or `Name <address>`, the name quoted or not.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    name, bracket, rest = text.strip().rpartition("<")
    if bracket and not rest.endswith(">"):
        raise ValueError("neither an e-mail address nor Name <address>")
    if _CONTROL.search(name):
        raise ValueError("the name has control characters or line breaks")
    try:
        checked = validate_email(rest.removesuffix(">"), check_deliverability=False)
    except EmailNotValidError as error:
        raise ValueError(f"the address is not valid: {error}") from None
    if checked.ascii_email is None:
        raise ValueError("the part of the address before the @ is not ASCII")
    return Mailbox(_unquoted(name.strip()), checked.ascii_email)


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name
