"""Membership's decider: which aggregate an event concerns, and what is published because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from services.membership.domain import coalitions, conferences, members, reports
from services.membership.domain.coalitions import Coalition
from services.membership.domain.conferences import Conference
from services.membership.domain.dates import not_in_the_future
from services.membership.domain.members import Member
from shared.contracts.membership import (
    CoalitionEvent,
    ConferenceEvent,
    LeadCityDesignated,
    MemberAbsorbed,
    MemberEvent,
    MemberReviewed,
    MembersMerged,
)
from shared.contracts.plans import ReportFellOverdue, ReportSubmitted
from shared.domain.decider import Context, Decider, Refused, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event

State: TypeAlias = Coalition | Member | Conference


def coalition_stream(id_: str) -> str:
    """The stream of a coalition."""
    return f"coalitions/{id_}"


def member_stream(id_: str) -> str:
    """The stream of a member."""
    return f"members/{id_}"


def conference_stream(id_: str) -> str:
    """The stream of a conference."""
    return f"conferences/{id_}"


class Membership(Decider[State]):
    """Decides and folds membership's events.

    To fold an event is to tell it to the state; to decide it is to see whether that is allowed
    and changes anything.
    """

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """Each aggregate decides what concerns it; most look at their coalition."""
        del cause
        match event:
            case MemberEvent():
                return Route(member_stream(event.subject), _looked_at(event))
            case ReportFellOverdue() | ReportSubmitted():
                return Route(member_stream(event.subject), (coalition_stream(event.coalition),))
            case ConferenceEvent():
                return Route(conference_stream(event.subject), (coalition_stream(event.coalition),))
            case LeadCityDesignated():
                return Route(coalition_stream(event.subject), (member_stream(event.city.key),))
            case _:
                return Route(coalition_stream(event.subject))

    def decide(self, state: State | None, event: Event, context: Context) -> Sequence[Event]:
        """Apply the rules.

        Raises:
            Refused: they do not allow it.
        """
        match event, state:
            case MemberEvent(), Member() | None as member:
                return _decide_member(event, member, context)
            case ((ReportFellOverdue() | ReportSubmitted()), Member() as member):
                return _decide_report(event, member, context)
            case ((ReportFellOverdue() | ReportSubmitted()), None):
                return []
            case CoalitionEvent(), Coalition() | None as coalition:
                return _decide_coalition(event, coalition, context)
            case ConferenceEvent(), Conference() | None as conference:
                return _decide_conference(event, conference, context)
            case _:
                raise Refused("membership has no rule for this event")

    def evolve(self, state: State | None, event: Event) -> State | None:
        """Fold one published event."""
        try:
            match event, state:
                case MemberEvent(), Member() | None:
                    return members.told(state, event)
                case CoalitionEvent(), Coalition() | None:
                    return coalitions.told(state, event)
                case ConferenceEvent(), Conference() | None:
                    return conferences.told(state, event)
                case _:
                    return state
        except Refused:
            return state  # published when the rules were others: it has no effect any more


# --- members ------------------------------


def _looked_at(event: MemberEvent) -> tuple[str, ...]:
    match event:
        case MembersMerged():
            return (coalition_stream(event.coalition), member_stream(event.merged.key))
        case MemberAbsorbed():
            return (coalition_stream(event.coalition), member_stream(event.into.key))
        case _:
            return (coalition_stream(event.coalition),)


def _decide_member(event: MemberEvent, member: Member | None, context: Context) -> Sequence[Event]:
    coalition = _coalition(event.coalition, context)
    if member and member.coalition != event.coalition:
        raise Refused(f"{member.name} belongs to the coalition {member.coalition!r}")
    if member and member.merged_into:
        if isinstance(event, MemberAbsorbed) and event.into.key == member.merged_into:
            return []
        raise Refused(f"{member.name} is one with {member.merged_into!r}: tell it of that one")
    not_in_the_future(event.date, context.now)
    completed = _completed(event, coalition, context)
    told = members.told(member, completed)
    if member and not _is_news(completed, member, told):
        return []
    return [completed.model_copy(update={"member": told.ref, "state": told.state})]


def _completed(event: MemberEvent, coalition: Coalition, context: Context) -> MemberEvent:
    """The event with what only the coalition, or the other of two members, can tell."""
    known: dict[str, object] = {
        "coalition_name": coalition.name,
        "joining_rules": coalition.joining_rules or None,
    }
    match event:
        case MembersMerged():
            duplicate = _duplicate(event, context)
            known |= {"merged": duplicate.ref, "steps": duplicate.steps}
        case MemberAbsorbed():
            known["into"] = _stayer(event, context).ref
        case _:
            pass
    return event.model_copy(update=known)


def _duplicate(event: MembersMerged, context: Context) -> Member:
    merged = context.others.get(member_stream(event.merged.key))
    if not isinstance(merged, Member):
        raise Refused(f"the member {event.merged.key!r} is not known")
    if merged.coalition != event.coalition:
        raise Refused(f"{merged.name} belongs to the coalition {merged.coalition!r}")
    if merged.merged_into not in {None, event.subject}:
        raise Refused(f"{merged.name} is one with {merged.merged_into!r} already")
    return merged


def _stayer(event: MemberAbsorbed, context: Context) -> Member:
    into = context.others.get(member_stream(event.into.key))
    if not isinstance(into, Member) or event.subject not in into.absorbed:
        raise Refused(f"{event.into.key!r} was not merged with it: tell MembersMerged first")
    return into


def _is_news(event: MemberEvent, member: Member, told: Member) -> bool:
    """Whether a member changed; new statutes count where they make it something else."""
    if isinstance(event, MemberReviewed):
        return told.standings != member.standings
    return told != members.of_coalition(member, event)


def _decide_report(
    event: ReportFellOverdue | ReportSubmitted, member: Member, context: Context
) -> Sequence[Event]:
    coalition = context.others.get(coalition_stream(event.coalition))
    if not isinstance(coalition, Coalition) or member.coalition != event.coalition:
        return []
    step = reports.consequence(event, member, coalition, context.now.date().isoformat())
    return _decide_member(step, member, context) if step else []


# --- coalitions and conferences ------------------------------


def _decide_coalition(
    event: CoalitionEvent, coalition: Coalition | None, context: Context
) -> Sequence[Event]:
    coalitions.may_be_told(event, context.now)
    if isinstance(event, LeadCityDesignated):
        event = _with_city(event, context)
    told = coalitions.told(coalition, event)
    if told == coalition:
        return []
    if isinstance(event, LeadCityDesignated):
        event = _by_statutes(event, told, context)
    return [event.model_copy(update={"coalition_name": told.name})]


def _with_city(event: LeadCityDesignated, context: Context) -> LeadCityDesignated:
    """The designation as far as it is its publisher's to say, of a city named in full."""
    event = event.model_copy(update={"becomes_member": None})
    city = context.others.get(member_stream(event.city.key))
    if isinstance(city, Member):
        return event.model_copy(update={"city": city.ref})
    if event.city.name is None:
        raise Refused("a lead city is given by name, kind and country")
    return event


def _by_statutes(
    event: LeadCityDesignated, coalition: Coalition, context: Context
) -> LeadCityDesignated:
    rule = coalition.statutes_on(event.since).lead_cities
    city = context.others.get(member_stream(event.city.key))
    if rule == "any" or (isinstance(city, Member) and city.state == "member"):
        return event
    if rule == "members":
        raise Refused(f"by its statutes only a member leads, which {event.city.name} is not")
    return event.model_copy(update={"becomes_member": True})


def _decide_conference(
    event: ConferenceEvent, conference: Conference | None, context: Context
) -> Sequence[Event]:
    coalition = _coalition(event.coalition, context)
    conferences.may_be_told(event, conference, context.now)
    event = event.model_copy(update={"coalition_name": coalition.name})
    told = conferences.told(conference, event)
    if conference and told == conference.model_copy(update={"coalition_name": coalition.name}):
        return []
    return [event]


def _coalition(id_: str, context: Context) -> Coalition:
    coalition = context.others.get(coalition_stream(id_))
    if not isinstance(coalition, Coalition):
        raise Refused(f"the coalition {id_!r} is not known")
    return coalition
