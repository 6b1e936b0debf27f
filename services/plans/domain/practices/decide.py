"""The rules of good practices: who may share one, and who may adopt it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.decide.guards import refuse_unmeant
from services.plans.domain.commitments.state import MemberCommitments, member_stream
from services.plans.domain.following import as_it_is
from services.plans.domain.practices import evolve
from services.plans.domain.practices.state import (
    SHARED,
    Adoption,
    Practice,
    adoption_of,
    find_adoption,
)
from services.plans.domain.reports.state import MemberReports, find_report, report_stream
from shared.domain.corrections.guards import checked, refuse_corrected
from shared.domain.dates import is_older, refuse_future
from shared.domain.decider import Refused
from shared.domain.identity import refuse_another

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.contracts.base import Event, MemberRef
    from shared.contracts.plans import (
        PracticeAdopted,
        PracticeAdoptionCorrected,
        PracticeCorrected,
        PracticeFollowed,
        PracticeShared,
    )
    from shared.domain.decider import Context

MAX_ADOPTIONS: Final = 500
"""Adoptions of one practice at most, so that it always fits into one document."""


def share(practice: Practice | None, event: PracticeShared, context: Context) -> Sequence[Event]:
    """A member shares what worked, or shares it anew.

    Raises:
        Refused: nothing is known of the member, or the practice is another's, or it is no passage
            of the report that it names.
    """
    refuse_future(event.shared, context.now)
    holder = _holder(event, context)
    event = event.model_copy(update={"summary": _summary(event, context)})
    event = event.model_copy(update={"member": _in_full(event.member, holder)})
    if holder and holder.coalition != event.coalition:
        raise Refused(f"{event.member.key!r} belongs to the coalition {holder.coalition!r}")
    if practice is None:
        return [event]
    if practice.member.key != event.member.key:
        raise Refused(f"{event.practice!r} is a practice of {practice.member.key!r}")
    refuse_corrected(
        practice.corrections, SHARED, event.shared, () if practice.withdrawn else {practice.shared}
    )
    if Practice.of(event, practice) == practice:
        return []
    if is_older(event.shared, practice.shared):
        raise Refused(f"the practice was shared {practice.shared}; this is older")
    return [event]


def _summary(event: PracticeShared, context: Context) -> str | None:
    """What the practice is: as it is given, or what a report says of the commitment."""
    if event.report_due is None:
        return event.summary
    reports = context.find(report_stream(event.member.key), MemberReports)
    report, (point,) = find_report(reports, event.report_due), event.points
    texts = {one.point: one.text for one in report.texts} if report else {}
    if report is None or report.submitted is None or point not in texts:
        raise Refused(
            f"{event.member.key!r} has written nothing of commitment {point} in a report that was "
            f"due on {event.report_due} and submitted: only what it wrote itself becomes a practice"
        )
    if event.summary and _words(event.summary) not in _words(texts[point]):
        raise Refused(
            f"the summary is no passage of what the report says of commitment {point}: take it "
            "from there as it is, or leave `report_due` out"
        )
    return event.summary or texts[point]


def _words(text: str) -> str:
    """A text without regard to how its lines are broken."""
    return " ".join(text.split())


def adopt(practice: Practice | None, event: PracticeAdopted, context: Context) -> Sequence[Event]:
    """A member takes a practice over, or tells how it went.

    Raises:
        Refused: there is no such practice, it is the member's own, nothing is known of the
            member, or too many have adopted it.
    """
    refuse_future(event.adopted, context.now)
    practice = _shared(practice, event.practice)
    holder = _holder(event, context)
    member = _in_full(event.member, holder)
    if practice.member.key == member.key:
        raise Refused(f"{event.practice!r} is {member.key!r}'s own practice")
    current = find_adoption(practice, member.key)
    dates = {current.adopted} if current else set[str]()
    refuse_corrected(practice.corrections, adoption_of(member.key), event.adopted, dates)
    _refuse_one_too_many(current, practice)
    if current and (event.adopted, event.outcome) == (current.adopted, current.outcome):
        return []
    coalition = holder.coalition if holder else event.coalition
    completed = {"member": member, "coalition": coalition, "title": practice.title}
    return [event.model_copy(update=completed)]


def _shared(practice: Practice | None, id_: str) -> Practice:
    if practice is None:
        raise Refused(f"no practice {id_!r} is shared")
    if practice.withdrawn:
        raise Refused(
            f"the practice {id_!r} was shared by mistake: {practice.corrections[-1].reason}"
        )
    return practice


def correct(
    practice: Practice | None, event: PracticeCorrected, context: Context
) -> Sequence[Event]:
    """Correct when a practice was shared, or that it was by mistake.

    Raises:
        Refused: it was not shared on that date.
    """
    refuse_future(event.correct, context.now)
    if practice is None:
        raise Refused(f"no practice {event.practice!r} is shared")
    dates = set[str]() if practice.withdrawn else {practice.shared}
    if checked(practice.corrections, SHARED, event, dates) is None:
        return []
    completed = {"title": practice.title, "coalition": practice.coalition}
    return [event.model_copy(update=completed)]


def correct_adoption(
    practice: Practice | None, event: PracticeAdoptionCorrected, context: Context
) -> Sequence[Event]:
    """Correct when a member took a practice over, or that it never did.

    Raises:
        Refused: it did not on that date, or another member is meant than the one of its id.
    """
    refuse_future(event.correct, context.now)
    practice = _shared(practice, event.practice)
    adoption = find_adoption(practice, event.member.key)
    holder = _holder(event, context)
    if holder:
        refuse_another(event.member, holder.member, holder.formerly)
    elif adoption:
        refuse_another(event.member, adoption.member)
    dates = {adoption.adopted} if adoption else set[str]()
    fact = adoption_of(event.member.key)
    if checked(practice.corrections, fact, event, dates) is None:
        return []
    completed: dict[str, object] = {"title": practice.title}
    if adoption:
        completed |= {"member": adoption.member, "coalition": adoption.coalition}
    return [event.model_copy(update=completed)]


def follow(practice: Practice | None, event: PracticeFollowed, context: Context) -> Sequence[Event]:
    """Be a practice of the member that a duplicate was merged into, or of the duplicate again.

    Raises:
        Refused: there is no such practice.
    """
    if practice is None:
        raise Refused(f"no practice {event.practice!r} is shared")
    found = as_it_is(event, context)
    if found is None or evolve.followed(practice, found) == practice:
        return []
    about = {"title": practice.title, "coalition": practice.coalition}
    return [found.model_copy(update=about)]


def _refuse_one_too_many(current: Adoption | None, practice: Practice) -> None:
    if current is None and len(practice.adoptions) >= MAX_ADOPTIONS:
        raise Refused(f"a practice has at most {MAX_ADOPTIONS} adoptions")


def _holder(
    event: PracticeShared | PracticeAdopted | PracticeAdoptionCorrected, context: Context
) -> MemberCommitments | None:
    return context.find(member_stream(event.member.key), MemberCommitments)


def _in_full(member: MemberRef, holder: MemberCommitments | None) -> MemberRef:
    refuse_unmeant(holder, member)
    if holder:
        return holder.member
    if member.name is None:
        raise Refused(f"{member.key!r} holds no commitments: give its name, kind and country")
    return member
