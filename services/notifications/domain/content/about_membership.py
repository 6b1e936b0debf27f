"""Wordings for what membership publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.notifications.domain.content.wording import Wording
from shared.contracts import membership

if TYPE_CHECKING:
    from shared.contracts.base import Event

_MEMBER: Final = {
    "Coalition": "coalition",
    "Country": "member.country",
    "Kind": "member.kind",
    "Date": "date",
    "State now": "state",
}
_REASON: Final = {**_MEMBER, "Reason": "reason"}
_SIGNED: Final = {**_MEMBER, "Paper": "paper", "Document": "document"}
_DECISION: Final = {**_REASON, "Vote": "vote", "Decision": "decision"}

WORDINGS: Final[dict[type[Event], Wording]] = {
    membership.CoalitionFounded: Wording(
        "{name}: founded, or in creation",
        {
            "Founded": "founded",
            "In creation since": "in_creation_since",
            "Place": "place",
            "Papers by which a city joins": "papers",
        },
    ),
    membership.CoalitionLaunched: Wording(
        "{coalition}: launched",
        {"Date": "launched", "Place": "place", "Occasion": "occasion"},
    ),
    membership.CoalitionRenamed: Wording(
        "{coalition}: the coalition has a new name",
        {"Name": "name", "Acronym": "acronym", "From": "renamed"},
    ),
    membership.StatutesAdopted: Wording(
        "{coalition}: adopted statutes",
        {
            "Date": "adopted",
            "Membership by": "membership_by",
            "Lead cities": "lead_cities",
            "Suspends whose report is overdue": "suspend_when_report_overdue",
            "Document": "document",
            "Decision": "decision",
        },
    ),
    membership.LeadCityDesignated: Wording(
        "{city} leads {coalition}",
        {"Since": "since", "Until": "until", "Area": "area"},
    ),
    membership.OrganEstablished: Wording(
        "{coalition}: {name}",
        {
            "Organ": "kind",
            "Established": "established",
            "Place": "place",
        },
    ),
    membership.OfficeTaken: Wording(
        "{coalition}: {city}{organisation} is {office}",
        {
            "Organ": "organ",
            "Area": "area",
            "Represents": "represents",
            "Since": "since",
            "Until": "until",
            "In office on": "seen",
            "Elected": "elected",
            "Elected by": "elected_by",
            "For months": "term_months",
        },
    ),
    membership.DecisionTaken: Wording(
        "{coalition} decided: {item}",
        {
            "Date": "decided",
            "Organ": "organ",
            "Meeting": "meeting",
            "Place": "place",
            "Vote": "vote",
            "Document": "document",
        },
    ),
    membership.CoalitionCorrected: Wording(
        "{coalition}: {fact} in the record was corrected",
        {
            "Of": "of",
            "Recorded": "recorded",
            "Correct": "correct",
            "Reason": "reason",
        },
    ),
    membership.MembershipCounted: Wording(
        "{coalition}: its members, by a public count",
        {
            "As of": "as_of",
            "Members": "members",
            "Countries": "countries",
            "In words": "words",
            "Counted": "counted",
        },
    ),
    membership.MemberApplied: Wording("{member} stated its intent to join", _SIGNED),
    membership.CityDecided: Wording(
        "{member} decided to join",
        {
            **_MEMBER,
            "Decided by": "body",
            "Vote": "vote",
            "On condition": "condition",
            "Document": "document",
        },
    ),
    membership.ConditionMet: Wording("{member}: the condition of its decision is met", _MEMBER),
    membership.CitySigned: Wording("{member} signed", {**_SIGNED, "Signed by": "signed_by"}),
    membership.MemberAcceded: Wording("{member} acceded", _SIGNED),
    membership.ExaminationOpened: Wording("{member}: its application is examined", _MEMBER),
    membership.ApplicationDeferred: Wording(
        "{member}: its application was deferred", {**_DECISION, "Until": "until"}
    ),
    membership.ApplicationDeclined: Wording("{member}: its application was declined", _DECISION),
    membership.ApplicationDropped: Wording("{member} dropped its application", _REASON),
    membership.MemberAdmitted: Wording(
        "{member} was admitted", {**_MEMBER, "Vote": "vote", "Decision": "decision"}
    ),
    membership.MemberPutOnHold: Wording(
        "{member} is on hold, at its own wish",
        {**_REASON, "Until": "until", "Decision": "decision"},
    ),
    membership.MemberSuspended: Wording(
        "{member} was suspended", {**_REASON, "Report that was due": "overdue_report"}
    ),
    membership.MemberReinstated: Wording("{member} was reinstated", _REASON),
    membership.MemberWithdrawn: Wording("{member} withdrew", _REASON),
    membership.MemberRenamed: Wording(
        "{member}: the member has a new name or kind",
        {**_MEMBER, "Name": "name", "Own name": "local_name", "From": "renamed"},
    ),
    membership.MemberMoved: Wording(
        "{member} belongs to {coalition}",
        {**_REASON, "Coalition before": "coalition_before"},
    ),
    membership.MemberCorrected: Wording(
        "{member}: {fact} in the record was corrected",
        {
            "Coalition": "coalition",
            "Of": "of",
            "Recorded": "recorded",
            "Correct": "correct",
            "Reason": "reason",
            "State now": "state",
        },
    ),
    membership.StepCorrected: Wording(
        "{member}: a date in the record was corrected",
        {
            "Coalition": "coalition",
            "Step": "step",
            "Date before": "recorded",
            "Correct date": "correct",
            "Reason": "reason",
            "State now": "state",
        },
    ),
    membership.MembersMerged: Wording(
        "{member} and {merged} are one member",
        {"Coalition": "coalition", "Stays": "member", "Duplicate": "merged", "Reason": "reason"},
    ),
    membership.MemberReassessed: Wording(
        "{member} is {state} by its coalition's statutes", _MEMBER
    ),
    membership.PartnerJoined: Wording(
        "{organisation} works with {member}",
        {"Coalition": "coalition", "Role": "role", "Since": "joined"},
    ),
    membership.PartnerLeft: Wording(
        "{organisation} no longer works with {member}",
        {"Coalition": "coalition", "Since": "left", "Reason": "reason"},
    ),
    membership.ConferenceAnnounced: Wording(
        "Conference: {title}",
        {
            "Coalition": "coalition",
            "Place": "place",
            "Host": "host",
            "Begins": "begins",
            "Ends": "ends",
            "Represented": "represented",
        },
    ),
    membership.ConferenceChanged: Wording(
        "Conference {conference}: changed",
        {
            "Coalition": "coalition",
            "Title": "title",
            "Place": "place",
            "Host": "host",
            "Begins": "begins",
            "Ends": "ends",
            "Reason": "reason",
        },
    ),
    membership.ConferenceCancelled: Wording(
        "Conference {conference}: cancelled",
        {"Coalition": "coalition", "Date": "cancelled", "Reason": "reason"},
    ),
    membership.ConferenceRegistered: Wording(
        "Conference {conference}: who registered",
        {"Coalition": "coalition", "Members": "members", "Organisations": "organisations"},
    ),
    membership.ConferenceCorrected: Wording(
        "Conference {conference}: {fact} in the record was corrected",
        {
            "Coalition": "coalition",
            "Recorded": "recorded",
            "Correct": "correct",
            "Reason": "reason",
        },
    ),
    membership.ConferenceAttended: Wording(
        "Conference {conference}: who took part",
        {"Coalition": "coalition", "Members": "members", "Organisations": "organisations"},
    ),
}
WITHOUT: Final[dict[type[Event], str]] = {
    membership.MemberAbsorbed: "the other side of MembersMerged, of which people are notified",
    membership.PopulationCounted: "how many people live there: no news",
    membership.MemberDescribed: "names in other languages, co-ordinates, a website: no news",
}
ONLY_LISTED: Final[dict[type[Event], Wording]] = {
    membership.MemberAbsorbed: Wording(
        "{member} is one with {into}", {"Coalition": "coalition", "Reason": "reason"}
    ),
    membership.PopulationCounted: Wording(
        "{member}: its population", {"Coalition": "coalition", "Population": "population"}
    ),
    membership.MemberDescribed: Wording(
        "{member}: described",
        {
            "Coalition": "coalition",
            "Names": "names",
            "Latitude": "latitude",
            "Longitude": "longitude",
            "Website": "website",
            "Qualifier": "qualifier",
        },
    ),
}
