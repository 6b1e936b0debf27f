"""Nothing of plans grows for ever, and what is full can still be read and goes on."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.plans.domain import Duty, MemberCommitments, State, by_clock
from shared.cloudevents import MAX_BODY
from shared.contracts.base import MemberRef
from shared.contracts.membership import MemberAbsorbed
from shared.contracts.plans import (
    CommitmentsMoved,
    CommitmentsTakenOver,
    EarlierReportsWaived,
    IndicatorRead,
    ReportAccepted,
    ReportFellDue,
    ReportReminded,
    ReportSubmitted,
)
from shared.domain.dates import months_after
from shared.domain.decider import Refused
from shared.domain.stream import Stream
from shared.domain.versioned import Versioned
from shared.pipeline import bounds
from tests.unit.fold import Folded
from tests.unit.plans_facts import (
    MONTEVIDEO,
    PLAN,
    RULE,
    SIGNED,
    action,
    at,
    holder,
    opened,
    plan,
    report,
    reports,
)

TWIN = MemberRef(name="Monte Video", country="UY", kind="city")
INDICATOR = {"name": "People advised"}
LINKS = [f"https://example.org/{n}/{'x' * 450}" for n in range(5)]


def month(number: int, start: date = date(2000, 1, 1)) -> str:
    return months_after(start, number).isoformat()


def reading(number: int, member: MemberRef = MONTEVIDEO, action: str = "centre") -> IndicatorRead:
    return IndicatorRead.model_validate(
        {
            "member": member,
            "action": action,
            "value": number,
            "as_of": month(number),
            "evidence": LINKS,
        }
    )


def readable(state: State) -> None:
    """A state that is full goes to the store and comes back."""
    document = state.model_dump(mode="json", exclude_defaults=True)
    assert type(state).model_validate(document) == state


def test_an_indicator_has_a_bounded_number_of_readings_and_each_can_still_be_corrected() -> None:
    folded = opened()
    folded.tell(action(indicator=INDICATOR))
    for number in range(60):
        folded.tell(reading(number))
    with pytest.raises(Refused, match="at most 60 readings"):
        folded.tell(reading(60))
    assert folded.tell(reading(59).model_copy(update={"value": 1}))
    readable(holder(folded))


def test_the_past_of_the_last_ten_versions_is_kept() -> None:
    folded = opened()
    for number in range(2, 14):
        folded.tell(PLAN.model_copy(update={"version": number}))
        folded.tell(
            CommitmentsMoved(
                coalition="latin", member=MONTEVIDEO, plan_version=number, moved="2021"
            )
        )
    past = holder(folded).past
    assert [p.plan_version for p in past[::10]] == list(range(3, 13))
    assert len(past) == 100


# --- reports ---------------------------------------------------------------------------------


def full(folded: Folded[State]) -> None:
    """Two hundred reports, one a month, from 2000 on."""
    for number in range(200):
        folded.tell(report(ReportSubmitted, due=month(number), submitted="2020"))


def test_the_oldest_report_leaves_a_full_list_once_it_is_accepted() -> None:
    folded = opened()
    full(folded)
    late = report(ReportSubmitted, due=month(200), submitted="2020")
    with pytest.raises(Refused, match="at most 200 reports; the oldest leaves"):
        folded.tell(late)
    folded.tell(report(ReportAccepted, due=month(0), accepted="2021"))
    folded.tell(late)
    assert [r.due for r in reports(folded).reports] == [month(n) for n in range(1, 201)]
    assert reports(folded).closed == month(0)
    readable(reports(folded))


@pytest.mark.parametrize("number", [0, -1])
def test_what_has_left_the_list_does_not_come_back(number: int) -> None:
    folded = opened()
    full(folded)
    folded.tell(report(ReportAccepted, due=month(0), accepted="2021"))
    folded.tell(report(ReportSubmitted, due=month(200), submitted="2020"))
    folded.tell(report(ReportAccepted, due=month(1), accepted="2021"))
    with pytest.raises(Refused, match="none from before it is added"):
        folded.tell(report(ReportSubmitted, due=month(number), submitted="2020"))
    since = RULE.model_copy(update={"since": month(-12), "every_months": 1})
    folded.tell(since.model_copy(update={"first_after_months": 1}))
    duty = Duty(holder(folded), plan(folded).reporting)
    assert min(one.due for one in by_clock(duty, reports(folded), folded.now.date())) > month(0)


def test_the_clock_asks_for_the_last_report_only_however_old_the_rule() -> None:
    folded = opened()
    folded.tell(SIGNED.model_copy(update={"signed": "0001"}))
    rule = {"since": "0001-01-01", "every_months": 1, "first_after_months": 1}
    folded.tell(RULE.model_copy(update=rule))
    at(folded, "2026-01-01")
    duty = Duty(holder(folded), plan(folded).reporting)
    said = [*by_clock(duty, None, folded.now.date())]
    assert [(type(one), one.due) for one in said] == [
        (EarlierReportsWaived, "2025-12-31"),
        (ReportFellDue, "2025-12-31"),
        (ReportReminded, "2026-01-31"),
        (ReportReminded, "2026-02-28"),
        (ReportReminded, "2026-03-31"),
    ]
    for one in said:
        folded.tell(one)
    assert not [*by_clock(duty, reports(folded), folded.now.date())]


# --- mergers ---------------------------------------------------------------------------------


@pytest.fixture
def merged() -> Folded[State]:
    """A duplicate with as many actions and readings as it may have was merged."""
    folded = opened()
    folded.tell(SIGNED.model_copy(update={"member": TWIN}))
    for number in range(100):
        id_ = f"action-{number:02}"
        recorded = action(id_=id_, point=number % 10 + 1, indicator=INDICATOR)
        folded.tell(recorded.model_copy(update={"member": TWIN}))
        for one in range(5):
            folded.tell(reading(one, TWIN, id_))
    absorbed = {"coalition": "latin", "member": TWIN, "into": MONTEVIDEO}
    folded.tell(
        MemberAbsorbed.model_validate({**absorbed, "state": "merged", "reason": "One city"})
    )
    return folded


def test_a_merger_of_any_size_is_taken_over_in_parts_until_nothing_is_left(
    merged: Folded[State],
) -> None:
    asked = CommitmentsTakenOver(coalition="latin", member=MONTEVIDEO, merged=TWIN)
    stream, rounds = Stream("commitments", MONTEVIDEO.key), 0
    while published := merged.tell(asked):
        rounds += 1
        assert any(isinstance(one, CommitmentsTakenOver) for one in published)
        bodies = [one.model_dump_json().encode() for one in published]
        assert sum(map(len, bodies)) < 2 * MAX_BODY
        assert bounds.check(stream, Versioned(), holder(merged), bodies)
    assert rounds > 1
    assert actions_of(holder(merged)) == actions_of(holder(merged, TWIN))


def actions_of(state: MemberCommitments) -> dict[str, Any]:
    return {a.action: a for commitment in state.commitments for a in commitment.actions}
