"""The table of a coalition's plan: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import Final

from services.plans.domain.plans import decide, evolve
from services.plans.domain.plans.state import KIND, Plan
from shared.contracts.plans import PlanDrafted, PlanPublished, ReportingRuleSet
from shared.domain.decider import Aggregate, by_subject, on

PLANS: Final = Aggregate(
    kind=KIND,
    state=Plan,
    identify=by_subject,
    rows=(
        on(PlanDrafted, decide=decide.draft, evolve=evolve.drafted),
        on(PlanPublished, decide=decide.publish, evolve=evolve.published),
        on(ReportingRuleSet, decide=decide.set_rule, evolve=evolve.rule_set),
    ),
)
