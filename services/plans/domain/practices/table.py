"""The table of a good practice: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.state import member_stream
from services.plans.domain.following import both
from services.plans.domain.practices import decide, evolve
from services.plans.domain.practices.state import KIND, Practice
from services.plans.domain.reports.state import report_stream
from shared.contracts.plans import (
    PracticeAdopted,
    PracticeAdoptionCorrected,
    PracticeCorrected,
    PracticeFollowed,
    PracticeShared,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.domain.stream import Stream


def _member(
    event: PracticeShared | PracticeAdopted | PracticeAdoptionCorrected,
) -> Iterable[Stream]:
    yield member_stream(event.member.key)


def _member_and_report(event: PracticeShared) -> Iterable[Stream]:
    yield from _member(event)
    if event.report_due:
        yield report_stream(event.member.key)


PRACTICES: Final = Aggregate(
    kind=KIND,
    state=Practice,
    identify=by_subject,
    rows=(
        on(PracticeShared, decide=decide.share, evolve=evolve.shared, looks_at=_member_and_report),
        on(
            PracticeAdopted,
            decide=decide.adopt,
            evolve=if_exists(evolve.adopted),
            looks_at=_member,
        ),
        on(
            PracticeFollowed,
            decide=decide.follow,
            evolve=if_exists(evolve.followed),
            looks_at=both,
        ),
        on(PracticeCorrected, decide=decide.correct, evolve=if_exists(evolve.corrected)),
        on(
            PracticeAdoptionCorrected,
            decide=decide.correct_adoption,
            evolve=if_exists(evolve.adoption_corrected),
            looks_at=_member,
        ),
    ),
)
