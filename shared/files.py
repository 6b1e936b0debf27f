"""Files that an operator names: read no further than a bound, and refused with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, most: int) -> str:
    """The text of a file.

    Args:
        path: of the file.
        most: bytes that it may have.

    Raises:
        ValueError: it cannot be read, is larger, or is no text; the reason repeats nothing of it.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None
    if len(content) > most:
        raise ValueError(f"the file has more than {most} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ValueError("the file is not UTF-8 text") from None
