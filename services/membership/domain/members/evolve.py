"""What a member is after an event that was published. Nothing is refused here.

Of a member that is not there, nothing but its first step is published: see the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from services.membership.domain.claims import with_claims
from services.membership.domain.members import corrections, facts, merging, partners, placing
from services.membership.domain.members.state import Member, MemberName, Move, Population, named
from shared.contracts.membership import (
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
    MemberEvent,
    MemberPutOnHold,
    MemberReinstated,
    MemberStep,
    MemberSuspended,
    MemberWithdrawn,
    Step,
    StepName,
)
from shared.domain.corrections.facts import Corrected, corrected
from shared.domain.corrections.kept import of_fact
from shared.domain.dates import agree, by_date, certain_day, in_force, replaced

if TYPE_CHECKING:
    from shared.contracts.membership import (
        MemberAbsorbed,
        MemberCorrected,
        MemberDescribed,
        MemberMoved,
        MemberReassessed,
        MemberRenamed,
        MembersMerged,
        PartnerJoined,
        PartnerLeft,
        PopulationCounted,
        StepCorrected,
    )

E = TypeVar("E", bound=MemberEvent)

STEP_NAMES: Final[dict[type[MemberStep], StepName]] = {
    MemberApplied: "applied",
    CityDecided: "decided",
    ConditionMet: "condition met",
    CitySigned: "signed",
    MemberAcceded: "acceded",
    ExaminationOpened: "under examination",
    ApplicationDeferred: "deferred",
    ApplicationDeclined: "declined",
    ApplicationDropped: "dropped",
    MemberAdmitted: "admitted",
    MemberPutOnHold: "on hold",
    MemberSuspended: "suspended",
    MemberReinstated: "reinstated",
    MemberWithdrawn: "withdrawn",
}
_DETAILS: Final = {
    event: tuple(Step.model_fields.keys() & event.model_fields.keys()) for event in STEP_NAMES
}
_FACTS: Final = {"latitude", "longitude", "website", "qualifier", "part_of"}
_A_STEP: Final = Step(step="applied", date="0001")
"""To be copied: a copy is not validated, so that history is taken as it is, and is made sooner."""


def of_coalition(member: Member, event: MemberEvent) -> Member:
    """A member with what an event says of its coalition: that alone is no news of the member."""
    name = event.coalition_name or member.coalition_name
    rules = member.joining_rules if event.joining_rules is None else event.joining_rules
    return member.model_copy(update={"coalition_name": name, "joining_rules": rules})


def step_of(event: MemberStep) -> Step:
    """What an event says of a step."""
    details = {name: getattr(event, name) for name in _DETAILS[type(event)]}
    return _A_STEP.model_copy(
        update={"step": STEP_NAMES[type(event)], "date": event.date, **details}
    )


def with_step(member: Member, event: MemberStep) -> tuple[Member, str | None]:
    """The member after a step, and why the step does not fit among the others; None if it does."""
    member = of_coalition(member, event)
    placed = placing.with_step(member.steps, step_of(event), member.joining_rules)
    about = f"{STEP_NAMES[type(event)]} {event.date}"
    claims = with_claims(member.also_claimed, event, about)
    after = member.model_copy(update={"steps": placed.steps, "also_claimed": claims})
    return after, placed.problem


def step_taken(member: Member | None, event: MemberStep) -> Member | None:
    """Take a step; with its first one a member begins."""
    member = member or begun(event)
    return with_step(member, event)[0] if member else None


def begun(event: MemberEvent) -> Member | None:
    """A member of whom nothing is recorded; None where it is not named in full."""
    ref = event.member
    if ref.name is None or ref.kind is None:
        return None
    return Member(
        id=ref.key,
        name=ref.name,
        local_name=ref.local_name,
        country=ref.country,
        kind=ref.kind,
        qualifier=ref.qualifier,
        coalition=event.coalition,
        coalition_name=event.coalition_name,
    )


def _with_coalition(change: Callable[[Member, E], Member]) -> Callable[[Member, E], Member]:
    """Change a member that follows what the event says of its coalition."""

    def changed(member: Member, event: E) -> Member:
        return change(of_coalition(member, event), event)

    return changed


@_with_coalition
def step_corrected(member: Member, event: StepCorrected) -> Member:
    """Correct a step, and keep what was recorded."""
    after = corrections.corrected(member.steps, member.corrections, event, member.joining_rules)
    return member.model_copy(update={"steps": after.steps, "corrections": after.corrections})


@_with_coalition
def merged(member: Member, event: MembersMerged) -> Member:
    """Take over what of a duplicate the event names; its steps in their order."""
    absorbed = dict.fromkeys((*member.absorbed, event.merged.key))
    aliases = tuple(one for one in member.aliases if one != event.merged.key)
    member = merging.with_steps(member, event.merged.key, event.steps or ())
    member = merging.with_facts(member, event)
    return member.model_copy(update={"absorbed": tuple(absorbed), "aliases": aliases})


def absorbed(member: Member | None, event: MemberAbsorbed) -> Member | None:
    """Become the duplicate of another, or what only leads to it."""
    member = of_coalition(member, event) if member else begun(event)
    if member is None:
        return None
    undone = of_fact(member.corrections, "merged into", event.into.key)
    corrections = tuple(c for c in member.corrections if c not in undone)
    return member.model_copy(update={"merged_into": event.into.key, "corrections": corrections})


@_with_coalition
def reassessed(member: Member, event: MemberReassessed) -> Member:
    """Follow the statutes' rules of today, which the event brings."""
    del event
    return member


@_with_coalition
def renamed(member: Member, event: MemberRenamed) -> Member:
    """The name in force is the one with the last date; a kind that is not given stays."""
    names = member.called or (member.name_now,)
    current = next((name for name in names if _is_same(name, event)), None)
    before = current or in_force(names, lambda n: n.since, certain_day(event.renamed)) or names[0]
    new = MemberName(
        since=max(event.renamed, current.since or "", key=len) if current else event.renamed,
        name=event.name,
        local_name=event.local_name or (current.local_name if current else None),
        names=event.names or (current.names if current else {}),
        kind=event.kind or before.kind,
    )
    names = by_date(replaced(names, current, new), lambda n: n.since)
    return member.model_copy(update={**named(names[-1]), "called": names})


def _is_same(name: MemberName, event: MemberRenamed) -> bool:
    return bool(name.since and name.name == event.name and agree(name.since, event.renamed))


def moved(member: Member, event: MemberMoved) -> Member:
    """Be in another coalition from a date on, with all that is recorded."""
    left = Move(
        moved=event.moved,
        coalition=member.coalition,
        coalition_name=member.coalition_name,
        joining_rules=member.joining_rules,
    )
    return member.model_copy(
        update={
            "moves": (*member.moves, left),
            "coalition": event.coalition,
            "coalition_name": event.coalition_name,
            "joining_rules": event.joining_rules or (),
        }
    )


def correction(member: Member, event: MemberCorrected) -> Corrected[Member]:
    """What a member is after a correction, or why the correction cannot be made."""
    found = corrected(facts.with_all_names(member), event, facts.FACTS)
    if found.found is None:
        return found._replace(state=member)
    after, problem = facts.unmoved(member, found), found.problem
    if event.fact == "merged" and event.recorded not in after.absorbed:
        after = merging.without_facts(after, event.recorded)
        after, problem = merging.without_steps(after, event.recorded)
    after = _with_alias(facts.settled(after), event)
    return Corrected(of_coalition(after, event), found.found, problem)


def _with_alias(member: Member, event: MemberCorrected) -> Member:
    """With an id that leads to it, from a correction on until it is taken back."""
    others = tuple(one for one in member.aliases if one != event.alias)
    is_new = event.alias and event.correct != event.recorded
    return member.model_copy(update={"aliases": (*others, event.alias) if is_new else others})


def fact_corrected(member: Member, event: MemberCorrected) -> Member:
    """Correct a fact, and keep what was recorded."""
    return correction(member, event).state


@_with_coalition
def described(member: Member, event: MemberDescribed) -> Member:
    """The last word stands, since these facts have no date."""
    names = {**member.names, **(event.names or {})}
    facts = event.model_dump(include=_FACTS, exclude_none=True)
    if member.called:
        last = member.called[-1].model_copy(update={"names": names})
        facts["called"] = (*member.called[:-1], last)
    return member.model_copy(update={"names": names, **facts})


@_with_coalition
def counted(member: Member, event: PopulationCounted) -> Member:
    """So many people live there, as of a date; the last word stands for each date."""
    new = Population(as_of=event.as_of, population=event.population, source=event.source)
    current = next((p for p in member.populations if agree(p.as_of, event.as_of)), None)
    if current:
        date = max(current.as_of, event.as_of, key=len)
        new = new.model_copy(update={"as_of": date, "source": event.source or current.source})
    populations = by_date(replaced(member.populations, current, new), lambda p: p.as_of)
    return member.model_copy(update={"populations": populations})


@_with_coalition
def partner_joined(member: Member, event: PartnerJoined) -> Member:
    """Begin to work with a partner."""
    return member.model_copy(update={"partners": partners.joined(member.partners, event)})


@_with_coalition
def partner_left(member: Member, event: PartnerLeft) -> Member:
    """No longer work with a partner."""
    return member.model_copy(update={"partners": partners.left(member.partners, event)})
