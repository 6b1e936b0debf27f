"""The table of a member: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.membership.domain.coalitions.state import stream as coalition_stream
from services.membership.domain.members import correct, decide, evolve, suspension
from services.membership.domain.members.state import KIND, Member, stream
from shared.contracts.identity import id_with
from shared.contracts.membership import (
    ApplicationDeclined,
    ApplicationDeferred,
    ApplicationDropped,
    CityDecided,
    CitySigned,
    ConditionMet,
    ExaminationOpened,
    MemberAbsorbed,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberCorrected,
    MemberDescribed,
    MemberMoved,
    MemberPutOnHold,
    MemberReassessed,
    MemberReinstated,
    MemberRenamed,
    MembersMerged,
    MemberStep,
    MemberSuspended,
    MemberWithdrawn,
    PartnerJoined,
    PartnerLeft,
    PopulationCounted,
    StepCorrected,
)
from shared.contracts.plans import (
    REPORT_ANSWERS,
    ReportFellOverdue,
)
from shared.domain.decider import Aggregate, Row, by_subject, if_exists, on

if TYPE_CHECKING:
    from shared.contracts.membership import MemberEvent
    from shared.contracts.plans import ReportEvent
    from shared.domain.stream import Stream


def _coalition(event: MemberEvent | ReportEvent) -> tuple[Stream, ...]:
    return (coalition_stream(event.coalition),)


def _and_duplicate(event: MembersMerged) -> tuple[Stream, ...]:
    return (coalition_stream(event.coalition), stream(event.merged.key))


def _and_whole(event: MemberDescribed) -> tuple[Stream, ...]:
    whole = (stream(event.part_of),) if event.part_of else ()
    return (coalition_stream(event.coalition), *whole)


def _and_stayer(event: MemberAbsorbed) -> tuple[Stream, ...]:
    return (coalition_stream(event.coalition), stream(event.into.key))


def _and_whom_it_concerns(event: MemberCorrected) -> tuple[Stream, ...]:
    """The coalitions and the members that a correction names, and whoever has the id it gives."""
    found = [coalition_stream(event.coalition)]
    if event.fact == "coalition":
        found += [coalition_stream(id_) for id_ in (event.recorded, event.correct) if id_]
    elif event.fact == "merged into":
        found.append(stream(event.recorded))
    elif event.fact == "part of" and event.correct:
        found.append(stream(event.correct))
    elif event.fact in {"country", "kind"} and event.correct:
        found.append(stream(id_with(event.subject, event.fact, event.correct)))
    return tuple(dict.fromkeys(found))


def _step(event: type[MemberStep]) -> Row[Member]:
    return on(event, decide=decide.take_step, evolve=evolve.step_taken, looks_at=_coalition)


_ANSWERS: Final[tuple[Row[Member], ...]] = tuple(
    on(event, decide=suspension.reinstate_when_answered, looks_at=_coalition)
    for event in REPORT_ANSWERS
)
MEMBERS: Final[Aggregate[Member]] = Aggregate(
    kind=KIND,
    state=Member,
    identify=by_subject,
    rows=(
        _step(MemberApplied),
        _step(CityDecided),
        _step(ConditionMet),
        _step(CitySigned),
        _step(MemberAcceded),
        _step(ExaminationOpened),
        _step(ApplicationDeferred),
        _step(ApplicationDeclined),
        _step(ApplicationDropped),
        _step(MemberAdmitted),
        _step(MemberPutOnHold),
        _step(MemberSuspended),
        _step(MemberReinstated),
        _step(MemberWithdrawn),
        on(
            StepCorrected,
            decide=decide.correct_step,
            evolve=if_exists(evolve.step_corrected),
            looks_at=_coalition,
        ),
        on(
            MemberReassessed,
            decide=decide.reassess,
            evolve=if_exists(evolve.reassessed),
            looks_at=_coalition,
        ),
        on(
            MembersMerged,
            decide=decide.merge,
            evolve=if_exists(evolve.merged),
            looks_at=_and_duplicate,
        ),
        on(
            MemberAbsorbed,
            decide=decide.absorb,
            evolve=evolve.absorbed,
            looks_at=_and_stayer,
        ),
        on(
            MemberRenamed,
            decide=decide.rename,
            evolve=if_exists(evolve.renamed),
            looks_at=_coalition,
        ),
        on(
            MemberMoved,
            decide=correct.move,
            evolve=if_exists(evolve.moved),
            looks_at=_coalition,
        ),
        on(
            MemberCorrected,
            decide=correct.correct,
            evolve=if_exists(evolve.fact_corrected),
            looks_at=_and_whom_it_concerns,
        ),
        on(
            MemberDescribed,
            decide=decide.describe,
            evolve=if_exists(evolve.described),
            looks_at=_and_whole,
        ),
        on(
            PopulationCounted,
            decide=decide.count,
            evolve=if_exists(evolve.counted),
            looks_at=_coalition,
        ),
        on(
            PartnerJoined,
            decide=decide.join_partner,
            evolve=if_exists(evolve.partner_joined),
            looks_at=_coalition,
        ),
        on(
            PartnerLeft,
            decide=decide.part_with_partner,
            evolve=if_exists(evolve.partner_left),
            looks_at=_coalition,
        ),
        on(ReportFellOverdue, decide=suspension.suspend_when_report_overdue, looks_at=_coalition),
        *_ANSWERS,
    ),
)
