"""A strict reader of header fields: RFC 5322's lines and RFC 2047's encoded words, nothing else.

It shares no code with what it checks, nor with Python's own parser, which forgives.
"""

from __future__ import annotations

import base64
import re
from typing import Final

_FIELD: Final = re.compile(rb"([A-Za-z-]+): ([!-~]?[ -~]*(?:\r\n [!-~][ -~]*)*)\r\n")
_WORD: Final = re.compile(r"=\?utf-8\?([bq])\?([!->@-~]+)\?=")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~ -]*")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9.-]+")
_MOST_LINE: Final = 998
_MOST_ENCODED_LINE: Final = 76


def fields(head: bytes) -> list[tuple[str, str]]:
    """All fields, their bodies still folded.

    Raises:
        AssertionError: something is no field, or a line is too long.
    """
    found, end = [], 0
    while end < len(head):
        match = _FIELD.match(head, end)
        assert match, head[end : end + 80]
        found.append((match[1].decode(), match[2].decode()))
        end = match.end()
    for line in head.split(b"\r\n"):
        assert len(line) <= (_MOST_ENCODED_LINE if b"=?" in line else _MOST_LINE), line
    return found


def text(body: str) -> str:
    """An unstructured field's text: encoded words alone, or none at all."""
    if "=?" not in body:
        assert "\r\n" not in body
        return body
    words = body.split("\r\n ")
    return "".join(_decoded(word) for word in words)


def mailbox(body: str) -> tuple[str, str]:
    """The name and the address of a field with one mailbox."""
    name, bracket, address = body.rpartition("<")
    if bracket:
        assert name.endswith(("\r\n ", " ")), body
        assert address.endswith(">"), body
        name, address = name.removesuffix(" ").removesuffix("\r\n"), address[:-1]
    assert _ADDRESS.fullmatch(address), address
    assert "=?" in name or _ATOMS.fullmatch(name), name
    return text(name), address


def _decoded(word: str) -> str:
    match = _WORD.fullmatch(word)
    assert match, word
    assert len(word) <= 75, word
    if match[1] == "b":
        return base64.b64decode(match[2], validate=True).decode()
    plain = re.sub(
        r"=([0-9A-F]{2})|([A-Za-z0-9!*+/-])|(_)|(.)",
        lambda m: chr(int(m[1], 16)) if m[1] else m[2] or (" " if m[3] else _refuse(m[4])),
        match[2],
    )
    return plain.encode("latin-1").decode()


def _refuse(character: str) -> str:
    raise AssertionError(character)
