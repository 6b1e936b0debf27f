"""A coalition's Ten-Point Plan in its versions, and when its members report."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from services.plans.domain.local_plan_duties.rule import LocalPlanRule
from shared.contracts.base import EdtfDate, Slug, Text
from shared.contracts.plans import ChaseDays, Day, PlanPoint, PointMove, Version
from shared.contracts.sources import Source
from shared.domain.corrections.kept import Corrections
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from shared.contracts.plans import ReportingRuleSet

KIND: Final = "plans"


class PlanVersion(State):
    """One version of a plan: a draft, the one in force, or one that was superseded."""

    number: Version
    state: Literal["draft", "published", "superseded"]
    adopted: EdtfDate | None = None
    commitments: tuple[Text, ...]
    points: tuple[PlanPoint, ...] | None = None
    mapping: tuple[PointMove, ...] | None = None
    source: Source | None = None


class ReportingRule(State):
    """When reports are due; see `ReportingRuleSet`."""

    every_months: int
    first_after_months: int
    remind_days: tuple[int, ...]
    overdue_after_days: int
    chase_days: ChaseDays = ()
    since: Day


class Plan(State):
    """A coalition's plan: its newest published version in short, and all versions in full."""

    id: Slug
    plan_version: Version | None = None
    adopted: EdtfDate | None = None
    commitments: tuple[Text, ...] = ()
    versions: tuple[PlanVersion, ...] = ()
    reporting: ReportingRule | None = None
    local_plans: LocalPlanRule | None = None
    corrections: Corrections = ()


def plan_stream(coalition: str) -> Stream:
    """The stream of a coalition's plan."""
    return Stream(KIND, coalition)


def bearers(version: PlanVersion | None) -> tuple[str | None, ...]:
    """Who bears each of the ten points for all; None where each member does for itself."""
    points = version.points if version else None
    return tuple(point.borne_by for point in points) if points else (None,) * 10


def find_version(plan: Plan | None, number: int | None) -> PlanVersion | None:
    """One version of a plan, drafts too."""
    versions = plan.versions if plan else ()
    return next((v for v in versions if v.number == number), None)


def date_fact(number: int) -> str:
    """The name of the fact that a version was adopted."""
    return f"the adoption of version {number}"


def reporting_rule(event: ReportingRuleSet, since: str) -> ReportingRule:
    """The rule that an event sets, from a day on."""
    fields = ReportingRule.model_fields.keys() - {"since"}
    return ReportingRule(since=since, **{name: getattr(event, name) for name in fields})


def lineage(plan: Plan, old: int, new: int) -> Mapping[int, tuple[int, ...]]:
    """For each point of a version, the points of an older one that it comes from."""
    chain = [v for v in plan.versions if v.state != "draft" and old <= v.number <= new]
    comes_from: dict[int, tuple[int, ...]] = {n: (n,) for n in range(1, 11)}
    for before, now in pairwise(chain):
        step = _moves(before, now)
        comes_from = {
            n: tuple(sorted({o for m in step[n] for o in comes_from[m]})) for n in range(1, 11)
        }
    return comes_from


def unmapped(plan: Plan, old: int, new: int) -> Iterator[tuple[int, int]]:
    """The points of an older version that live on nowhere, since a version has no mapping.

    Yields:
        that version's number, and the point's.
    """
    chain = [v for v in plan.versions if v.state != "draft" and old <= v.number <= new]
    alive: dict[int, set[int]] = {n: {n} for n in range(1, 11)}
    for before, now in pairwise(chain):
        step = _moves(before, now)
        after = {n: set[int]().union(*(alive[m] for m in step[n])) for n in step}
        ended = set[int]().union(*alive.values()).difference(*after.values())
        if now.mapping is None:
            yield from ((now.number, point) for point in sorted(ended))
        alive = after


def _moves(before: PlanVersion, now: PlanVersion) -> dict[int, tuple[int, ...]]:
    if now.mapping is not None:
        return {n: tuple(m.before for m in now.mapping if m.now == n) for n in range(1, 11)}
    return {
        n: tuple(o for o, old in enumerate(before.commitments, 1) if old == title)
        for n, title in enumerate(now.commitments, 1)
    }
