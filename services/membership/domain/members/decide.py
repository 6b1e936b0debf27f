"""What may be said of a member, and what is published because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.members import evolve, merging, partners, placing
from services.membership.domain.members.corrections import corrected, find_corrected
from services.membership.domain.members.guards import (
    completed,
    existing,
    named_in_full,
    published,
    refuse_circle,
    refuse_corrected,
    refuse_left_before_joined,
    refuse_other_than,
)
from services.membership.domain.members.state import Member, MemberName, stream
from shared.contracts.base import check_qualifier, earliest
from shared.contracts.membership import (
    ApplicationDeclined,
    ApplicationDeferred,
    ApplicationDropped,
    CityDecided,
    CitySigned,
    ExaminationOpened,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
)
from shared.domain.dates import agree
from shared.domain.decider import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event
    from shared.contracts.membership import (
        MemberAbsorbed,
        MemberDescribed,
        MemberReassessed,
        MemberRenamed,
        MembersMerged,
        MemberStep,
        PartnerJoined,
        PartnerLeft,
        PopulationCounted,
        StepCorrected,
    )
    from shared.domain.decider import Context

_BEGINNINGS: Final = (
    MemberApplied,
    CityDecided,
    CitySigned,
    MemberAcceded,
    ExaminationOpened,
    ApplicationDeferred,
    ApplicationDeclined,
    ApplicationDropped,
    MemberAdmitted,
)
"""With what a record may begin: an application that was declined is one, whenever it was made."""


# --- steps ------------------------------


def take_step(member: Member | None, event: MemberStep, context: Context) -> Sequence[Event]:
    """Take a step on the way in, or out.

    Raises:
        Refused: it is no beginning, was found to be wrong, or fits nowhere among the others.
    """
    event = completed(member, event, context)
    if member:
        _refuse_corrected(member, event)
    after, problem = evolve.with_step(member or _begun(event), event)
    _refuse(problem)
    return published(member, event, after)


def _begun(event: MemberStep) -> Member:
    if not isinstance(event, _BEGINNINGS):
        step = evolve.STEP_NAMES[type(event)]
        raise Refused(f"the member {event.subject!r} is not known, so it cannot be {step}")
    new = evolve.begun(event)
    if new is None:
        raise Refused("a new member is given by name, kind and country")
    return new


def _refuse_corrected(member: Member, event: MemberStep) -> None:
    step = evolve.STEP_NAMES[type(event)]
    if found := find_corrected(member.steps, member.corrections, step, event.date):
        raise Refused(f"{step} {event.date} was corrected: {found.reason}")
    if step == "condition met" and not any(s.condition for s in member.steps):
        raise Refused(f"no decision of {member.name} on a condition is known")


def _refuse(problem: str | None) -> None:
    if problem:
        raise Refused(problem)


def correct_step(member: Member | None, event: StepCorrected, context: Context) -> Sequence[Event]:
    """Correct a step that is recorded with a wrong date, or never happened.

    Raises:
        Refused: no such step is recorded, or the steps that are left make no way.
    """
    event, member = completed(member, event, context), existing(member, event)
    before = evolve.of_coalition(member, event)
    _refuse(corrected(before.steps, before.corrections, event, before.joining_rules).problem)
    return published(member, event, evolve.step_corrected(member, event))


def reassess(member: Member | None, event: MemberReassessed, context: Context) -> Sequence[Event]:
    """Work out anew what a member is; it is news where the statutes make it something else."""
    event, member = completed(member, event, context), existing(member, event)
    after = evolve.reassessed(member, event)
    if after.standings == member.standings:
        return []
    return [named_in_full(event, after)]


# --- two found to be one ------------------------------


def merge(member: Member | None, event: MembersMerged, context: Context) -> Sequence[Event]:
    """Take over a duplicate, with those of its steps that are missing here.

    Raises:
        Refused: the duplicate is not known, of another coalition, merged elsewhere, or another one
            after all.
    """
    event = completed(member, event, context)
    duplicate = _duplicate(event, context)
    member = existing(member, event)
    if event.merged.key in member.aliases and duplicate.merged_into == member.id:
        return []  # it leads to this one, and nothing is recorded under it
    refuse_corrected(member, "merged", event.merged.key)
    before = evolve.of_coalition(member, event)
    steps = placing.taken_over(before.steps, duplicate.steps, before.joining_rules)
    taken = {"steps": steps, **merging.lacking(before, duplicate)}
    event = event.model_copy(update={"merged": duplicate.ref, **taken})
    return published(member, event, evolve.merged(member, event))


def _duplicate(event: MembersMerged, context: Context) -> Member:
    merged = context.find(stream(event.merged.key), Member)
    if merged is None:
        raise Refused(f"the member {event.merged.key!r} is not known")
    refuse_other_than(merged, event.merged)
    if merged.coalition != event.coalition:
        raise Refused(f"{merged.name} belongs to the coalition {merged.coalition!r}")
    if merged.merged_into not in {None, event.subject}:
        raise Refused(f"{merged.name} is one with {merged.merged_into!r} already")
    return merged


def absorb(member: Member | None, event: MemberAbsorbed, context: Context) -> Sequence[Event]:
    """Become the duplicate of a member that was merged with this one.

    Raises:
        Refused: it was not merged.
    """
    if member and member.merged_into == event.into.key:
        return []
    event = completed(member, event, context)
    into = context.find(stream(event.into.key), Member)
    is_alias = into is not None and event.subject in into.aliases
    if into is None or not (is_alias or event.subject in into.absorbed):
        raise Refused(f"{event.into.key!r} was not merged with it: send MembersMerged first")
    if is_alias and member and member.steps:
        raise Refused(f"{event.subject!r} is a member of its own: if they are one, merge them")
    refuse_other_than(into, event.into)
    event = event.model_copy(update={"into": into.ref})
    after = evolve.absorbed(member, event)
    if after is None:
        raise Refused(f"the member {event.subject!r} is not known")
    return published(member, event, after)


# --- names, facts, partners ------------------------------


def rename(member: Member | None, event: MemberRenamed, context: Context) -> Sequence[Event]:
    """Give a member another name, or kind, from a date on.

    Raises:
        Refused: it would be a city, district or canton of no country.
    """
    event, member = completed(member, event, context), existing(member, event)
    name = MemberName(since=event.renamed, name=event.name, kind=event.kind or member.kind)
    refuse_corrected(member, "renamed", event.renamed, name)
    refuse_corrected(member, "name", event.name, name)
    refuse_corrected(member, "local name", event.local_name, name)
    after = evolve.renamed(member, event)
    if member.country is None and any(n.kind != "association" for n in after.called):
        raise Refused("only an association may be without a country")
    return published(member, event, after)


def describe(member: Member | None, event: MemberDescribed, context: Context) -> Sequence[Event]:
    """Add what has no date.

    Raises:
        Refused: the member is not known, would have its name in too many languages, or lies in no
            such subdivision.
    """
    event, member = completed(member, event, context), existing(member, event)
    try:
        check_qualifier(member.country, event.qualifier)
    except ValueError as error:
        raise Refused(str(error)) from None
    refuse_circle(member, event.part_of, context)
    refuse_corrected(member, "part of", event.part_of)
    refuse_corrected(member, "website", event.website)
    refuse_corrected(member, "qualifier", event.qualifier)
    return published(member, event, evolve.described(member, event))


def count(member: Member | None, event: PopulationCounted, context: Context) -> Sequence[Event]:
    """Record how many people live there, as of a date.

    Raises:
        Refused: the member is not known, or the date was corrected.
    """
    event, member = completed(member, event, context), existing(member, event)
    refuse_corrected(member, "population counted", event.as_of)
    return published(member, event, evolve.counted(member, event))


def join_partner(member: Member | None, event: PartnerJoined, context: Context) -> Sequence[Event]:
    """Begin to work with an organisation.

    Raises:
        Refused: it is a partner since another date, and has not left before.
    """
    event, member = completed(member, event, context), existing(member, event)
    if partners.beginning(member.partners, event) is None:
        for time in partners.times_of(member.partners, event.organisation):
            if time.left is None or earliest(event.joined) < earliest(time.left):
                raise Refused(f"{time.organisation} is a partner since {time.joined}")
    time = partners.Partner(organisation=event.organisation, joined=event.joined)
    refuse_corrected(member, "partner joined", event.joined, time)
    refuse_corrected(member, "partner", event.organisation, time)
    after = evolve.partner_joined(member, event)
    refuse_left_before_joined(after)
    return published(member, event, after)


def part_with_partner(
    member: Member | None, event: PartnerLeft, context: Context
) -> Sequence[Event]:
    """No longer work with an organisation.

    Raises:
        Refused: it is no partner, or left on another date, or before it joined.
    """
    event, member = completed(member, event, context), existing(member, event)
    time = partners.ending(member.partners, event)
    if time is None:
        raise Refused(f"{event.organisation} is no partner")
    if time.left and not agree(time.left, event.left):
        raise Refused(f"{time.organisation} left in {time.left} already")
    refuse_corrected(member, "partner left", event.left, time)
    after = evolve.partner_left(member, event)
    refuse_left_before_joined(after)
    return published(member, event, after)
