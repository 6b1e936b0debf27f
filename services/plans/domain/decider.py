"""Plans' rules in one: a table for each kind of aggregate."""

from __future__ import annotations

from typing import Final, TypeAlias

from services.plans.domain.commitments.state import MemberCommitments
from services.plans.domain.commitments.table import COMMITMENTS
from services.plans.domain.local_plan_duties.state import LocalPlanDuty
from services.plans.domain.local_plan_duties.table import LOCAL_PLAN_DUTIES
from services.plans.domain.local_plans.state import LocalPlan
from services.plans.domain.local_plans.table import LOCAL_PLANS
from services.plans.domain.plans.state import Plan
from services.plans.domain.plans.table import PLANS
from services.plans.domain.practices.state import Practice
from services.plans.domain.practices.table import PRACTICES
from services.plans.domain.publications.state import Publication
from services.plans.domain.publications.table import PUBLICATIONS
from services.plans.domain.reports.state import MemberReports
from services.plans.domain.reports.table import REPORTS
from shared.domain.decider import Decider

State: TypeAlias = (
    Plan | MemberCommitments | MemberReports | LocalPlan | LocalPlanDuty | Practice | Publication
)

DECIDER: Final[Decider[State]] = Decider(
    PLANS, COMMITMENTS, REPORTS, LOCAL_PLANS, LOCAL_PLAN_DUTIES, PRACTICES, PUBLICATIONS
)
