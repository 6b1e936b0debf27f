"""The published language of what stands in a report, commitment by commitment."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from shared.contracts.base import EdtfDate, LongText, Model, Slug, Text
from shared.contracts.numbers import WHOLE, Number
from shared.contracts.plans.actions import ActionStatus
from shared.contracts.plans.commitments import Percent, Status
from shared.contracts.plans.plan import Point, Version
from shared.contracts.text import EACH_ONCE, Lines

MAX_REPORTED: Final = 10
"""Actions that a report names under one commitment at most."""


class PointText(Model):
    """What is written about one commitment."""

    point: Point
    text: LongText


def _one_each(texts: tuple[PointText, ...]) -> tuple[PointText, ...]:
    points = [one.point for one in texts]
    if twice := {point for point in points if points.count(point) > 1}:
        raise ValueError(f"there are two texts for point {min(twice)}")
    return tuple(sorted(texts, key=lambda one: one.point))


PointTexts = Annotated[
    tuple[PointText, ...],
    Field(max_length=10, description="One for each of some commitments."),
    AfterValidator(_one_each),
]


class ReportedAction(Model):
    """How an action stood when the report was made; `changed` since the report before."""

    action: Slug
    title: Text
    status: ActionStatus
    as_of: EdtfDate
    changed: bool
    partners: Annotated[tuple[Text, ...], Field(max_length=20), EACH_ONCE] = ()
    indicator: Text | None = None
    unit: Text | None = None
    target: Number | None = None
    value: Number | None = None
    read: EdtfDate | None = None


class ReportSection(Model):
    """What a report says of one commitment, and how this stood.

    `status_before` and `percent_before` are how it stood at the report before, where that is
    comparable. `text` is what the city has `written`; else it is made from what is recorded.
    `more_actions` says how many actions are left out.
    """

    point: Point
    title: Text
    taken_up: bool
    status: Status
    percent: Percent | None = None
    as_of: EdtfDate | None = None
    status_before: Status | None = None
    percent_before: Percent | None = None
    text: Lines
    written: bool
    actions: Annotated[tuple[ReportedAction, ...], Field(max_length=MAX_REPORTED)] = ()
    more_actions: Annotated[int, Field(ge=0, le=1000), WHOLE] = 0


class ReportContents(Model):
    """What stands in a report: how the member's commitments stood on the day it was submitted.

    `since` is when the report before was submitted; what is `changed` has changed since then.
    """

    plan_version: Version
    since: EdtfDate | None = None
    sections: Annotated[tuple[ReportSection, ...], Field(max_length=10)]
