"""The published language of membership: coalitions, members, the steps of joining, conferences.

The same models are read from the inbox and published on the events topic. What membership
publishes carries, besides, what a reader needs to act without asking back: the member's full
reference, its `state` after the event and the coalition's name.
"""

from __future__ import annotations

from typing import Final

from shared.contracts.base import Event
from shared.contracts.catalogue import declared
from shared.contracts.membership.coalitions import (
    CoalitionEvent,
    CoalitionFounded,
    CoalitionLaunched,
    CoalitionRenamed,
    LeadCities,
    LeadCityDesignated,
    MembershipBy,
    MembershipCounted,
    StatutesAdopted,
)
from shared.contracts.membership.conferences import (
    ConferenceAnnounced,
    ConferenceAttended,
    ConferenceCancelled,
    ConferenceChanged,
    ConferenceEvent,
    ConferenceRegistered,
)
from shared.contracts.membership.corrections import (
    COALITION_FACTS,
    CONFERENCE_FACTS,
    MEMBER_FACTS,
    CoalitionCorrected,
    CoalitionFact,
    ConferenceCorrected,
    ConferenceFact,
    MemberCorrected,
    MemberFact,
)
from shared.contracts.membership.members import (
    JoiningRule,
    Latitude,
    Longitude,
    MemberAbsorbed,
    MemberDescribed,
    MemberEvent,
    MemberMoved,
    MemberReassessed,
    MemberRenamed,
    MembersMerged,
    MemberState,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
    Step,
    StepCorrected,
    StepName,
)
from shared.contracts.membership.organs import (
    DecisionTaken,
    OfficeName,
    OfficeTaken,
    OrganEstablished,
    OrganKind,
)
from shared.contracts.membership.steps import (
    ApplicationDeclined,
    ApplicationDeferred,
    ApplicationDropped,
    CityDecided,
    CitySigned,
    ConditionMet,
    ExaminationOpened,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberPutOnHold,
    MemberReinstated,
    MemberStep,
    MemberSuspended,
    MemberWithdrawn,
)
from shared.contracts.membership.taken_over import ClaimedOf, PartnerTime, PeopleCounted
from shared.contracts.membership.votes import DecidingBody, Vote
from shared.contracts.numbers import Inhabitants

COALITION_EVENTS: Final = declared(CoalitionEvent, __name__)
CONFERENCE_EVENTS: Final = declared(ConferenceEvent, __name__)
STEP_EVENTS: Final = declared(MemberStep, __name__)
MEMBER_EVENTS: Final = declared(MemberEvent, __name__)
EVENTS: Final = declared(Event, __name__)
"""All that membership publishes."""
BY_ITSELF: Final = (MemberAbsorbed, MemberReassessed)
"""What membership alone says, to itself, because of what it accepted."""
INBOX: Final = tuple(event for event in EVENTS if event not in BY_ITSELF)
"""What may be sent to membership."""

__all__ = [
    "BY_ITSELF",
    "COALITION_EVENTS",
    "COALITION_FACTS",
    "CONFERENCE_EVENTS",
    "CONFERENCE_FACTS",
    "EVENTS",
    "INBOX",
    "MEMBER_EVENTS",
    "MEMBER_FACTS",
    "STEP_EVENTS",
    "ApplicationDeclined",
    "ApplicationDeferred",
    "ApplicationDropped",
    "CityDecided",
    "CitySigned",
    "ClaimedOf",
    "CoalitionCorrected",
    "CoalitionEvent",
    "CoalitionFact",
    "CoalitionFounded",
    "CoalitionLaunched",
    "CoalitionRenamed",
    "ConditionMet",
    "ConferenceAnnounced",
    "ConferenceAttended",
    "ConferenceCancelled",
    "ConferenceChanged",
    "ConferenceCorrected",
    "ConferenceEvent",
    "ConferenceFact",
    "ConferenceRegistered",
    "DecidingBody",
    "DecisionTaken",
    "ExaminationOpened",
    "Inhabitants",
    "JoiningRule",
    "Latitude",
    "LeadCities",
    "LeadCityDesignated",
    "Longitude",
    "MemberAbsorbed",
    "MemberAcceded",
    "MemberAdmitted",
    "MemberApplied",
    "MemberCorrected",
    "MemberDescribed",
    "MemberEvent",
    "MemberFact",
    "MemberMoved",
    "MemberPutOnHold",
    "MemberReassessed",
    "MemberReinstated",
    "MemberRenamed",
    "MemberState",
    "MemberStep",
    "MemberSuspended",
    "MemberWithdrawn",
    "MembersMerged",
    "MembershipBy",
    "MembershipCounted",
    "OfficeName",
    "OfficeTaken",
    "OrganEstablished",
    "OrganKind",
    "PartnerJoined",
    "PartnerLeft",
    "PartnerTime",
    "PeopleCounted",
    "PopulationCounted",
    "StatutesAdopted",
    "Step",
    "StepCorrected",
    "StepName",
    "Vote",
]
