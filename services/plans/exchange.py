"""Plans' tables, all of which can be imported."""

from __future__ import annotations

from typing import Final

from services.plans.action_rows import ACTIONS
from services.plans.commitment_rows import COMMITMENTS
from services.plans.local_plan_rows import LOCAL_PLANS
from services.plans.plan_rows import PLANS
from services.plans.practice_rows import PRACTICES
from services.plans.report_rows import REPORTS

TABLES: Final = (COMMITMENTS, REPORTS, PRACTICES, ACTIONS, PLANS, LOCAL_PLANS)
