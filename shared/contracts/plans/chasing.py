"""The published language of reminders: before something is due, and of what is overdue."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from shared.contracts.numbers import WHOLE
from shared.contracts.text import EACH_ONCE

Chased = Literal["focal point", "lead city", "secretariat"]
"""Who is reminded of what is overdue; those before them are so once more."""
CHASED: Final[tuple[Chased, ...]] = get_args(Chased)
RemindDays = Annotated[
    tuple[Annotated[int, Field(ge=1, le=365), WHOLE], ...],
    Field(max_length=10, description="So many days before it is due, a reminder goes out."),
    EACH_ONCE,
]
ChaseDays = Annotated[
    tuple[Annotated[int, Field(ge=1, le=365), WHOLE], ...],
    Field(
        max_length=len(CHASED),
        description="So many days after it fell overdue the focal point is reminded, after more the"
        " lead city as well, after still more the secretariat.",
    ),
    EACH_ONCE,
]
