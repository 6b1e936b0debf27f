"""What plans says to itself because of what it accepted, by type of event."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from shared.contracts.base import MemberRef
from shared.contracts.plans import (
    CommitmentRetitled,
    CommitmentsFellDue,
    CommitmentsOpened,
    CommitmentsTakenOver,
    LocalPlanAccepted,
    LocalPlanAdopted,
    LocalPlanCorrected,
    LocalPlanEnded,
    LocalPlanFollowed,
    LocalPlanNoted,
    LocalPlanRenewed,
    LocalPlanReviewed,
    LocalPlanStep,
    LocalPlanSubmitted,
    MemberNoted,
    PlanPointCorrected,
    PlanPublished,
    PracticeAdopted,
    PracticeFollowed,
    PracticeShared,
    ReportGivenBack,
    ReportsFollowed,
    ReportTakenOver,
)
from shared.pipeline.reactions import Caused

if TYPE_CHECKING:
    from services.plans.domain import MemberCommitments
    from services.plans.queries import Concerned
    from shared.contracts.base import Event
    from shared.pipeline.reactions import Reaction


async def open_commitments(
    concerned: Concerned, published: Sequence[Caused[PlanPublished]]
) -> AsyncIterator[Caused[CommitmentsFellDue]]:
    """Who waits for the plan that is published."""
    for cause, event in published:
        async for waiting in concerned.awaiting(event.coalition):
            yield cause, CommitmentsFellDue(coalition=event.coalition, member=waiting.member)


async def follow_members(
    concerned: Concerned, noted: Sequence[Caused[MemberNoted]]
) -> AsyncIterator[
    Caused[
        CommitmentsTakenOver
        | ReportTakenOver
        | ReportGivenBack
        | ReportsFollowed
        | LocalPlanFollowed
        | PracticeFollowed
    ]
]:
    """What a duplicate has, for the member that stays, or for itself again once they are two.

    And a member's reports, for the coalition that it is in now.
    """
    for cause, event in noted:
        if event.into or event.into_before:
            async for followed in _following(concerned, event.member, event.into):
                yield cause, followed
        if event.into:
            yield cause, _taken_over(event.coalition, event.subject, event.into.key)
            async for report in _reports_taken_over(concerned, event, event.into):
                yield cause, report
        elif event.into_before:
            async for due in concerned.handed_in(event.subject):
                about = {"coalition": event.coalition, "due": due, "merged": event.member}
                yield cause, ReportGivenBack(member=event.into_before, **about)
        if event.coalition_before:
            yield cause, ReportsFollowed(coalition=event.coalition, member=event.member)


async def _following(
    concerned: Concerned, member: MemberRef, into: MemberRef | None
) -> AsyncIterator[LocalPlanFollowed | PracticeFollowed]:
    """What names a duplicate is to name the other."""
    async for plan in concerned.naming("local-plans", member.key):
        yield LocalPlanFollowed(plan=plan, member=member, into=into)
    async for practice in concerned.naming("practices", member.key):
        yield PracticeFollowed(practice=practice, member=member, into=into)


async def _reports_taken_over(
    concerned: Concerned, duplicate: MemberNoted | MemberCommitments, into: MemberRef
) -> AsyncIterator[ReportTakenOver]:
    """What a duplicate has handed in is to be there for the other."""
    about = {"coalition": duplicate.coalition, "merged": duplicate.member}
    async for due in concerned.handed_in(duplicate.member.key):
        yield ReportTakenOver(member=into, due=due, **about)


async def take_over_late(
    concerned: Concerned, opened: Sequence[Caused[CommitmentsOpened]]
) -> AsyncIterator[
    Caused[CommitmentsTakenOver | ReportTakenOver | LocalPlanFollowed | PracticeFollowed]
]:
    """Duplicates may have been merged before the member that stays has commitments."""
    causes = {event.subject: cause for cause, event in opened}
    async for duplicate in concerned.merged_into(causes):
        if duplicate.into:
            into, ref = duplicate.into, MemberRef(id=duplicate.into)
            yield causes[into], _taken_over(duplicate.coalition, duplicate.id, into)
            async for report in _reports_taken_over(concerned, duplicate, ref):
                yield causes[into], report
            async for followed in _following(concerned, duplicate.member, ref):
                yield causes[into], followed


async def take_over_the_rest(
    concerned: Concerned, taken: Sequence[Caused[CommitmentsTakenOver]]
) -> AsyncIterator[Caused[CommitmentsTakenOver]]:
    """Each decision takes over a part; the one that finds nothing more publishes nothing.

    Whoever took it over may have been merged meanwhile, and hands it on.
    """
    merged = await concerned.duplicates({event.subject for _, event in taken})
    for cause, event in taken:
        yield cause, _taken_over(event.coalition, event.merged.key, event.subject)
        if into := merged.get(event.subject):
            yield cause, _taken_over(event.coalition, event.subject, into)


async def hand_on_reports(
    concerned: Concerned, taken: Sequence[Caused[ReportTakenOver]]
) -> AsyncIterator[Caused[ReportTakenOver]]:
    """Likewise a report."""
    merged = await concerned.duplicates({event.subject for _, event in taken})
    for cause, event in taken:
        if into := merged.get(event.subject):
            about = {"coalition": event.coalition, "due": event.due, "merged": event.member}
            yield cause, ReportTakenOver(member=MemberRef(id=into), **about)


async def retitle(
    concerned: Concerned, corrected: Sequence[Caused[PlanPointCorrected]]
) -> AsyncIterator[Caused[CommitmentRetitled]]:
    """The commitments whose text was corrected in the plan."""
    for cause, event in corrected:
        about = {"coalition": event.coalition, "plan_version": event.version}
        async for holder in concerned.of_coalition(event.coalition):
            yield cause, CommitmentRetitled(member=holder.member, point=event.point, **about)


async def note_local_plans(
    concerned: Concerned, said: Sequence[Caused[LocalPlanAdopted | LocalPlanStep]]
) -> AsyncIterator[Caused[LocalPlanNoted | LocalPlanFollowed]]:
    """Whose plan it is, or was until now, and whose turn it is.

    A holder that was merged in the very moment in which it was named is followed: each of the two
    is decided in a partition of its own, and did not see the other.
    """
    merged = await concerned.duplicates({one.key for _, e in said for one in e.holders or ()})
    for cause, event in said:
        holders, former = event.holders or (), tuple[MemberRef, ...]()
        if isinstance(event, LocalPlanAdopted | LocalPlanFollowed):
            former = event.former_holders or ()
            for one in holders:
                if into := merged.get(one.key):
                    ref = MemberRef(id=into)
                    yield cause, LocalPlanFollowed(plan=event.plan, member=one, into=ref)
        for holder in (*holders, *former):
            yield cause, LocalPlanNoted(member=holder, plan=event.plan)


async def follow_practices(
    concerned: Concerned,
    said: Sequence[Caused[PracticeShared | PracticeAdopted | PracticeFollowed]],
) -> AsyncIterator[Caused[PracticeFollowed]]:
    """Likewise whoever shares a practice, or adopts it."""
    named = [
        (cause, e, e.into if isinstance(e, PracticeFollowed) else e.member) for cause, e in said
    ]
    merged = await concerned.duplicates({one.key for _, _, one in named if one})
    for cause, event, one in named:
        if one and (into := merged.get(one.key)):
            ref = MemberRef(id=into)
            yield cause, PracticeFollowed(practice=event.practice, member=one, into=ref)


def _taken_over(coalition: str, duplicate: str, into: str) -> CommitmentsTakenOver:
    return CommitmentsTakenOver(
        coalition=coalition, member=MemberRef(id=into), merged=MemberRef(id=duplicate)
    )


REACTIONS: Final[Mapping[type[Event], Reaction[Concerned]]] = {
    PlanPublished: open_commitments,
    PlanPointCorrected: retitle,
    MemberNoted: follow_members,
    CommitmentsOpened: take_over_late,
    CommitmentsTakenOver: take_over_the_rest,
    ReportTakenOver: hand_on_reports,
    LocalPlanAdopted: note_local_plans,
    LocalPlanRenewed: note_local_plans,
    LocalPlanSubmitted: note_local_plans,
    LocalPlanReviewed: note_local_plans,
    LocalPlanAccepted: note_local_plans,
    LocalPlanEnded: note_local_plans,
    LocalPlanFollowed: note_local_plans,
    LocalPlanCorrected: note_local_plans,
    PracticeShared: follow_practices,
    PracticeAdopted: follow_practices,
    PracticeFollowed: follow_practices,
}
