"""Plans' rules: Ten-Point Plans, commitments, actions, reports and good practices; pure."""

from __future__ import annotations

from services.plans.domain.decider import (
    Plans,
    State,
    member_stream,
    plan_stream,
    report_stream,
)
from services.plans.domain.holders import BOUND, MemberCommitments, is_bound
from services.plans.domain.plans import Plan, PlanVersion
from services.plans.domain.practices import Practice, Publication
from services.plans.domain.progress import ADVANCE
from services.plans.domain.report import MemberReports, ReportState
from services.plans.domain.schedule import Duty, by_clock

__all__ = [
    "ADVANCE",
    "BOUND",
    "Duty",
    "MemberCommitments",
    "MemberReports",
    "Plan",
    "PlanVersion",
    "Plans",
    "Practice",
    "Publication",
    "ReportState",
    "State",
    "by_clock",
    "is_bound",
    "member_stream",
    "plan_stream",
    "report_stream",
]
