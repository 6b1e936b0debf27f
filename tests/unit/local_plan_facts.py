"""A local plan, as the tests of plans tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from services.plans.domain import LocalPlan, local_plan_stream
from services.plans.reactions import note_local_plans
from shared.contracts.plans import (
    LocalPlanAdopted,
    LocalPlanCorrected,
    LocalPlanEvent,
    LocalPlanReviewed,
    LocalPlanStep,
    Measure,
)
from tests.unit.plans_facts import MONTEVIDEO
from tests.unit.reacting import Holders

if TYPE_CHECKING:
    from services.plans.domain import State
    from services.plans.queries import Concerned
    from shared.contracts.base import Event
    from tests.unit.fold import Folded

E = TypeVar("E", bound=LocalPlanEvent)

OWN: dict[str, Any] = {
    "plan": "montevideo-2008",
    "coalition": "latin",
    "holders": (MONTEVIDEO,),
    "title": "Plan against racism",
    "adopted": "2008-05",
    "body": "council",
    "starts": "2008-07",
    "ends": "2012",
    "measures": (Measure(point=3, title="A centre for those who are discriminated against"),),
}
ADOPTED = LocalPlanAdopted.model_validate(OWN)


def about_plan(kind: type[E], **more: Any) -> E:
    return kind.model_validate({"plan": "montevideo-2008", **more})


def reviewed(on: str, verdict: str = "accepted", **more: Any) -> LocalPlanReviewed:
    review = {"reviewed": on, "reviewer": "Secretariat", "verdict": verdict}
    return about_plan(LocalPlanReviewed, **review, **more)


def mended(step: str, recorded: str, correct: str | None = None) -> LocalPlanCorrected:
    why = {"reason": "the minutes say so"}
    return about_plan(LocalPlanCorrected, step=step, recorded=recorded, correct=correct, **why)


def plan(folded: Folded[State], id_: str = "montevideo-2008") -> LocalPlan:
    state = folded.states[local_plan_stream(id_)]
    assert isinstance(state, LocalPlan)
    return state


def on(folded: Folded[State], day: str) -> str | None:
    return plan(folded).state_on(day)


async def tell_and_note(folded: Folded[State], *events: LocalPlanEvent) -> list[Event]:
    """Tell of a local plan, and note whose it is as the service does by its reaction."""
    noted: list[Event] = []
    for event in events:
        published = folded.tell(event)
        caused = [
            (cast("Any", None), one)
            for one in published
            if isinstance(one, LocalPlanAdopted | LocalPlanStep)
        ]
        async for _, note in note_local_plans(cast("Concerned", Holders(folded)), caused):
            noted += folded.tell(note)
    return noted
