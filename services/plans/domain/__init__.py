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
    "MemberCommitments",
    "MemberReports",
    "Plan",
    "PlanVersion",
    "Practice",
    "Publication",
    "ReportState",
    "ReportingRule",
    "State",
    "by_clock",
    "is_bound",
    "member_stream",
    "next_day",
    "plan_stream",
    "report_stream",
]
