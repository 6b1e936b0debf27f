"""A coalition, its plan and a member, as the tests of plans tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from services.plans.domain import (
    DECIDER,
    Duty,
    MemberCommitments,
    MemberReports,
    Plan,
    State,
    by_clock,
)
from shared.contracts.base import Event, MemberRef
from shared.contracts.membership import CitySigned
from shared.contracts.plans import (
    ActionRecorded,
    CommitmentUpdated,
    PlanPublished,
    ProgressBasisChosen,
    ReportEvent,
    ReportingRuleSet,
    ReportReviewed,
    ReportSubmitted,
)
from shared.domain.stream import Stream
from tests.unit.fold import Folded

MONTEVIDEO = MemberRef(name="Montevideo", country="UY", kind="city")
QUITO = MemberRef(name="Quito", country="EC", kind="city")
TITLES = tuple(f"Commitment {n}" for n in range(1, 11))
PLAN = PlanPublished(coalition="latin", version=1, commitments=TITLES)
SIGNED = CitySigned(coalition="latin", member=MONTEVIDEO, signed="2006-10-25", state="member")
RULE = ReportingRuleSet(
    coalition="latin",
    every_months=24,
    first_after_months=24,
    remind_days=(90, 14),
    overdue_after_days=30,
    since="2020-01-01",
)

R = TypeVar("R", bound=ReportEvent)
E = TypeVar("E", bound=Event)


def opened() -> Folded[State]:
    """The plan is published and Montevideo has signed."""
    folded = Folded(DECIDER)
    folded.tell(PLAN)
    folded.tell(SIGNED)
    return folded


def at(folded: Folded[State], day: str) -> Folded[State]:
    """The same, on another day."""
    folded.now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return folded


def holder(folded: Folded[State], member: MemberRef = MONTEVIDEO) -> MemberCommitments:
    state = folded.states[Stream("commitments", member.key)]
    assert isinstance(state, MemberCommitments)
    return state


def reports(folded: Folded[State]) -> MemberReports:
    state = folded.states[Stream("reports", MONTEVIDEO.key)]
    assert isinstance(state, MemberReports)
    return state


def plan(folded: Folded[State]) -> Plan:
    state = folded.states[Stream("plans", "latin")]
    assert isinstance(state, Plan)
    return state


def names(events: Any) -> list[str]:
    return [type(event).__name__ for event in events]


def update(as_of: str = "2020", status: str = "in progress", point: int = 3) -> CommitmentUpdated:
    return CommitmentUpdated.model_validate(
        {"member": MONTEVIDEO, "point": point, "status": status, "as_of": as_of}
    )


def action(status: str = "in progress", point: int = 3, id_: str = "centre", **more: Any) -> Event:
    fields = {"member": MONTEVIDEO, "point": point, "action": id_, "title": "A centre"}
    return ActionRecorded.model_validate({**fields, "status": status, "as_of": "2020", **more})


def basis(chosen: str = "derived", point: int = 3) -> ProgressBasisChosen:
    return ProgressBasisChosen.model_validate(
        {"member": MONTEVIDEO, "point": point, "basis": chosen}
    )


def report(kind: type[R], due: str = "2020-10-25", **more: Any) -> R:
    return kind.model_validate({"coalition": "latin", "member": MONTEVIDEO, "due": due, **more})


WHY = "the minutes say so"


def mend(kind: type[E], recorded: str, right: str | None = None, **more: Any) -> E:
    """A correction."""
    fields = {"recorded": recorded, "correct": right, "reason": WHY, **more}
    if "member" in kind.model_fields:
        fields = {"member": MONTEVIDEO, **fields}
    if "coalition" in kind.model_fields:
        fields = {"coalition": "latin", **fields}
    return kind.model_validate(fields)


def progress(folded: Folded[State], point: int = 3) -> tuple[str, str | None]:
    """How far a commitment has come, and as of when."""
    current = holder(folded).commitments[point - 1]
    return current.status, current.as_of


DUE = "2020-10-25"


def tick(folded: Folded[State], day: str) -> list[str]:
    """Say what the clock says on a day, until it says no more."""
    at(folded, day)
    duty = Duty(holder(folded), plan(folded).reporting)
    known = reports(folded) if Stream("reports", MONTEVIDEO.key) in folded.states else None
    return names(p for one in by_clock(duty, known, folded.now.date()) for p in folded.tell(one))


def report_state(folded: Folded[State], due: str = DUE) -> str:
    """What became of a report."""
    return next(r.state for r in reports(folded).reports if r.due == due)


def submitted(on: str = "2020-10-20") -> ReportSubmitted:
    """The report is there."""
    return report(ReportSubmitted, submitted=on, title="Second report")


def reviewed(verdict: str, on: str = "2020-11-20", until: str | None = None) -> ReportReviewed:
    """The report was reviewed."""
    fields: dict[str, Any] = {"reviewed": on, "verdict": verdict, "until": until}
    return report(ReportReviewed, reviewer="Secretariat", **fields)
