"""The table of a coalition: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions import decide, evolve
from services.membership.domain.coalitions.state import KIND, Coalition
from services.membership.domain.members.state import stream as member_stream
from shared.contracts.membership import (
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    LeadCityDesignated,
    MembershipCounted,
    StatutesAdopted,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

if TYPE_CHECKING:
    from shared.domain.stream import Stream


def _city(event: LeadCityDesignated) -> tuple[Stream, ...]:
    return (member_stream(event.city.key),)


COALITIONS: Final = Aggregate(
    kind=KIND,
    state=Coalition,
    identify=by_subject,
    rows=(
        on(CoalitionFounded, decide=decide.found, evolve=evolve.founded),
        on(CoalitionLaunched, decide=decide.launch, evolve=if_exists(evolve.launched)),
        on(CoalitionRenamed, decide=decide.rename, evolve=if_exists(evolve.renamed)),
        on(
            StatutesAdopted, decide=decide.adopt_statutes, evolve=if_exists(evolve.statutes_adopted)
        ),
        on(
            LeadCityDesignated,
            decide=decide.designate,
            evolve=if_exists(evolve.lead_city_designated),
            looks_at=_city,
        ),
        on(
            MembershipCounted,
            decide=decide.count_members,
            evolve=if_exists(evolve.membership_counted),
        ),
    ),
)
