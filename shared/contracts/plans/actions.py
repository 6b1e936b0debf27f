"""The published language of the municipal actions under a member's commitments."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

import pycountry
from pydantic import AfterValidator, Field, model_validator

from shared.contracts.base import EdtfDate, Link, Model, Slug, Text, Texts, earliest, latest
from shared.contracts.plans.commitments import HolderEvent
from shared.contracts.plans.plan import Point

ActionStatus = Literal["planned", "in progress", "completed", "stalled", "abandoned"]
Number = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]


def _currency(value: str) -> str:
    if pycountry.currencies.get(alpha_3=value) is None:
        msg = "not an ISO 4217 currency code"
        raise ValueError(msg)
    return value


class Budget(Model):
    """Public money for an action."""

    amount: Annotated[Number, Field(ge=0)]
    currency: Annotated[str, AfterValidator(_currency), Field(examples=["EUR"])]


class Indicator(Model):
    """What an action is measured by."""

    name: Text
    unit: Text | None = None
    baseline: Number | None = None
    target: Number | None = None


class ActionRecorded(HolderEvent):
    """What a city does for a commitment, in full; said again with a later `as_of`, it replaces.

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
    office: Text | None = None
    partners: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    budget: Budget | None = None
    evidence: Annotated[tuple[Link, ...], Field(max_length=20)] = ()
    indicator: Indicator | None = None
    coalition: Slug | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts and self.ends and latest(self.ends) < earliest(self.starts):
            msg = "the action ends before it starts"
            raise ValueError(msg)
        return self


class IndicatorRead(HolderEvent):
    """The value of an action's indicator on a date; said again for the date, it is corrected.

    `indicator` and `coalition` are filled in by plans.
    """

    type: ClassVar[str] = "coalition.plans.IndicatorRead.v1"
    action: Slug
    value: Number
    as_of: EdtfDate
    evidence: Annotated[tuple[Link, ...], Field(max_length=5)] = ()
    indicator: Indicator | None = None
    coalition: Slug | None = None
