"""A coalition's Ten-Point Plan in its versions, and when its members report."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

from services.plans.domain.dates import finer
from shared.contracts.base import EdtfDate, Model, Slug, Text
from shared.contracts.plans import (
    Day,
    PlanDrafted,
    PlanPoint,
    PlanPublished,
    PlanText,
    PointMove,
    ReportingRuleSet,
    Version,
)
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from shared.contracts.base import Event

MAX_VERSIONS: Final = 50
"""Versions of one plan at most, so that a plan always fits into one document."""


class PlanVersion(Model):
    """One version of a plan: a draft, the one in force, or one that was superseded."""

    number: Version
    status: Literal["draft", "published", "superseded"]
    adopted: EdtfDate | None = None
    commitments: tuple[Text, ...]
    points: tuple[PlanPoint, ...] | None = None
    mapping: tuple[PointMove, ...] | None = None


class ReportingRule(Model):
    """When reports are due; see `ReportingRuleSet`."""

    every_months: int
    first_after_months: int
    remind_days: tuple[int, ...]
    overdue_after_days: int
    since: Day


class Plan(Model):
    """A coalition's plan: its newest published version in short, and all versions in full."""

    id: Slug
    plan_version: Version | None = None
    adopted: EdtfDate | None = None
    commitments: tuple[Text, ...] = ()
    versions: tuple[PlanVersion, ...] = ()
    reporting: ReportingRule | None = None


def version(plan: Plan | None, number: int | None) -> PlanVersion | None:
    """One version of a plan, drafts too."""
    versions = plan.versions if plan else ()
    return next((v for v in versions if v.number == number), None)


def lineage(plan: Plan, old: int, new: int) -> Mapping[int, tuple[int, ...]]:
    """For each point of a version, the points of an older one that it comes from."""
    chain = [v for v in plan.versions if v.status != "draft" and old <= v.number <= new]
    comes_from: dict[int, tuple[int, ...]] = {n: (n,) for n in range(1, 11)}
    for before, now in pairwise(chain):
        step = _moves(before, now)
        comes_from = {
            n: tuple(sorted({o for m in step[n] for o in comes_from[m]})) for n in range(1, 11)
        }
    return comes_from


def _moves(before: PlanVersion, now: PlanVersion) -> dict[int, tuple[int, ...]]:
    if now.mapping is not None:
        return {n: tuple(m.before for m in now.mapping if m.now == n) for n in range(1, 11)}
    return {
        n: tuple(o for o, held in enumerate(before.commitments, 1) if held == title)
        for n, title in enumerate(now.commitments, 1)
    }


def decide(event: Event, plan: Plan | None, now: datetime) -> Sequence[Event]:
    """Draft, publish, or say when reports are due.

    Raises:
        Refused: the rules do not allow it.
    """
    match event:
        case PlanDrafted():
            return _draft(event, plan)
        case PlanPublished():
            return _publish(event, plan)
        case ReportingRuleSet():
            return _set_rule(event, plan, now)
        case _:
            raise Refused("plans has no rule for this event")


def _draft(event: PlanDrafted, plan: Plan | None) -> Sequence[Event]:
    held = version(plan, event.version)
    if plan and plan.plan_version and event.version <= plan.plan_version:
        raise Refused(f"version {plan.plan_version} of this plan is published already")
    _has_room(held, plan)
    if held and _text(event) == (held.commitments, held.points, held.mapping):
        return []
    return [event]


def _publish(event: PlanPublished, plan: Plan | None) -> Sequence[Event]:
    """What binds is fixed once it is published; what describes it may be restated."""
    held = version(plan, event.version)
    if held is None or held.status == "draft":
        _has_room(held, plan)
        return [event]
    if event.commitments != held.commitments:
        raise Refused(f"version {event.version} is published with another text")
    if held.mapping is not None and event.mapping not in {None, held.mapping}:
        raise Refused(f"version {event.version} is published with another mapping of points")
    dated = finer(event.adopted, held.adopted, f"version {event.version}")
    described = event.points is not None and event.points != held.points
    mapped = event.mapping is not None and held.mapping is None
    if not (dated or described or mapped):
        return []
    whole = {
        "adopted": event.adopted if dated else held.adopted,
        "points": event.points if described else held.points,
        "mapping": event.mapping if mapped else held.mapping,
    }
    return [event.model_copy(update=whole)]


def _has_room(held: PlanVersion | None, plan: Plan | None) -> None:
    if held is None and plan and len(plan.versions) >= MAX_VERSIONS:
        raise Refused(f"a plan has at most {MAX_VERSIONS} versions")


def _text(event: PlanText) -> tuple[object, ...]:
    return (event.commitments, event.points, event.mapping)


def _set_rule(event: ReportingRuleSet, plan: Plan | None, now: datetime) -> Sequence[Event]:
    held = plan.reporting if plan else None
    same = held and event.since in {None, held.since} and held == _rule(event, held.since)
    if same:
        return []
    return [event.model_copy(update={"since": event.since or now.date().isoformat()})]


def _rule(event: ReportingRuleSet, since: str) -> ReportingRule:
    return ReportingRule(
        every_months=event.every_months,
        first_after_months=event.first_after_months,
        remind_days=event.remind_days,
        overdue_after_days=event.overdue_after_days,
        since=since,
    )


def evolve(plan: Plan | None, event: Event) -> Plan | None:
    """Fold one published event."""
    match event:
        case PlanText():
            held = plan or Plan(id=event.coalition)
            return _with_versions(held, _put(held.versions, event))
        case ReportingRuleSet() if event.since:
            held = plan or Plan(id=event.coalition)
            return held.model_copy(update={"reporting": _rule(event, event.since)})
        case _:
            return plan


def _put(versions: Sequence[PlanVersion], event: PlanText) -> list[PlanVersion]:
    new = PlanVersion(
        number=event.version,
        status="published" if isinstance(event, PlanPublished) else "draft",
        adopted=event.adopted if isinstance(event, PlanPublished) else None,
        commitments=event.commitments,
        points=event.points,
        mapping=event.mapping,
    )
    others = [v for v in versions if v.number != new.number]
    return sorted([*others, new], key=lambda v: v.number)


def _with_versions(plan: Plan, versions: Sequence[PlanVersion]) -> Plan:
    newest = max((v.number for v in versions if v.status != "draft"), default=None)
    stated = tuple(_as_it_stands(v, newest) for v in versions)
    short = next((v for v in stated if v.number == newest), None)
    return plan.model_copy(
        update={
            "versions": stated,
            "plan_version": newest,
            "adopted": short.adopted if short else None,
            "commitments": short.commitments if short else (),
        }
    )


def _as_it_stands(held: PlanVersion, newest: int | None) -> PlanVersion:
    if held.status == "draft":
        return held
    status = "published" if held.number == newest else "superseded"
    return held.model_copy(update={"status": status})
