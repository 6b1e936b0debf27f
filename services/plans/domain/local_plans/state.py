"""A local plan: a city's own, or one of several cities together, and what became of it."""

from __future__ import annotations

from typing import Final

from pydantic import computed_field

from services.plans.domain.following import Followings
from services.plans.domain.local_plans import standings
from services.plans.domain.local_plans.standings import LocalPlanState, Standing, Steps
from shared.contracts.base import Day, EdtfDate, Link, LongText, MemberRef, Slug, Text, Texts
from shared.contracts.membership import DecidingBody, Vote
from shared.contracts.plans import LocalPlanStepName, Measure, Version
from shared.contracts.sources import Source
from shared.domain.corrections.kept import Corrections
from shared.domain.dates import has_happened
from shared.domain.stream import Stream

KIND: Final = "local-plans"
MAX_RENEWALS: Final = 50
"""Renewals of one local plan at most, so that it always fits into one document."""
_REVIEW: Final = ("reviewed", "reviewer", "verdict", "feedback", "revision_until")


class LocalPlan(Steps):
    """A local plan.

    Attributes:
        holders: the cities whose plan it is, members or not yet.
        measures: what it takes from which commitment of `plan_version` of the coalition's plan.
        revision_until: until when a revision is awaited.
        named: who was named as a holder, where a merger has another stand there; else empty.
        followed: these mergers.
        withdrawn: whether it was recorded by mistake.
        corrections: what was recorded and does not stand.
    """

    id: Slug
    coalition: Slug
    holders: tuple[MemberRef, ...]
    title: Text
    titles: Texts | None = None
    body: DecidingBody | None = None
    vote: Vote | None = None
    starts: EdtfDate | None = None
    document: Link | None = None
    note: LongText | None = None
    plan_version: Version | None = None
    measures: tuple[Measure, ...] = ()
    source: Source | None = None
    submission_note: LongText | None = None
    reviewer: Text | None = None
    feedback: LongText | None = None
    revision_until: Day | None = None
    end_reason: Text | None = None
    named: tuple[MemberRef, ...] = ()
    followed: Followings = ()
    withdrawn: bool = False
    corrections: Corrections = ()

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def standings(self) -> tuple[Standing, ...]:
        """What it is from which day until which, also in time to come: its period ends."""
        return () if self.withdrawn else standings.standings(self)

    @property
    def ends_now(self) -> str | None:
        """When its last period ends; None where nobody said so."""
        return self.renewals[-1].ends if self.renewals else self.ends

    @property
    def last_begun(self) -> str:
        """When its last period was adopted."""
        return self.renewals[-1].renewed if self.renewals else self.adopted

    def state_on(self, day: str) -> LocalPlanState | None:
        """What it was on a day; None before it was adopted."""
        return next((s.state for s in reversed(self.standings) if s.since <= day), None)

    def as_of(self, day: str) -> LocalPlan | None:
        """What of it was so for certain on a day (`YYYY-MM-DD`); None if nothing yet."""
        if self.state_on(day) is None:
            return None
        gone: dict[str, object] = {}
        if not has_happened(self.submitted, day):
            gone |= {"submitted": None, "submission_note": None}
        if not has_happened(self.reviewed, day):
            gone |= dict.fromkeys(_REVIEW)
        if not has_happened(self.accepted, day):
            gone["accepted"] = None
        if not has_happened(self.ended, day):
            gone |= {"ended": None, "end_reason": None}
        gone["renewals"] = tuple(r for r in self.renewals if has_happened(r.renewed, day))
        return self.model_copy(update=gone)


class LocalPlanThen(LocalPlan):
    """A local plan as it was on a day, or is today; with its state then."""

    day: Day
    state: LocalPlanState

    @classmethod
    def of(cls, plan: LocalPlan, day: str) -> LocalPlanThen | None:
        """A plan on a day (`YYYY-MM-DD`); None where there was none yet."""
        then, state = plan.as_of(day), plan.state_on(day)
        if then is None or state is None:
            return None
        fields = {name: getattr(then, name) for name in LocalPlan.model_fields}
        return cls.model_construct(**fields, day=day, state=state)


def local_plan_stream(plan: str) -> Stream:
    """The stream of a local plan."""
    return Stream(KIND, plan)


def fact(step: LocalPlanStepName) -> str:
    """What is corrected where a step has a wrong date."""
    return f"the step {step!r} of the local plan"


def dates_of(plan: LocalPlan, step: LocalPlanStepName) -> set[str]:
    """The dates on which a step is recorded."""
    if plan.withdrawn:
        return set()
    if step == "adopted":
        return {plan.adopted}
    if step == "renewed":
        return {renewal.renewed for renewal in plan.renewals}
    date: str | None = getattr(plan, step)  # it is kept under the name of the step
    return {date} if date else set()
