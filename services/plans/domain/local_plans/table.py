"""The table of a local plan: what is decided and what is folded, by type of event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from services.plans.domain.commitments.state import member_stream
from services.plans.domain.following import both
from services.plans.domain.local_plans import correct, decide, evolve
from services.plans.domain.local_plans.state import KIND, LocalPlan
from services.plans.domain.plans.state import plan_stream
from shared.contracts.plans import (
    LocalPlanAccepted,
    LocalPlanAdopted,
    LocalPlanCorrected,
    LocalPlanEnded,
    LocalPlanFollowed,
    LocalPlanRenewed,
    LocalPlanReviewed,
    LocalPlanSubmitted,
)
from shared.domain.decider import Aggregate, by_subject, if_exists, on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.domain.stream import Stream


def _holders_and_plan(event: LocalPlanAdopted) -> Iterable[Stream]:
    yield plan_stream(event.coalition)
    for holder in event.holders:
        yield member_stream(holder.key)


LOCAL_PLANS: Final = Aggregate(
    kind=KIND,
    state=LocalPlan,
    identify=by_subject,
    rows=(
        on(
            LocalPlanAdopted,
            decide=decide.adopt,
            evolve=evolve.adopted,
            looks_at=_holders_and_plan,
        ),
        on(LocalPlanRenewed, decide=decide.renew, evolve=if_exists(evolve.renewed)),
        on(LocalPlanSubmitted, decide=decide.submit, evolve=if_exists(evolve.submitted)),
        on(LocalPlanReviewed, decide=decide.review, evolve=if_exists(evolve.reviewed)),
        on(LocalPlanAccepted, decide=decide.accept, evolve=if_exists(evolve.accepted)),
        on(LocalPlanEnded, decide=decide.end, evolve=if_exists(evolve.ended)),
        on(
            LocalPlanFollowed,
            decide=decide.follow,
            evolve=if_exists(evolve.followed),
            looks_at=both,
        ),
        on(LocalPlanCorrected, decide=correct.correct, evolve=if_exists(evolve.corrected)),
    ),
)
