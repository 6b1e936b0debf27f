"""Nothing is asked of a member while its membership is on hold at its own wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.plans.domain.owed import Record, owed
from shared.contracts.membership import MemberPutOnHold, MemberReinstated
from shared.contracts.plans import ReportExtensionRequested
from tests.unit.plans_facts import (
    MONTEVIDEO,
    RULE,
    holder,
    opened,
    plan,
    report,
    reports,
    tick,
)

if TYPE_CHECKING:
    from services.plans.domain import State
    from tests.unit.fold import Folded

OF: dict[str, Any] = {"coalition": "latin", "member": MONTEVIDEO}
ON_HOLD = MemberPutOnHold(**OF, state="on hold", on_hold="2020-09")
REINSTATED = MemberReinstated(**OF, state="member", reinstated="2022-11-01")


def asked(folded: Folded[State], day: str) -> list[tuple[str, str]]:
    record = Record(holder(folded), plan(folded), reports(folded))
    return [(one.what, one.by) for one in owed(record, day)]


def test_no_report_falls_due_on_hold_and_the_last_one_does_afterwards() -> None:
    folded = opened()
    folded.tell(RULE)
    folded.tell(ON_HOLD)
    assert tick(folded, "2020-10-25") == tick(folded, "2022-10-31") == []
    folded.tell(REINSTATED)
    assert "ReportFellDue" in tick(folded, "2022-11-02")
    assert [one.due for one in reports(folded).reports if one.state == "due"] == ["2022-10-25"]


def test_one_on_hold_owes_nothing_and_is_answered_what_it_asked() -> None:
    folded = opened()
    folded.tell(RULE)
    tick(folded, "2020-10-25")
    folded.tell(report(ReportExtensionRequested, until="2020-12-31", requested="2020-10-25"))
    assert asked(folded, "2020-10-26") == [("report", "member"), ("answer", "secretariat")]
    folded.tell(ON_HOLD)
    assert asked(folded, "2020-10-26") == [("answer", "secretariat")]
