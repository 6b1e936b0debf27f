"""Each dated fact that is recorded wrongly can be mended, or it is written here why not.

A service has its own part: what it publishes, by what mends it, or why nothing does. Which facts of
a coalition, a conference and a member these are, walks `test_everything_of_…_can_be_corrected`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from shared.contracts import membership, notifications, plans
from tests.unit.domains import SERVICES, decider_of, published

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.contracts.base import Event

Mends = tuple["type[Event]", ...]

ANEW: Final = "sent again, it replaces what was recorded"
FOLLOWS: Final = "follows from other events, and again once they are corrected"
CORRECTION: Final = "a correction: the next one corrects it, or takes it back"

OF_PLANS: Final[Mapping[type[Event], Mends | str]] = {
    # --- plans
    plans.PlanDrafted: ANEW,
    plans.PlanPublished: (
        plans.PlanDateCorrected,
        plans.PlanPointCorrected,
        plans.PlanMappingCorrected,
    ),
    plans.ReportingRuleSet: ANEW,
    # --- commitments
    plans.CommitmentsAwaited: FOLLOWS,
    plans.CommitmentsFellDue: FOLLOWS,
    plans.CommitmentsGivenBack: FOLLOWS,
    plans.CommitmentsOpened: FOLLOWS,
    plans.CommitmentsTakenOver: FOLLOWS,
    plans.CommitmentRetitled: FOLLOWS,
    plans.MemberNoted: FOLLOWS,
    plans.CommitmentsChosen: (plans.ChoiceCorrected,),
    plans.CommitmentUpdated: (plans.CommitmentCorrected,),
    plans.ProgressBasisChosen: ANEW,
    plans.PlanVersionAdopted: (plans.AdoptionCorrected,),
    plans.ActionRecorded: (plans.ActionCorrected,),
    plans.IndicatorRead: (plans.ReadingCorrected,),
    # --- reports
    plans.ReportsFollowed: FOLLOWS,
    plans.ReportReminded: "an e-mail that went out",
    plans.ReportFellDue: FOLLOWS,
    plans.ReportFellOverdue: FOLLOWS,
    plans.EarlierReportsWaived: "a report from before may be recorded nevertheless",
    plans.ReportExtensionRequested: (plans.ReportCorrected,),
    plans.ReportExtended: (plans.ReportCorrected,),
    plans.ReportDrafted: ANEW,
    plans.ReportSubmitted: (plans.ReportCorrected,),
    plans.ReportReviewed: (plans.ReportCorrected,),
    plans.ReportAccepted: (plans.ReportCorrected,),
    plans.ReportWaived: (plans.ReportCorrected,),
    # --- local plans
    plans.LocalPlanRuleSet: ANEW,
    plans.LocalPlanAdopted: (plans.LocalPlanCorrected,),
    plans.LocalPlanRenewed: (plans.LocalPlanCorrected,),
    plans.LocalPlanSubmitted: (plans.LocalPlanCorrected,),
    plans.LocalPlanReviewed: (plans.LocalPlanCorrected,),
    plans.LocalPlanAccepted: (plans.LocalPlanCorrected,),
    plans.LocalPlanEnded: (plans.LocalPlanCorrected,),
    plans.LocalPlanNoted: FOLLOWS,
    plans.LocalPlanReminded: "an e-mail that went out",
    plans.LocalPlanFellDue: FOLLOWS,
    plans.LocalPlanFellOverdue: FOLLOWS,
    plans.LocalPlanExtended: ANEW,
    # --- practices and publications
    plans.PracticeShared: (plans.PracticeCorrected,),
    plans.PracticeAdopted: (plans.PracticeAdoptionCorrected,),
    plans.PublicationAnnounced: (plans.PublicationCorrected,),
    **dict.fromkeys(plans.CORRECTIONS, CORRECTION),
}
OF_MEMBERSHIP: Final[Mapping[type[Event], Mends | str]] = {
    **dict.fromkeys(membership.COALITION_EVENTS, (membership.CoalitionCorrected,)),
    **dict.fromkeys(membership.CONFERENCE_EVENTS, (membership.ConferenceCorrected,)),
    **dict.fromkeys(membership.STEP_EVENTS, (membership.StepCorrected,)),
    membership.MemberRenamed: (membership.MemberCorrected,),
    membership.MemberDescribed: (membership.MemberCorrected, membership.MemberDescribed),
    membership.MemberMoved: (membership.MemberCorrected,),
    membership.PopulationCounted: (membership.MemberCorrected,),
    membership.PartnerJoined: (membership.MemberCorrected,),
    membership.PartnerLeft: (membership.MemberCorrected,),
    membership.MembersMerged: (membership.MemberCorrected,),
    membership.MemberAbsorbed: FOLLOWS,
    membership.MemberReviewed: FOLLOWS,
    membership.CoalitionCorrected: CORRECTION,
    membership.ConferenceCorrected: CORRECTION,
    membership.StepCorrected: CORRECTION,
    membership.MemberCorrected: CORRECTION,
}
OF_NOTIFICATIONS: Final[Mapping[type[Event], Mends | str]] = {
    notifications.NotificationQueued: "an e-mail that went out",
    notifications.DigestFellDue: "what the clock says; the decision looks at the clock itself",
    notifications.DigestQueued: "an e-mail that went out",
}
CORRECTED: Final[Mapping[str, Mapping[type[Event], Mends | str]]] = {
    "membership": OF_MEMBERSHIP,
    "plans": OF_PLANS,
    "notifications": OF_NOTIFICATIONS,
}
"""By service, and by type of event: what corrects it, or why nothing does."""


@pytest.mark.parametrize("service", SERVICES)
def test_each_event_is_corrected_by_another_or_it_is_said_why_not(service: str) -> None:
    table = CORRECTED[service]
    missing = published(service) - table.keys()
    assert not missing, f"what corrects {sorted(event.__name__ for event in missing)}?"
    assert not table.keys() - published(service)


@pytest.mark.parametrize("service", SERVICES)
def test_what_corrects_is_taken_in_by_the_aggregate_that_published_the_wrong(service: str) -> None:
    decider = decider_of(service)
    for event, mends in CORRECTED[service].items():
        for correction in () if isinstance(mends, str) else mends:
            (aggregate,) = (
                a for a in decider.aggregates.values() if event in {row.event for row in a.rows}
            )
            rows = {row.event: row for row in aggregate.rows}
            assert rows[correction].decide, correction
            assert rows[correction].evolve, correction


def test_every_correction_of_plans_corrects_something() -> None:
    used = {one for mends in OF_PLANS.values() if not isinstance(mends, str) for one in mends}
    assert used == {*plans.CORRECTIONS}


OF_MEMBERS: Final = [event for event, why in OF_MEMBERSHIP.items() if why is CORRECTION]


@pytest.mark.parametrize(
    "correction", [*plans.CORRECTIONS, *OF_MEMBERS], ids=lambda event: event.__name__
)
def test_a_correction_has_one_shape(correction: type[Event]) -> None:
    """What was recorded, what is right, and why; a mapping has no date, so it is given whole."""
    fields = correction.model_fields.keys()
    assert "reason" in fields
    assert {"recorded", "correct"} <= fields or "mapping" in fields
