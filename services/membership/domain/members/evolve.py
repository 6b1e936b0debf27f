"""What a member is after an event that was published. Nothing is refused here.

Of a member that is not there, nothing but its first step is published: see the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from services.membership.domain.claims import with_claims
from services.membership.domain.members import corrections, partners, placing
from services.membership.domain.members.state import Member, MemberName, named
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
    MemberReinstated,
    MemberStep,
    MemberSuspended,
    MemberWithdrawn,
    Step,
    StepName,
)
from shared.domain.dates import agree, by_date, certain_day, in_force, replaced

if TYPE_CHECKING:
    from shared.contracts.membership import (
        MemberAbsorbed,
        MemberDescribed,
        MemberRenamed,
        MemberReviewed,
        MembersMerged,
        PartnerJoined,
        PartnerLeft,
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
    MemberSuspended: "suspended",
    MemberReinstated: "reinstated",
    MemberWithdrawn: "withdrawn",
}
_DETAILS: Final = {
    event: tuple(Step.model_fields.keys() & event.model_fields.keys()) for event in STEP_NAMES
}
_FACTS: Final = {"latitude", "longitude", "website", "qualifier"}
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


def begun(event: MemberStep) -> Member | None:
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
    """Take over those steps of a duplicate that the event names, in their order."""
    steps = member.steps
    for step in event.steps or ():
        steps = placing.with_step(steps, step, member.joining_rules).steps
    absorbed = dict.fromkeys((*member.absorbed, event.merged.key))
    return member.model_copy(update={"steps": steps, "absorbed": tuple(absorbed)})


@_with_coalition
def absorbed(member: Member, event: MemberAbsorbed) -> Member:
    """Become the duplicate of another."""
    return member.model_copy(update={"merged_into": event.into.key})


@_with_coalition
def reviewed(member: Member, event: MemberReviewed) -> Member:
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
def partner_joined(member: Member, event: PartnerJoined) -> Member:
    """Begin to work with a partner."""
    return member.model_copy(update={"partners": partners.joined(member.partners, event)})


@_with_coalition
def partner_left(member: Member, event: PartnerLeft) -> Member:
    """No longer work with a partner."""
    return member.model_copy(update={"partners": partners.left(member.partners, event)})
