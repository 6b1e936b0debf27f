"""A story of every event that an inbox takes, each filled as far as its contract allows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from services import manifests
from shared.cloudevents import MAX_BODY
from shared.contracts.base import EVENT_TYPES, member_id
from shared.journal.entry import Outcome
from tests.unit.filled import WIDE, Filling

if TYPE_CHECKING:
    from collections.abc import Mapping

COALITION: Final = "coalition-".ljust(200, "x")
_LISTS: Final = (1000, 300, 100, 60, 30, 10, 5, 2)


def city(number: int) -> dict[str, str]:
    """A member whose names are as long as they may be."""
    name = f"{number} ".ljust(300, WIDE)
    ref = {"country": "DE", "kind": "municipality"}
    id_ = member_id(**ref, name=name, local_name=name)
    return {"id": id_, "name": name, "local_name": name, **ref}


_NAMES: Final = {
    "conference": "c",
    "action": "a",
    "practice": "p",
    "publication": "n",
    "plan": "l",
}


def full(type_: str, number: int, facts: Mapping[str, Any]) -> dict[str, Any]:
    """An event filled as far as a reader takes it, with what the story needs to be true."""
    for most in _LISTS:
        data = Filling(most=most, numbers=iter(range(number, 10**9))).fill(EVENT_TYPES[type_])
        about = {"coalition": COALITION, "member": city(1), **_NAMES}
        data |= {name: value for name, value in about.items() if name in data}
        data = {k: v for k, v in {**data, **facts}.items() if v is not None}
        if len(json.dumps(data, ensure_ascii=False).encode()) <= MAX_BODY - 1024:
            return data
    msg = f"{type_} cannot be made small enough"
    raise AssertionError(msg)


ORGAN: Final = "organ-".ljust(200, "x")
_DECISION: Final = "decision-".ljust(200, "x")
_ANOTHER: Final = {"coalition": "another-".ljust(200, "x")}
_DECIDED: Final = {
    "decision": _DECISION,
    "organ": ORGAN,
    "meeting": "c",
    "vote": {"in_favour": 100_000, "against": 100_000, "abstaining": 100_000},
}
_IN_OFFICE: Final = {
    "city": city(1),
    "organisation": None,
    "organ": ORGAN,
    "elected_by": ORGAN,
    "represents": COALITION,
    "decision": _DECISION,
    "elected": "2015",
}
NO_NEWS: Final = dict.fromkeys(
    (
        "membership.MemberReassessed",
        "plans.CommitmentsFellDue",
        "plans.CommitmentsTakenOver",
        "plans.ReportsFollowed",
        "plans.ReportTakenOver",
        "plans.ReportGivenBack",
    ),
    Outcome.UNCHANGED,
) | {"notifications.AnnouncementTested": Outcome.REJECTED}
"""What a service sends to itself, what is no news here, and what is for a person: there is none."""
POINTS: Final = [f"point {number} ".ljust(300, WIDE) for number in range(1, 11)]
MENDED: Final = {"recorded": "2016", "correct": "2017", "reason": "the minutes say so"}
CORRECTIONS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("plans.PlanDateCorrected", {"version": 2, "recorded": "2015", "correct": "2014"}),
    ("plans.PlanPointCorrected", {"version": 2, "point": 1, "recorded": POINTS[0]}),
    ("plans.PlanMappingCorrected", {"version": 2, "mapping": [{"before": 1, "now": 1}]}),
    ("plans.CommitmentRetitled", {"plan_version": 2, "point": 1}),
    ("plans.CommitmentCorrected", {**MENDED, "point": 2, "percent": 0}),
    ("plans.ChoiceCorrected", MENDED),
    ("plans.ReadingCorrected", MENDED),
    ("plans.ActionCorrected", MENDED),
    ("plans.CommitmentsMoveCorrected", {"plan_version": 2, "recorded": "2015", "correct": "2014"}),
    (
        "plans.ReportCorrected",
        {"due": "2025-01-25", "step": "accepted", "recorded": "2025-09", "correct": "2025-10"},
    ),
    ("plans.PracticeAdoptionCorrected", {"member": city(3), "recorded": "2018", "correct": "2019"}),
    ("plans.PracticeCorrected", {"recorded": "2017", "correct": "2016"}),
    ("plans.PublicationCorrected", {"recorded": "2018", "correct": "2017"}),
]
_APPLICATION: Final = {"vote": {"unanimous": True}, "also_claimed": None}
_PERIOD: Final = {"starts": "2016", "ends": "2019", "vote": {"unanimous": True}, "plan_version": 2}
_A_PARTNER: Final = {"fact": "partner joined", "of": None, "coalition_before": None, "alias": None}
_WITH_FACTS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("membership.CoalitionFounded", {"parent": None, "founded": "2000", "in_creation_since": None}),
    ("membership.CoalitionLaunched", {"launched": "2001"}),
    ("membership.CoalitionRenamed", {"renamed": "2002"}),
    (
        "membership.StatutesAdopted",
        {"adopted": "2003", "membership_by": "admitted", "decision": None},
    ),
    ("membership.MembershipCounted", {"as_of": "2004"}),
    ("plans.PlanDrafted", {"version": 1, "mapping": None}),
    ("plans.PlanPublished", {"version": 1, "adopted": "2005", "mapping": None}),
    (
        "plans.ReportingRuleSet",
        {
            "since": "2020-01-01",
            "every_months": 12,
            "first_after_months": 12,
            "overdue_after_days": 30,
        },
    ),
    (
        "plans.LocalPlanRuleSet",
        {
            "since": "2020-01-01",
            "within_months": 12,
            "remind_days": [365],
            "overdue_after_days": 30,
        },
    ),
    ("membership.ApplicationDropped", {"dropped": "2004", "member": city(4)}),
    ("membership.ApplicationDeclined", {**_APPLICATION, "declined": "2004"}),
    ("membership.MemberApplied", {"applied": "2005"}),
    ("membership.ExaminationOpened", {"opened": "2005", "also_claimed": None}),
    ("membership.ApplicationDeferred", {**_APPLICATION, "deferred": "2005", "until": "2030"}),
    ("membership.CityDecided", {"decided": "2006", "vote": {"in_favour": 100_000}}),
    ("membership.ConditionMet", {"met": "2007"}),
    ("membership.CitySigned", {"signed": "2008"}),
    ("membership.MemberAcceded", {"acceded": "2009"}),
    ("membership.MemberAdmitted", {"admitted": "2010-01-25", "vote": {"unanimous": True}}),
    ("membership.MemberPutOnHold", {"on_hold": "2010-06", "until": "2011"}),
    ("membership.MemberSuspended", {"suspended": "2011", "overdue_report": None}),
    ("membership.MemberReinstated", {"reinstated": "2012"}),
    ("membership.StepCorrected", {"step": "suspended", "recorded": "2011", "correct": "2011-05"}),
    ("membership.MemberRenamed", {"renamed": "2013"}),
    ("membership.MemberDescribed", {}),
    ("membership.PopulationCounted", {"as_of": "2013"}),
    ("membership.PartnerJoined", {"joined": "2013", "organisation": "9 ".ljust(300, WIDE)}),
    ("membership.PartnerLeft", {"left": "2014", "organisation": "9 ".ljust(300, WIDE)}),
    ("membership.MemberCorrected", {**_A_PARTNER, "recorded": "2013", "correct": "2013-05"}),
    ("membership.MemberReassessed", {}),
    ("membership.LeadCityDesignated", {"city": city(1), "since": "2014", "until": "2030"}),
    ("membership.OrganEstablished", {"organ": ORGAN, "established": "2003"}),
    ("membership.ConferenceAnnounced", {"begins": "2015", "ends": "2015"}),
    ("membership.ConferenceChanged", {"begins": "2030", "ends": "2030", "changed": "2015"}),
    ("membership.ConferenceRegistered", {}),
    ("membership.ConferenceCorrected", {"fact": "begins", "recorded": "2030", "correct": "2015"}),
    ("membership.ConferenceAttended", {}),
    ("membership.ConferenceAnnounced", {"conference": "d", "begins": "2015", "ends": "2015"}),
    ("membership.ConferenceCancelled", {"conference": "d", "cancelled": "2014"}),
    ("membership.DecisionTaken", {**_DECIDED, "decided": "2015"}),
    ("membership.OfficeTaken", {**_IN_OFFICE, "since": "2015", "until": "2019", "seen": "2016"}),
    (
        "membership.CoalitionCorrected",
        {"fact": "launched", "of": None, "recorded": "2001", "correct": "2002", "admitted": None},
    ),
    (
        "membership.MemberAdmitted",
        {"member": city(2), "admitted": "2010", "vote": None, "also_claimed": None},
    ),
    ("membership.CoalitionFounded", {**_ANOTHER, "parent": None, "in_creation_since": None}),
    ("membership.MemberAdmitted", {"member": city(4), "admitted": "2010", "vote": None}),
    (
        "membership.MemberMoved",
        {"member": city(4), **_ANOTHER, "moved": "2011", "coalition_before": None},
    ),
    ("membership.MembersMerged", {"merged": city(2), "steps": None}),
    ("membership.MemberAbsorbed", {"member": city(2), "into": city(1)}),
    ("plans.CommitmentsFellDue", {}),
    ("plans.PlanPublished", {"version": 2, "adopted": "2015", "commitments": POINTS}),
    ("plans.CommitmentsMoved", {"plan_version": 2, "moved": "2015"}),
    ("plans.CommitmentsChosen", {"points": [1, 2], "as_of": "2016", "until": "2030-12-31"}),
    ("plans.ProgressBasisChosen", {"point": 1, "basis": "derived"}),
    ("plans.CommitmentUpdated", {"point": 2, "as_of": "2016", "percent": 0}),
    ("plans.ActionRecorded", {"point": 1, "as_of": "2016", "starts": "2016", "ends": "2017"}),
    ("plans.IndicatorRead", {"as_of": "2016"}),
    ("plans.EarlierReportsWaived", {"due": "2025-01-25"}),
    ("plans.ReportReminded", {"due": "2026-01-25", "days": 365}),
    ("plans.ReportFellDue", {"due": "2025-01-25"}),
    (
        "plans.ReportExtensionRequested",
        {"due": "2025-01-25", "until": "2025-06-01", "requested": "2025"},
    ),
    ("plans.ReportExtended", {"due": "2025-01-25", "until": "2025-06-01"}),
    ("plans.ReportFellOverdue", {"due": "2025-01-25"}),
    ("plans.ReportWaived", {"due": "2023-01-25", "waived": "2025"}),
    ("plans.ReportDrafted", {"due": "2024-01-25", "drafted": "2024-06"}),
    ("plans.ReportSubmitted", {"due": "2024-01-25", "submitted": "2024-07"}),
    ("plans.ReportSubmitted", {"due": "2025-01-25", "submitted": "2025-07"}),
    ("plans.ReportReviewed", {"due": "2024-01-25", "reviewed": "2025-08", "verdict": "revise"}),
    ("plans.ReportAccepted", {"due": "2025-01-25", "accepted": "2025-09"}),
    ("plans.LocalPlanFellDue", {"due": "2021-01-01"}),
    ("plans.LocalPlanFellOverdue", {"due": "2021-01-01"}),
    ("plans.LocalPlanExtended", {"due": "2021-01-01", "until": "2026-12-31"}),
    ("plans.LocalPlanReminded", {"due": "2021-01-01", "days": 365}),
    ("plans.LocalPlanAdopted", {"adopted": "2016", "holders": [city(1)], **_PERIOD}),
    ("plans.LocalPlanRenewed", {"renewed": "2017", "ends": "2030", "vote": {"unanimous": True}}),
    ("plans.LocalPlanSubmitted", {"submitted": "2018"}),
    ("plans.LocalPlanReviewed", {"reviewed": "2019", "verdict": "revise"}),
    ("plans.LocalPlanAccepted", {"accepted": "2020"}),
    ("plans.LocalPlanEnded", {"ended": "2021"}),
    ("plans.LocalPlanCorrected", {"step": "ended", "recorded": "2021", "correct": "2022"}),
    (
        "plans.PracticeShared",
        {"shared": "2017", "report_due": "2024-01-25", "points": [10], "summary": None},
    ),
    ("plans.PracticeAdopted", {"adopted": "2018", "member": city(3)}),
    ("plans.PublicationAnnounced", {"announced": "2018"}),
    ("plans.CommitmentsTakenOver", {"merged": city(2)}),
    ("plans.ReportsFollowed", {}),
    ("plans.ReportTakenOver", {"merged": city(2)}),
    ("plans.ReportGivenBack", {"merged": city(2)}),
    *CORRECTIONS,
    ("notifications.AnnouncementDrafted", {"coalitions": [COALITION]}),
    ("notifications.AnnouncementTested", {}),
    ("notifications.AnnouncementReleased", {"edition": None}),
]
_LAST: Final[tuple[str, dict[str, Any]]] = (
    "membership.MemberWithdrawn",
    {"withdrawn": "2026-01-01"},
)
_IN_INBOXES: Final[dict[str, dict[str, Any]]] = {
    type_.removeprefix("coalition.").removesuffix(".v1"): {}
    for manifest in manifests.MANIFESTS.values()
    for type_ in manifest.inbox
}
_WITHOUT_FACTS: Final = [
    item for item in _IN_INBOXES.items() if item[0] not in dict([*_WITH_FACTS, _LAST])
]
STORY: Final[list[tuple[str, dict[str, Any]]]] = [
    *_WITH_FACTS,
    # Whatever was added since is part of it without a line here, if any facts of it will do.
    *_WITHOUT_FACTS,
    _LAST,
]
MAY_BE_NO_NEWS: Final = frozenset(name for name, _ in _WITHOUT_FACTS)
"""What is filled as something before it was may say the same once more."""
