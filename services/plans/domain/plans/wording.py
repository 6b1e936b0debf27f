"""The points of a plan are ten, and not the same one twice."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence


def refuse_equal_points(points: Sequence[str]) -> None:
    """Refuse points of one text: progress could not be told apart, nor carried to a new version.

    Capitals, blanks and how letters are composed make no difference.

    Raises:
        Refused: two are equal.
    """
    seen: dict[str, int] = {}
    for number, text in enumerate(points, 1):
        plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
        if first := seen.get(plain):
            raise Refused(f"points {first} and {number} are equal: {text!r}")
        seen[plain] = number
