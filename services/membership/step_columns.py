"""The columns of a member's steps: the date of each, and what else is said of it."""

from __future__ import annotations

from typing import Final

from shared.contracts.membership import (
    CityDecided,
    CitySigned,
    ConditionMet,
    MemberAcceded,
    MemberAdmitted,
    MemberApplied,
    MemberReinstated,
    MemberStep,
    MemberSuspended,
    MemberWithdrawn,
    StepName,
)

EVENTS: Final[dict[StepName, tuple[type[MemberStep], str]]] = {
    "applied": (MemberApplied, "applied"),
    "decided": (CityDecided, "decided"),
    "condition met": (ConditionMet, "met"),
    "signed": (CitySigned, "signed"),
    "acceded": (MemberAcceded, "acceded"),
    "admitted": (MemberAdmitted, "admitted"),
    "suspended": (MemberSuspended, "suspended"),
    "reinstated": (MemberReinstated, "reinstated"),
    "withdrawn": (MemberWithdrawn, "withdrawn"),
}
"""The event of each step, and where in it the date stands."""
DETAILS: Final[dict[StepName, dict[str, str]]] = {
    "applied": {},
    "decided": {
        "body": "decision_body",
        "vote": "decision_vote",
        "document": "decision_document",
        "condition": "decision_condition",
    },
    "condition met": {},
    "signed": {"signed_by": "signed_by", "document": "signature_document"},
    "acceded": {"document": "accession_document"},
    "admitted": {"vote": "admission_vote", "decision": "admission_decision"},
    "suspended": {"reason": "suspension_reason", "overdue": "overdue_report"},
    "reinstated": {"reason": "reinstatement_reason"},
    "withdrawn": {"reason": "withdrawal_reason"},
}
"""The columns with more about each step, in the order in which the steps are sent."""
STEP_OF: Final = {
    column: step.replace(" ", "_")
    for step, details in DETAILS.items()
    for column in details.values()
}
"""The column with the date of the step that such a column is about."""


def column_of(step: StepName) -> str:
    """The column with the date of a step."""
    return step.replace(" ", "_")


COLUMNS: Final = frozenset(map(column_of, EVENTS))
