"""What an event says, in 24 hexadecimal digits: to tell a repetition from an id that is reused.

It is made of the type and of the data as JSON reads it, not of bytes. Alike are objects in another
order of keys (of a key that is there twice the last counts), blanks between, escapes in strings,
and forms of a number: `1`, `1.0`, `10e-1`. Different are `null` and what is not there, `"1"` and
`1`, lists in another order, and texts in another Unicode normal form. That is where RFC 8785 draws
the line, but for whole numbers beyond 2**53, which count exactly and are not rounded.

No contract is asked: what was said once has the same fingerprint in every version of the code.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from msgspec import MsgspecError
from msgspec.json import Decoder, Encoder


def _number(text: str) -> float:
    value = float(text)
    # An infinite one raises OverflowError: JSON has no such number.
    return whole if (whole := int(value)) == value else value


_decode: Final = Decoder(float_hook=_number).decode
_encode: Final = Encoder(order="deterministic").encode


def fingerprint(type_: str, data: bytes) -> str:
    """The fingerprint of an event; of data that is no JSON it is one of the bytes."""
    return digest(b"%b\n%b" % (type_.encode(), _canonical(data)))


def _canonical(data: bytes) -> bytes:
    try:
        return _encode(_decode(data))
    except (MsgspecError, ValueError, ArithmeticError, RecursionError):
        return data


def digest(data: bytes) -> str:
    """A short digest of bytes, in hexadecimal digits."""
    return blake2b(data, digest_size=12).hexdigest()
