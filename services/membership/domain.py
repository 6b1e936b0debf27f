"""Membership's rules: who is in which coalition, since when, by which dated steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from shared.contracts.base import (
    Country,
    EdtfDate,
    Kind,
    MemberRef,
    Model,
    Slug,
    Text,
    covers,
    earliest,
    latest,
    member_id,
)
from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    CoalitionEvent,
    CoalitionFounded,
    CoalitionLaunched,
    LeadCityDesignated,
    MemberAdmitted,
    MemberApplied,
    MemberStep,
    MemberReinstated,
    MemberState,
    MemberSuspended,
    MemberWithdrawn,
)
from shared.decider import Refused, Route, Situation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from shared.contracts.base import Event

StepName = Literal[
    "applied", "decided", "signed", "admitted", "suspended", "reinstated", "withdrawn"
]
STEPS: Final[dict[type[MemberStep], StepName]] = {
    MemberApplied: "applied",
    CityDecided: "decided",
    CitySigned: "signed",
    MemberAdmitted: "admitted",
    MemberSuspended: "suspended",
    MemberReinstated: "reinstated",
    MemberWithdrawn: "withdrawn",
}
JOINING: Final = frozenset({"applied", "decided", "signed", "admitted"})
_REACHED: Final[dict[StepName, MemberState]] = {
    "applied": "applied",
    "decided": "decided",
    "signed": "member",
    "admitted": "member",
    "suspended": "suspended",
    "reinstated": "member",
    "withdrawn": "withdrawn",
}
_RANK: Final[dict[MemberState, int]] = {
    "applied": 1,
    "decided": 2,
    "member": 3,
    "suspended": 4,
    "withdrawn": 5,
}


class LeadCity(Model):
    """A city's time as lead city; it need not be a member."""

    city: MemberRef
    since: EdtfDate
    until: EdtfDate | None = None
    area: Text | None = None


class Coalition(Model):
    """A regional coalition; in creation until it is launched."""

    id: Slug
    name: Text
    acronym: Text | None = None
    founded: EdtfDate | None = None
    in_creation_since: EdtfDate | None = None
    launched: EdtfDate | None = None
    place: Text | None = None
    occasion: Text | None = None
    status: Literal["in creation", "launched"] = "in creation"
    lead_cities: tuple[LeadCity, ...] = ()


class Step(Model):
    """One dated fact of a member's way."""

    step: StepName
    date: EdtfDate
    reason: Text | None = None
    document: str | None = None


class Member(Model):
    """A member, or one on its way to be."""

    id: Slug
    name: Text
    local_name: Text | None = None
    country: Country | None = None
    kind: Kind
    coalition: Slug
    coalition_name: Text | None = None
    state: MemberState
    steps: tuple[Step, ...]


State: TypeAlias = Coalition | Member


def coalition_stream(id_: str) -> str:
    """The stream of a coalition."""
    return f"coalitions/{id_}"


def member_stream(id_: str) -> str:
    """The stream of a member."""
    return f"members/{id_}"


class Membership:
    """Decides and folds membership's events."""

    def route(self, event: Event, cause: tuple[str, str]) -> Route:
        """A coalition decides what concerns it; a member's steps look at its coalition."""
        del cause
        if isinstance(event, MemberStep):
            return Route(member_stream(event.subject), (coalition_stream(event.coalition),))
        return Route(coalition_stream(event.subject))

    def decide(self, event: Event, situation: Situation[State]) -> Sequence[Event]:
        """Apply the rules of joining, or those of a coalition's own life.

        Raises:
            Refused: the rules do not allow it.
        """
        match event, situation.state:
            case MemberStep(), Member() | None as member:
                coalition = situation.others.get(coalition_stream(event.coalition))
                if not isinstance(coalition, Coalition):
                    raise Refused(f"the coalition {event.coalition!r} is not known")
                _not_in_the_future(event.date, situation.now)
                return _decide_step(event, member, coalition)
            case CoalitionFounded(), Coalition() | None as coalition:
                return _decide_founded(event, coalition)
            case CoalitionEvent(), None:
                raise Refused(f"the coalition {event.coalition!r} is not known")
            case CoalitionLaunched(), Coalition() as coalition:
                _not_in_the_future(event.launched, situation.now)
                return _decide_launched(event, coalition)
            case LeadCityDesignated(), Coalition() as coalition:
                return _decide_lead(event, coalition)
            case _:
                raise Refused("membership has no rule for this event")

    def evolve(self, state: State | None, event: Event) -> State | None:
        """Fold one published event."""
        match event:
            case MemberStep():
                return _stepped(event, state if isinstance(state, Member) else None)
            case CoalitionFounded():
                return _founded(event, state if isinstance(state, Coalition) else None)
            case CoalitionLaunched() if isinstance(state, Coalition):
                return state.model_copy(
                    update={
                        "launched": event.launched,
                        "status": "launched",
                        "place": event.place or state.place,
                        "occasion": event.occasion or state.occasion,
                    }
                )
            case LeadCityDesignated() if isinstance(state, Coalition):
                return state.model_copy(update={"lead_cities": _led(event, state.lead_cities)})
            case _:
                return state


def _not_in_the_future(date: str, now: datetime) -> None:
    if earliest(date) > now.date():
        raise Refused(f"{date} lies in the future")


def _says_more(new: str | None, old: str | None, what: str) -> bool:
    """Whether a date tells more than the one we have; a contradiction is refused."""
    if new is None or new == old:
        return False
    if old is None or covers(old, new):
        return True
    if covers(new, old):
        return False
    raise Refused(f"{what} is dated {old} already, which {new} contradicts")


# --- coalitions -----------------------------------------------------------------------------


def _decide_founded(event: CoalitionFounded, coalition: Coalition | None) -> Sequence[Event]:
    named = event.model_copy(update={"coalition_name": event.name})
    if coalition is None:
        return [named]
    if event.name != coalition.name:
        raise Refused(f"the coalition exists under the name {coalition.name!r}")
    if event.acronym and coalition.acronym and event.acronym != coalition.acronym:
        raise Refused(f"the coalition exists under the acronym {coalition.acronym!r}")
    more = (
        _says_more(event.founded, coalition.founded, "its founding"),
        _says_more(event.in_creation_since, coalition.in_creation_since, "its creation"),
        bool(event.acronym and not coalition.acronym),
    )
    return [named] if any(more) else []


def _founded(event: CoalitionFounded, coalition: Coalition | None) -> Coalition:
    if coalition is None:
        return Coalition(
            id=event.coalition,
            name=event.name,
            acronym=event.acronym,
            founded=event.founded,
            in_creation_since=event.in_creation_since,
            place=event.place,
        )
    return coalition.model_copy(
        update={
            "acronym": event.acronym or coalition.acronym,
            "founded": _longer(event.founded, coalition.founded),
            "in_creation_since": _longer(event.in_creation_since, coalition.in_creation_since),
        }
    )


def _longer(new: str | None, old: str | None) -> str | None:
    return max(new, old, key=lambda value: len(value or ""))


def _decide_launched(event: CoalitionLaunched, coalition: Coalition) -> Sequence[Event]:
    if not _says_more(event.launched, coalition.launched, "its launch"):
        return []
    return [event.model_copy(update={"coalition_name": coalition.name})]


def _decide_lead(event: LeadCityDesignated, coalition: Coalition) -> Sequence[Event]:
    if event.city.name is None:
        raise Refused("a lead city is given by name, kind and country")
    for lead in coalition.lead_cities:
        if lead.city.key == event.city.key and lead.area == event.area:
            if not (covers(lead.since, event.since) or covers(event.since, lead.since)):
                continue
            since = _says_more(event.since, lead.since, "the designation")
            until = _says_more(event.until, lead.until, "its end")
            if not since and not until:
                return []
    return [event.model_copy(update={"coalition_name": coalition.name})]


def _led(event: LeadCityDesignated, leads: tuple[LeadCity, ...]) -> tuple[LeadCity, ...]:
    new = LeadCity(city=event.city, since=event.since, until=event.until, area=event.area)
    for index, lead in enumerate(leads):
        same_post = lead.city.key == new.city.key and lead.area == new.area
        if same_post and (covers(lead.since, new.since) or covers(new.since, lead.since)):
            since = _longer(new.since, lead.since)
            until = _longer(new.until, lead.until)
            merged = new.model_copy(update={"since": since, "until": until})
            return (*leads[:index], merged, *leads[index + 1 :])
    return (*leads, new)


# --- members --------------------------------------------------------------------------------


def _decide_step(
    event: MemberStep, member: Member | None, coalition: Coalition
) -> Sequence[Event]:
    step = STEPS[type(event)]
    if member is None:
        _may_begin(event, step)
    elif member.coalition != event.coalition:
        raise Refused(f"{member.name} belongs to the coalition {member.coalition!r}")
    elif step in JOINING:
        if not _joins_further(event, step, member):
            return []
    elif _is_repeated(event, step, member):
        return []
    else:
        _may_change(event, step, member)
    reached = _state_after(event, step, member)
    ref = MemberRef(
        id=event.subject,
        name=member.name if member else event.member.name,
        local_name=(member.local_name if member else None) or event.member.local_name,
        country=member.country if member else event.member.country,
        kind=member.kind if member else event.member.kind,
    )
    return [
        event.model_copy(update={"coalition_name": coalition.name, "member": ref, "state": reached})
    ]


def _may_begin(event: MemberStep, step: StepName) -> None:
    ref = event.member
    if step not in JOINING:
        raise Refused(f"the member {event.subject!r} is not known, so it cannot be {step}")
    if ref.name is None or ref.kind is None:
        raise Refused("a new member is given by name, kind and country")
    if member_id(ref.country, ref.kind, ref.name, ref.local_name) != event.subject:
        raise Refused(f"the id {event.subject!r} is not that of {ref.name!r}")


def _joins_further(event: MemberStep, step: StepName, member: Member) -> bool:
    """Whether a joining step is news: a step that was not dated yet, or a finer date of it."""
    held = [s for s in _period(member, event.date) if s.step == step]
    if not held:
        return True
    return _says_more(event.date, held[-1].date, f"that {member.name} {step}")


def _period(member: Member, date: str) -> Sequence[Step]:
    """The steps since the last withdrawal, if a date lies after it; else all of them."""
    left = [i for i, s in enumerate(member.steps) if s.step == "withdrawn"]
    if left and latest(date) >= earliest(member.steps[left[-1]].date):
        return member.steps[left[-1] + 1 :]
    return member.steps


def _is_repeated(event: MemberStep, step: StepName, member: Member) -> bool:
    last = member.steps[-1]
    return last.step == step and last.date == event.date


def _may_change(event: MemberStep, step: StepName, member: Member) -> None:
    allowed: dict[str, tuple[MemberState, ...]] = {
        "suspended": ("member",),
        "reinstated": ("suspended",),
        "withdrawn": ("applied", "decided", "member", "suspended"),
    }
    if member.state not in allowed[step]:
        raise Refused(f"{member.name} cannot be {step}: its state is {member.state!r}")
    before = [
        s for s in member.steps if s.step in {"suspended", "reinstated", "signed", "admitted"}
    ]
    if before and latest(event.date) < earliest(before[-1].date):
        raise Refused(f"{event.date} lies before {member.name} was {before[-1].step}")


def _state_after(event: MemberStep, step: StepName, member: Member | None) -> MemberState:
    reached = _REACHED[step]
    if member is None or step not in JOINING:
        return reached
    if member.state == "withdrawn":
        return reached if _period(member, event.date) != member.steps else "withdrawn"
    return max(reached, member.state, key=_RANK.__getitem__)


def _stepped(event: MemberStep, member: Member | None) -> Member:
    ref, name = event.member, STEPS[type(event)]
    step = Step(
        step=name,
        date=event.date,
        reason=getattr(event, "reason", None),
        document=getattr(event, "document", None),
    )
    if member is None:
        # What is published names its member in full; the decision above saw to it.
        return Member(
            id=ref.key,
            name=ref.name or ref.key,
            local_name=ref.local_name,
            country=ref.country,
            kind=ref.kind or "city",
            coalition=event.coalition,
            coalition_name=event.coalition_name,
            state=event.state or _REACHED[name],
            steps=(step,),
        )
    period = _period(member, event.date)
    kept = tuple(
        s
        for s in member.steps
        if not (name in JOINING and s.step == name and s in period and covers(s.date, step.date))
    )
    return member.model_copy(
        update={
            "steps": (*kept, step),
            "state": event.state or member.state,
            "local_name": member.local_name or ref.local_name,
        }
    )
