"""Votes: how a body decided, in numbers or with one voice."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from shared.contracts.base import Model
from shared.contracts.numbers import WHOLE

DecidingBody = Literal["council", "executive", "decree"]
"""Who decides for a city: its council, its executive (a board of the mayor's), or a decree."""
Votes = Annotated[int, Field(ge=0, le=100_000), WHOLE]


class Vote(Model):
    """How a vote went: unanimous, or in numbers; or both, where nobody voted against."""

    unanimous: bool | None = None
    in_favour: Votes | None = None
    against: Votes | None = None
    abstaining: Votes | None = None

    @model_validator(mode="after")
    def _says_how(self) -> Vote:
        if self.unanimous is None and self.in_favour is None:
            msg = "a vote is unanimous, or says how many were in_favour"
            raise ValueError(msg)
        if self.unanimous and self.against:
            msg = "a vote with votes against is not unanimous"
            raise ValueError(msg)
        return self

    def __str__(self) -> str:
        """For people: `unanimous`, or `12 for, 3 against, 1 abstaining`."""
        numbers = {"for": self.in_favour, "against": self.against, "abstaining": self.abstaining}
        given = [f"{number} {word}" for word, number in numbers.items() if number is not None]
        return ", ".join([*(["unanimous"] if self.unanimous else []), *given]) or "not unanimous"
