"""What is kept of an aggregate: folded from history, and so never too strict for it."""

from __future__ import annotations

from shared.contracts import lenient
from shared.contracts.base import Model


class State(Model):
    """An aggregate's state, or a part of it.

    It is built, and read back from its snapshot, without the bounds of the contracts that its
    fields are made of: what was published once can be folded whatever is tightened later. What
    comes in is bound by the contracts of the events.
    """

    @classmethod
    def __pydantic_on_complete__(cls) -> None:
        super().__pydantic_on_complete__()
        cls.__pydantic_validator__ = lenient.validator(cls)
