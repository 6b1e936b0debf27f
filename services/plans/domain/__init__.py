"""Plans' rules: Ten-Point Plans, commitments, actions, reports and good practices; pure."""

from __future__ import annotations

from services.plans.domain.commitments.progress import ADVANCE
from services.plans.domain.commitments.state import (
    BOUND,
    MemberCommitments,
    is_bound,
    member_stream,
)
from services.plans.domain.decider import DECIDER, State
from services.plans.domain.local_plan_duties.schedule import LocalPlanAsked, OfLocalPlan
from services.plans.domain.local_plan_duties.state import LocalPlanDuty, duty_stream
from services.plans.domain.local_plans.standings import LocalPlanState
from services.plans.domain.local_plans.state import LocalPlan, LocalPlanThen, local_plan_stream
from services.plans.domain.plans.state import Plan, PlanVersion, ReportingRule, plan_stream
from services.plans.domain.practices.state import Practice
from services.plans.domain.publications.state import Publication
from services.plans.domain.reports.schedule import ByClock, Duty, by_clock, next_day
from services.plans.domain.reports.state import MemberReports, ReportState, report_stream

__all__ = [
    "ADVANCE",
    "BOUND",
    "DECIDER",
    "ByClock",
    "Duty",
    "LocalPlan",
    "LocalPlanAsked",
    "LocalPlanDuty",
    "LocalPlanState",
    "LocalPlanThen",
    "MemberCommitments",
    "MemberReports",
    "OfLocalPlan",
    "Plan",
    "PlanVersion",
    "Practice",
    "Publication",
    "ReportState",
    "ReportingRule",
    "State",
    "by_clock",
    "duty_stream",
    "is_bound",
    "local_plan_stream",
    "member_stream",
    "next_day",
    "plan_stream",
    "report_stream",
]
