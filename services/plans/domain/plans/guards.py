"""What a version of a plan may not be: of equal points, or out of the order of versions."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from shared.domain.dates import is_older
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.plans.domain.plans.state import Plan


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


def refuse_out_of_order(plan: Plan | None, number: int, adopted: str | None) -> None:
    """Refuse a version that would be adopted before an older one, or after a newer one.

    Raises:
        Refused: it would.
    """
    for other in plan.versions if plan and adopted else ():
        if other.number == number or adopted is None or other.adopted is None:
            continue
        both = [(number, adopted), (other.number, other.adopted)]
        (older, first), (newer, second) = sorted(both)
        if is_older(second, first):
            raise Refused(
                f"version {newer} would be adopted in {second}, before version {older} in {first}"
            )
