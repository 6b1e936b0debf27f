"""What published events make of a plan; total, and without a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.plans.domain.local_plan_duties.rule import LocalPlanRule
from services.plans.domain.plans.state import (
    Plan,
    PlanVersion,
    date_fact,
    find_version,
    reporting_rule,
)
from shared.domain.corrections.dated import change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.contracts.plans import (
        LocalPlanRuleSet,
        PlanDateCorrected,
        PlanDrafted,
        PlanMappingCorrected,
        PlanPointCorrected,
        PlanPublished,
        ReportingRuleSet,
    )


def drafted(plan: Plan | None, event: PlanDrafted) -> Plan:
    """A version is a draft."""
    version = PlanVersion(
        number=event.version,
        state="draft",
        commitments=event.commitments,
        points=event.points,
        mapping=event.mapping,
        source=event.source,
    )
    return _with_version(plan or Plan(id=event.coalition), version)


def published(plan: Plan | None, event: PlanPublished) -> Plan:
    """A version is published; of those that are, the highest is in force."""
    version = PlanVersion(
        number=event.version,
        state="published",
        adopted=event.adopted,
        commitments=event.commitments,
        points=event.points,
        mapping=event.mapping,
        source=event.source,
    )
    return _with_version(plan or Plan(id=event.coalition), version)


def date_corrected(plan: Plan, event: PlanDateCorrected) -> Plan:
    """A version was adopted on another date, or on one that is not known."""
    what = change(plan.corrections, date_fact(event.version), event)
    version = find_version(plan, event.version)
    after = plan.model_copy(update={"corrections": what.corrections})
    if version is None or version.adopted != what.now:
        return after
    return _with_version(after, version.model_copy(update={"adopted": what.correct}))


def point_corrected(plan: Plan, event: PlanPointCorrected) -> Plan:
    """A point of a version has the text that was adopted."""
    version = find_version(plan, event.version)
    if version is None:
        return plan
    before, after = version.commitments[: event.point - 1], version.commitments[event.point :]
    commitments = (*before, event.correct, *after)
    return _with_version(plan, version.model_copy(update={"commitments": commitments}))


def mapping_corrected(plan: Plan, event: PlanMappingCorrected) -> Plan:
    """Other points of the version before live on in a version."""
    version = find_version(plan, event.version)
    if version is None:
        return plan
    return _with_version(plan, version.model_copy(update={"mapping": event.mapping}))


def rule_set(plan: Plan | None, event: ReportingRuleSet) -> Plan | None:
    """When the coalition's members report."""
    if event.since is None:
        return plan
    rule = reporting_rule(event, event.since)
    return (plan or Plan(id=event.coalition)).model_copy(update={"reporting": rule})


def local_plan_rule_set(plan: Plan | None, event: LocalPlanRuleSet) -> Plan | None:
    """By when the coalition's members have a plan of their own."""
    if event.since is None:
        return plan
    rule = LocalPlanRule.of(event, event.since)
    return (plan or Plan(id=event.coalition)).model_copy(update={"local_plans": rule})


def _with_version(plan: Plan, new: PlanVersion) -> Plan:
    others = [version for version in plan.versions if version.number != new.number]
    versions = sorted([*others, new], key=lambda version: version.number)
    in_force = max((v.number for v in versions if v.state != "draft"), default=None)
    return plan.model_copy(update=_stated(versions, in_force))


def _stated(versions: Iterable[PlanVersion], in_force: int | None) -> dict[str, object]:
    stated = tuple(_as_it_stands(version, in_force) for version in versions)
    short = next((version for version in stated if version.number == in_force), None)
    return {
        "versions": stated,
        "plan_version": in_force,
        "adopted": short.adopted if short else None,
        "commitments": short.commitments if short else (),
    }


def _as_it_stands(version: PlanVersion, in_force: int | None) -> PlanVersion:
    if version.state == "draft":
        return version
    state = "published" if version.number == in_force else "superseded"
    return version.model_copy(update={"state": state})
