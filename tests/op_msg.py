"""Messages of MongoDB's wire protocol, as far as a double needs to read and write them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import bson

if TYPE_CHECKING:
    import asyncio
    from typing import Self

Document = dict[str, Any]

_HEADER: Final = struct.Struct("<iiii")
_OP_MSG: Final = 2013


class Message(NamedTuple):
    """A message of the protocol; only those of today's kind (`OP_MSG`) have a document.

    Attributes:
        document: the command or the answer, with its sequences in it.
        raw: all bytes.
    """

    id: int
    answers: int
    document: Document | None
    raw: bytes

    @classmethod
    async def read(cls, reader: asyncio.StreamReader) -> Self:
        """Read one.

        Raises:
            IncompleteReadError: the connection has ended.
        """
        header = await reader.readexactly(_HEADER.size)
        length, id_, answers, code = _HEADER.unpack(header)
        body = await reader.readexactly(length - _HEADER.size)
        return cls(id_, answers, _document(body) if code == _OP_MSG else None, header + body)

    @classmethod
    def of(cls, document: Document, *, id_: int = 0, answers: int = 0) -> Self:
        """Make one."""
        body = bytes(5) + bson.encode(document)
        header = _HEADER.pack(_HEADER.size + len(body), id_, answers, _OP_MSG)
        return cls(id_, answers, document, header + body)

    @property
    def command(self) -> str:
        """The command's name."""
        return next(iter(self.document), "") if self.document else ""


def _document(body: bytes) -> Document:
    """Put together what a message holds: its document, and sequences of documents beside it."""
    document: Document = {}
    at = 4
    while at < len(body):
        kind, size = body[at], struct.unpack_from("<i", body, at + 1)[0]
        section, at = body[at + 1 : at + 1 + size], at + 1 + size
        if kind == 0:
            document = {**bson.decode(section), **document}
        else:
            name, _, documents = section[4:].partition(b"\0")
            document[name.decode()] = bson.decode_all(documents)
    return document
