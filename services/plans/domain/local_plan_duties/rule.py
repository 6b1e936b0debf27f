"""A coalition's rule: by when its members have a plan of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.contracts.base import Day
from shared.contracts.plans import ChaseDays
from shared.domain.state import State

if TYPE_CHECKING:
    from shared.contracts.plans import LocalPlanRuleSet


class LocalPlanRule(State):
    """By when a coalition's members have a plan of their own; see `LocalPlanRuleSet`."""

    within_months: int
    remind_days: tuple[int, ...]
    overdue_after_days: int
    chase_days: ChaseDays = ()
    since: Day

    @classmethod
    def of(cls, event: LocalPlanRuleSet, since: str) -> LocalPlanRule:
        """The rule that an event sets, from a day on."""
        fields = cls.model_fields.keys() - {"since"}
        return cls(since=since, **{name: getattr(event, name) for name in fields})
