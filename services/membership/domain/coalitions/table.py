"""The table of a coalition: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions import decide, decide_organs, evolve
from services.membership.domain.coalitions.state import KIND, Coalition
from services.membership.domain.conferences.state import stream as conference_stream
from services.membership.domain.members.state import stream as member_stream
from shared.contracts.membership import (
    CoalitionCorrected,
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    DecisionTaken,
    LeadCityDesignated,
    MembershipCounted,
    OfficeTaken,
    OrganEstablished,
    StatutesAdopted,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

if TYPE_CHECKING:
    from shared.domain.stream import Stream


def _city(event: LeadCityDesignated) -> tuple[Stream, ...]:
    return (member_stream(event.city.key),)


def _holder(event: OfficeTaken) -> tuple[Stream, ...]:
    return (member_stream(event.city.key),) if event.city else ()


def _meeting(event: DecisionTaken) -> tuple[Stream, ...]:
    return (conference_stream(event.meeting),) if event.meeting else ()


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
            decide=decide_organs.designate,
            evolve=if_exists(evolve.office_taken),
            looks_at=_city,
        ),
        on(
            MembershipCounted,
            decide=decide.count_members,
            evolve=if_exists(evolve.membership_counted),
        ),
        on(
            OrganEstablished,
            decide=decide_organs.establish,
            evolve=if_exists(evolve.organ_established),
        ),
        on(
            OfficeTaken,
            decide=decide_organs.take_office,
            evolve=if_exists(evolve.office_taken),
            looks_at=_holder,
        ),
        on(
            DecisionTaken,
            decide=decide_organs.decide,
            evolve=if_exists(evolve.decision_taken),
            looks_at=_meeting,
        ),
        on(
            CoalitionCorrected,
            decide=decide_organs.correct,
            evolve=if_exists(evolve.fact_corrected),
        ),
    ),
)
