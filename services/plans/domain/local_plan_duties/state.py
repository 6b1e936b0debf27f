"""By when a member is to have a local plan: which it has, and what the clock has said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from shared.contracts.base import Day, EdtfDate, MemberRef, Slug
from shared.contracts.plans import Chased
from shared.domain.state import State
from shared.domain.stream import Stream

if TYPE_CHECKING:
    from services.plans.domain.local_plans.state import LocalPlan
    from shared.contracts.plans import LocalPlanNoted

KIND: Final = "local-plan-duties"
MAX_OWN: Final = 50
"""Local plans that are kept of a member here, the last ones."""
DutyState = Literal["upcoming", "due", "overdue"]


class OwnPlan(State):
    """A local plan that a member has, until when, and whose turn it is.

    Attributes:
        submitted: what awaits a review; returned: what awaits a revision, by `revision_until`.
    """

    plan: Slug
    adopted: EdtfDate
    ends: EdtfDate | None = None
    ended: EdtfDate | None = None
    submitted: EdtfDate | None = None
    returned: EdtfDate | None = None
    revision_until: Day | None = None

    @classmethod
    def of(cls, plan: LocalPlan | None, member: str) -> OwnPlan | None:
        """A plan as one of its holders has it; None where the member is none of them."""
        if plan is None or plan.withdrawn or member not in {h.key for h in plan.holders}:
            return None
        is_returned = plan.verdict == "revise" and not (plan.awaits_review or plan.accepted)
        return cls(
            plan=plan.id,
            adopted=plan.adopted,
            ends=plan.ends_now,
            ended=plan.ended,
            submitted=plan.submitted if plan.awaits_review else None,
            returned=plan.reviewed if is_returned else None,
            revision_until=plan.revision_until if is_returned else None,
        )

    @classmethod
    def noted(cls, event: LocalPlanNoted) -> OwnPlan | None:
        """A plan as an event notes it; None where the member has it no more."""
        if event.adopted is None:
            return None
        return cls(**{name: getattr(event, name) for name in cls.model_fields})


class LocalPlanDuty(State):
    """A member's local plans, and what was said of the one that it owes.

    Attributes:
        plans: by date of adoption.
        due: of which day the rest speaks; it says nothing of another day.
        state: what became of it.
        reminded: the reminders that went out for this deadline, in days before it.
        chased: whose turn it was last to see to it, since it was overdue.
        extended: the day until which the secretariat gave more time.
    """

    id: Slug
    coalition: Slug
    member: MemberRef
    plans: tuple[OwnPlan, ...] = ()
    due: Day | None = None
    state: DutyState = "upcoming"
    reminded: tuple[int, ...] = ()
    chased: Chased | None = None
    extended: Day | None = None


def duty_stream(member: str) -> Stream:
    """The stream of when a member is to have a local plan."""
    return Stream(KIND, member)
