"""The published language of the municipal actions under a member's commitments."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from shared.contracts.base import EdtfDate, Link, Model, Remark, Slug, Text, Texts, earliest, latest
from shared.contracts.numbers import Amount, Number
from shared.contracts.plans.commitments import HolderEvent
from shared.contracts.plans.plan import Point
from shared.contracts.text import EACH_ONCE, Currency

ActionStatus = Literal["planned", "in progress", "completed", "stalled", "abandoned"]


class Budget(Model):
    """Public money for an action."""

    amount: Amount
    currency: Currency


class Indicator(Model):
    """What an action is measured by."""

    name: Text
    unit: Remark | None = None
    baseline: Number | None = None
    target: Number | None = None


class ActionRecorded(HolderEvent):
    """What a city does for a commitment, in full; again with a later `as_of`, it replaces.

    `office` is an office, never a person.
    """

    type: ClassVar[str] = "coalition.plans.ActionRecorded.v1"
    action: Slug
    point: Point
    title: Text
    titles: Texts | None = None
    status: ActionStatus
    as_of: EdtfDate
    policy: Text | None = None
    starts: EdtfDate | None = None
    ends: EdtfDate | None = None
    office: Remark | None = None
    partners: Annotated[tuple[Text, ...], Field(max_length=20), EACH_ONCE] = ()
    budget: Budget | None = None
    evidence: Annotated[tuple[Link, ...], Field(max_length=20), EACH_ONCE] = ()
    indicator: Indicator | None = None
    coalition: Slug | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts and self.ends and latest(self.ends) < earliest(self.starts):
            msg = "the action ends before it starts"
            raise ValueError(msg)
        return self


class IndicatorRead(HolderEvent):
    """The value of an action's indicator on a date; again for the date, it is corrected.

    `title`, that of the action, `indicator` and `coalition` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.IndicatorRead.v1"
    action: Slug
    title: Text | None = None
    value: Number
    as_of: EdtfDate
    evidence: Annotated[tuple[Link, ...], Field(max_length=5), EACH_ONCE] = ()
    indicator: Indicator | None = None
    coalition: Slug | None = None
