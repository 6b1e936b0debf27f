"""Header fields of an e-mail, encoded by ourselves: no text in them becomes mail syntax.

Python's own `email.message` reads what it is given as if it came from the wire: a name of the form
`=?utf-8?q?=0D=0ABcc:...?=` wrote header fields before 3.11.10 and 3.12.5 (cpython gh-121650), and
U+0085 raises. Here a text is either plain ASCII that nobody could take for syntax, or RFC 2047's
encoded words, which hold any text.
"""

from __future__ import annotations

import re
from email import base64mime, quoprimime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_PLAIN: Final = re.compile(r"[!-~]+( [!-~]+)*")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]+( [A-Za-z0-9!#$%&'*+/^_`{|}~-]+)*")
"""What may stand unquoted before an address: no comma, no full stop, nothing like `=?`."""
_PLAIN_LENGTH: Final = 60
_WORD_BYTES: Final = 39
"""Of UTF-8 in one encoded word: with `Subject: ` before it a line has 76 characters at most."""
FOLD: Final = "\r\n "
"""Goes on with a field in the next line."""


def one_line(text: str) -> str:
    """A text without what no line can hold: blanks for control characters and line breaks."""
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text))


def subject(text: str) -> str:
    """The field that says what an e-mail is about."""
    line = one_line(text)
    plain = len(line) <= _PLAIN_LENGTH and _PLAIN.fullmatch(line) and "=?" not in line
    return f"Subject: {line if plain else _encoded(line)}"


def mailbox(field: str, name: str, address: str) -> str:
    """A field with one mailbox, such as `To: Name <address>`, whatever the name has in it.

    Args:
        field: the name of the field.
        name: of a person; a blank one is left out.
        address: in ASCII, checked before.
    """
    phrase = one_line(name).strip()
    if not phrase:
        return f"{field}: {address}"
    if len(phrase) <= _PLAIN_LENGTH and _ATOMS.fullmatch(phrase):
        return f"{field}: {phrase} <{address}>"
    return f"{field}: {_encoded(phrase)}{FOLD}<{address}>"


def _encoded(line: str) -> str:
    # The blank between two encoded words is not part of the text, so all of it is encoded.
    return FOLD.join(
        min(
            quoprimime.header_encode(part, "utf-8"),
            base64mime.header_encode(part, "utf-8"),
            key=len,
        )
        for part in _parts(line)
    )


def _parts(line: str) -> Iterator[bytes]:
    """A text as UTF-8 in parts that each fit into an encoded word, no character cut in two."""
    part = b""
    for character in line:
        encoded = character.encode()
        if len(part) + len(encoded) > _WORD_BYTES:
            yield part
            part = b""
        part += encoded
    yield part
