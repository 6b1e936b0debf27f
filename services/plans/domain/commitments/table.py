"""The table of a member's commitments: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments import evolve, moving
from services.plans.domain.commitments.corrections import decide as correct
from services.plans.domain.commitments.corrections import evolve as corrected
from services.plans.domain.commitments.decide import (
    actions,
    mergers,
    progress,
    standing,
    versions,
)
from services.plans.domain.commitments.decide.idle import fall_idle
from services.plans.domain.commitments.state import KIND, MemberCommitments, member_stream
from services.plans.domain.plans.state import plan_stream
from shared.contracts.membership import MEMBER_EVENTS, MemberEvent
from shared.contracts.plans import (
    ActionCorrected,
    ActionRecorded,
    ChoiceCorrected,
    CommitmentCorrected,
    CommitmentRetitled,
    CommitmentsAwaited,
    CommitmentsChosen,
    CommitmentsFellDue,
    CommitmentsFellIdle,
    CommitmentsGivenBack,
    CommitmentsMoveCorrected,
    CommitmentsMoved,
    CommitmentsOpened,
    CommitmentsTakenOver,
    CommitmentUpdated,
    IndicatorRead,
    MemberNoted,
    ProgressBasisChosen,
    ReadingCorrected,
)
from shared.domain.decider import Aggregate, Row, by_subject, if_exists, on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from shared.domain.stream import Stream

    AboutPlan: TypeAlias = (
        MemberEvent
        | CommitmentsFellDue
        | CommitmentsFellIdle
        | CommitmentsMoved
        | CommitmentsMoveCorrected
        | CommitmentRetitled
    )


def _plan(event: AboutPlan) -> Iterable[Stream]:
    yield plan_stream(event.coalition)


def _duplicate(event: CommitmentsTakenOver) -> Iterable[Stream]:
    yield member_stream(event.merged.key)


_FOLLOWED: Final[tuple[Row[MemberCommitments], ...]] = tuple(
    on(event, decide=standing.follow, looks_at=_plan) for event in MEMBER_EVENTS
)
COMMITMENTS: Final = Aggregate(
    kind=KIND,
    state=MemberCommitments,
    identify=by_subject,
    rows=(
        # --- the member
        *_FOLLOWED,
        on(MemberNoted, evolve=if_exists(evolve.noted)),
        on(CommitmentsAwaited, evolve=evolve.awaited),
        on(CommitmentsFellDue, decide=standing.fall_due, looks_at=_plan),
        on(CommitmentsOpened, evolve=evolve.opened),
        on(
            CommitmentsTakenOver,
            decide=mergers.take_over,
            evolve=if_exists(evolve.taken_over),
            looks_at=_duplicate,
        ),
        on(CommitmentsGivenBack, evolve=if_exists(corrected.given_back)),
        # --- progress
        on(CommitmentUpdated, decide=progress.update, evolve=if_exists(evolve.updated)),
        on(
            ProgressBasisChosen,
            decide=progress.choose_basis,
            evolve=if_exists(evolve.basis_chosen),
        ),
        on(CommitmentsChosen, decide=progress.choose, evolve=if_exists(evolve.chosen)),
        on(
            CommitmentsMoved,
            decide=versions.move,
            evolve=if_exists(evolve.commitments_moved),
            looks_at=_plan,
        ),
        on(
            CommitmentRetitled,
            decide=standing.retitle,
            evolve=if_exists(evolve.retitled),
            looks_at=_plan,
        ),
        on(
            CommitmentsFellIdle,
            decide=fall_idle,
            evolve=if_exists(moving.fell_idle),
            looks_at=_plan,
        ),
        # --- actions
        on(ActionRecorded, decide=actions.record, evolve=if_exists(evolve.action_recorded)),
        on(IndicatorRead, decide=actions.read, evolve=if_exists(evolve.indicator_read)),
        # --- corrections
        on(
            CommitmentCorrected,
            decide=correct.progress,
            evolve=if_exists(corrected.progress_corrected),
        ),
        on(
            ChoiceCorrected,
            decide=correct.choice,
            evolve=if_exists(corrected.choice_corrected),
        ),
        on(
            CommitmentsMoveCorrected,
            decide=correct.move,
            evolve=if_exists(corrected.move_corrected),
            looks_at=_plan,
        ),
        on(
            ActionCorrected,
            decide=correct.action,
            evolve=if_exists(corrected.action_corrected),
        ),
        on(
            ReadingCorrected,
            decide=correct.reading,
            evolve=if_exists(corrected.reading_corrected),
        ),
    ),
)
