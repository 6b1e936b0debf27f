"""Membership's decider: the tables of its aggregates."""

from __future__ import annotations

from typing import Final, TypeAlias

from services.membership.domain.coalitions.state import Coalition
from services.membership.domain.coalitions.table import COALITIONS
from services.membership.domain.conferences.state import Conference
from services.membership.domain.conferences.table import CONFERENCES
from services.membership.domain.members.state import Member
from services.membership.domain.members.table import MEMBERS
from shared.domain.decider import Decider

State: TypeAlias = Coalition | Member | Conference

DECIDER: Final = Decider[State](COALITIONS, MEMBERS, CONFERENCES)
