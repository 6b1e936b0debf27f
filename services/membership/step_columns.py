"""The columns of a member's steps: the event of each, its date, and what more is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator, Field

from services.membership.domain.members.evolve import STEP_NAMES
from services.membership.domain.members.way import ENDS
from shared.contracts.membership import MemberEvent, MemberStep, Step, StepName
from shared.nearest import meant

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENTS: Final[dict[StepName, type[MemberStep]]] = {
    step: event for event, step in STEP_NAMES.items()
}
"""The event of each step."""
DETAILS: Final[dict[StepName, dict[str, str]]] = {
    "applied": {"paper": "application_paper", "document": "application_document"},
    "decided": {
        "body": "decision_body",
        "vote": "decision_vote",
        "document": "decision_document",
        "condition": "decision_condition",
    },
    "condition met": {},
    "signed": {
        "signed_by": "signed_by",
        "paper": "signature_paper",
        "document": "signature_document",
    },
    "acceded": {"paper": "accession_paper", "document": "accession_document"},
    "under examination": {},
    "deferred": {
        "until": "deferred_until",
        "reason": "deferral_reason",
        "vote": "deferral_vote",
        "decision": "deferral_decision",
    },
    "declined": {
        "reason": "declined_reason",
        "vote": "declined_vote",
        "decision": "declined_decision",
    },
    "dropped": {"reason": "dropped_reason"},
    "admitted": {"vote": "admission_vote", "decision": "admission_decision"},
    "on hold": {
        "until": "on_hold_until",
        "reason": "on_hold_reason",
        "decision": "on_hold_decision",
    },
    "suspended": {"reason": "suspension_reason", "overdue_report": "overdue_report"},
    "reinstated": {"reason": "reinstatement_reason"},
    "withdrawn": {"reason": "withdrawal_reason"},
}
"""The columns with more about each step, in the order in which the steps are sent."""


def column_of(step: StepName) -> str:
    """The column with the date of a step."""
    return step.replace(" ", "_")


COLUMNS: Final = frozenset(map(column_of, EVENTS))
STEP_OF: Final = {
    more: column_of(step) for step, details in DETAILS.items() for more in details.values()
}
"""The column with the date of the step that such a column is about."""


def dated(what: str) -> Any:  # noqa: ANN401 - as pydantic's Field
    """The field of a date."""
    return Field(
        None, description=f"{what}: YYYY, YYYY-MM or YYYY-MM-DD, as precise as its source."
    )


def split(steps: Sequence[Step]) -> tuple[list[Step], tuple[Step, ...]]:
    """The steps that have a column of their own, and those that come again."""
    first: list[Step] = []
    further: list[Step] = []
    for step in steps:
        is_over = any(s.step in ENDS for s in first)
        again = is_over or any(s.step == step.step for s in first)
        (further if again else first).append(step)
    return first, tuple(further)


def cells(steps: Sequence[Step]) -> Iterator[tuple[str, Any]]:
    """What stands in the columns of steps."""
    for step in steps:
        yield column_of(step.step), step.date
        for field, more in DETAILS[step.step].items():
            yield more, getattr(step, field)


def _each_once(order: tuple[str, ...]) -> tuple[str, ...]:
    for column in order:
        if column not in COLUMNS:
            raise ValueError(f"{column!r} is no step: {meant(column, sorted(COLUMNS))}")
    if len({*order}) < len(order):
        raise ValueError("each step once")
    return order


Order = Annotated[tuple[str, ...], AfterValidator(_each_once)]
"""Columns of steps in the order in which these happened."""


def in_order(order: Sequence[str]) -> list[StepName]:
    """All steps as their columns stand; those of an order change places so that they have it."""
    steps = {column_of(step): step for step in DETAILS}
    named = iter(order)
    return [steps[next(named) if column in order else column] for column in steps]


def order_of(first: Sequence[Step]) -> tuple[str, ...]:
    """The columns of steps in their order; none where they stand in it already."""
    names = [step.step for step in first]
    stands = [step for step in DETAILS if step in names]
    return () if names == stands else tuple(map(column_of, names))


def step_event(step: StepName, date: str, more: dict[str, Any]) -> MemberStep:
    """The event of a step."""
    event = EVENTS[step]
    # Its date is the first of what such an event says that no other event of a member does.
    date_field = next(
        field for field in event.model_fields if field not in MemberEvent.model_fields
    )
    return event.model_validate({**more, date_field: date})
