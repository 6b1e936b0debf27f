"""Membership's rules: who is in which coalition, since when, by which dated steps. Pure."""

from __future__ import annotations

from services.membership.domain.coalitions.state import Coalition
from services.membership.domain.conferences.state import Conference
from services.membership.domain.decider import DECIDER, State
from services.membership.domain.members.state import Member
from services.membership.domain.statistics import (
    Alike,
    Statistics,
    alike_on,
    below,
    changes,
    counted,
    statistics,
)

__all__ = [
    "DECIDER",
    "Alike",
    "Coalition",
    "Conference",
    "Member",
    "State",
    "Statistics",
    "alike_on",
    "below",
    "changes",
    "counted",
    "statistics",
]
