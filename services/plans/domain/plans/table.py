"""The table of a coalition's plan: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import Final

from services.plans.domain.plans import correct, decide, evolve
from services.plans.domain.plans.state import KIND, Plan
from shared.contracts.plans import (
    LocalPlanRuleSet,
    PlanDateCorrected,
    PlanDrafted,
    PlanMappingCorrected,
    PlanPointCorrected,
    PlanPublished,
    ReportingRuleSet,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

PLANS: Final = Aggregate(
    kind=KIND,
    state=Plan,
    identify=by_subject,
    rows=(
        on(PlanDrafted, decide=decide.draft, evolve=evolve.drafted),
        on(PlanPublished, decide=decide.publish, evolve=evolve.published),
        on(ReportingRuleSet, decide=decide.set_rule, evolve=evolve.rule_set),
        on(
            LocalPlanRuleSet,
            decide=decide.set_local_plan_rule,
            evolve=evolve.local_plan_rule_set,
        ),
        on(PlanDateCorrected, decide=correct.date, evolve=if_exists(evolve.date_corrected)),
        on(PlanPointCorrected, decide=correct.point, evolve=if_exists(evolve.point_corrected)),
        on(
            PlanMappingCorrected, decide=correct.mapping, evolve=if_exists(evolve.mapping_corrected)
        ),
    ),
)
