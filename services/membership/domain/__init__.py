"""Membership's rules: who is in which coalition, since when, by which dated steps. Pure."""

from __future__ import annotations

from services.membership.domain.coalitions import Coalition
from services.membership.domain.conferences import Conference
from services.membership.domain.dates import certain_day
from services.membership.domain.decisions import (
    Membership,
    State,
    coalition_stream,
    conference_stream,
    member_stream,
)
from services.membership.domain.members import Member
from services.membership.domain.statistics import Statistics, below, statistics

__all__ = [
    "Coalition",
    "Conference",
    "Member",
    "Membership",
    "State",
    "Statistics",
    "below",
    "certain_day",
    "coalition_stream",
    "conference_stream",
    "member_stream",
    "statistics",
]
