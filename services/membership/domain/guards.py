"""What is refused of every aggregate: an unknown coalition, and lists that are too long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from services.membership.domain.coalitions.state import Coalition, stream
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from shared.contracts.base import Model
    from shared.domain.decider import Context


class Bound(NamedTuple):
    """How long a list of an aggregate may be.

    Attributes:
        what: is in the list.
        instead: what its publisher can do.
    """

    most: int
    what: str
    instead: str


Bounds = Mapping[str, Bound]
"""By the name of the field."""


def existing_coalition(id_: str, context: Context) -> Coalition:
    """The coalition that an event names.

    Raises:
        Refused: nothing is recorded of it.
    """
    coalition = context.find(stream(id_), Coalition)
    if coalition is None:
        raise Refused(f"the coalition {id_!r} is not known")
    return coalition


def refuse_growth(whose: str, before: Model | None, after: Model, bounds: Bounds) -> None:
    """Refuse what makes a list longer than its bound.

    One that is too long already, by a bound of earlier days, may stay as it is.

    Raises:
        Refused: a list would be too long.
    """
    for field, (most, what, instead) in bounds.items():
        count = len(getattr(after, field))
        if count > most and count > len(getattr(before, field, ())):
            raise Refused(f"{whose} would have {count} {what}, and {most} at most: {instead}")
